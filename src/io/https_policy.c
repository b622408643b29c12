/* SPDX-License-Identifier: Apache-2.0 */
#include "io/https_policy.h"

#include <apr_general.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

#include "core/limits.h"
#include "io/gather.h"

#define IDLE_SECONDS 55L
#define LIFE_SECONDS 600L /* then DNS is asked again */
#define AGENT "mod_auth0_pwless"
#define OUR_LIBSSL "OpenSSL/" APR_STRINGIFY(OPENSSL_VERSION_MAJOR) "."

/** Tokens would stay in the buffers of a connection that is kept. */
static CURLcode wipe_records(CURL *curl, void *context, void *unused)
{
    SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT);
    return CURLE_OK;
}

/** A program that another module starts in this process (mod_cgi) has no use
 * for a connection with our secrets on it. libcurl closes it as its own. It
 * makes a few descriptors that cannot be marked so, to wake itself up: they
 * lead nowhere. */
static curl_socket_t open_socket(void *unused, curlsocktype purpose,
                                 struct curl_sockaddr *to)
{
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

CURLcode pwl_https_set_policy(CURL *curl)
{
    PWL_HTTPS_SET(CURLOPT_NOSIGNAL, 1L);
    PWL_HTTPS_SET(CURLOPT_PROTOCOLS_STR, "https");
    PWL_HTTPS_SET(CURLOPT_FOLLOWLOCATION, 0L);
    PWL_HTTPS_SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    PWL_HTTPS_SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    PWL_HTTPS_SET(CURLOPT_SSL_VERIFYPEER, 1L);
    PWL_HTTPS_SET(CURLOPT_SSL_VERIFYHOST, 2L);
    PWL_HTTPS_SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    PWL_HTTPS_SET(CURLOPT_NOPROXY, "");
    PWL_HTTPS_SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    PWL_HTTPS_SET(CURLOPT_TCP_NODELAY, 1L);
    PWL_HTTPS_SET(CURLOPT_QUICK_EXIT, 1L);
    PWL_HTTPS_SET(CURLOPT_MAXCONNECTS, 1L);
    PWL_HTTPS_SET(CURLOPT_MAXAGE_CONN, IDLE_SECONDS);
    PWL_HTTPS_SET(CURLOPT_MAXLIFETIME_CONN, LIFE_SECONDS);
    PWL_HTTPS_SET(CURLOPT_MAXFILESIZE, (long)PWL_ANSWER_MAX_BYTES);
    PWL_HTTPS_SET(CURLOPT_USERAGENT, AGENT);
    /* No compression is offered or undone: what is counted is what came. */
    PWL_HTTPS_SET(CURLOPT_ACCEPT_ENCODING, NULL);
    PWL_HTTPS_SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    PWL_HTTPS_SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    PWL_HTTPS_SET(CURLOPT_WRITEFUNCTION, pwl_gather_body);
    PWL_HTTPS_SET(CURLOPT_HEADERFUNCTION, pwl_gather_header);
    /* With another TLS library, or another release of this one, the context is
     * something else. */
    if (strncmp(curl_version_info(CURLVERSION_NOW)->ssl_version, OUR_LIBSSL,
                strlen(OUR_LIBSSL)) == 0)
        PWL_HTTPS_SET(CURLOPT_SSL_CTX_FUNCTION, wipe_records);
    return CURLE_OK;
}

CURLcode pwl_https_set_settings(CURL *curl, const pwl_https_options_t *options)
{
    const char *ca_file = options->ca_file;

    if (!ca_file)
        ca_file = curl_version_info(CURLVERSION_NOW)->cainfo;
    if (ca_file) {
        PWL_HTTPS_SET(CURLOPT_CAINFO, ca_file);
        /* libcurl keeps the parsed CA store, which takes 70 ms to make, only
         * if it comes from a file alone. */
        PWL_HTTPS_SET(CURLOPT_CAPATH, NULL);
    }
    /* An empty one keeps libcurl from asking the environment. */
    PWL_HTTPS_SET(CURLOPT_PROXY, options->proxy ? options->proxy : "");
    return CURLE_OK;
}
