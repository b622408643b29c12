/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libssl, with sockets of our own: its own socket BIO calls write(), which
 * raises SIGPIPE when the peer is gone.
 */
#include "io/wiretls.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/secret.h"

struct pwl_wiretls_t {
    SSL_CTX *context;
    BIO_METHOD *method;
};

struct pwl_wiretls_session_t {
    SSL *ssl;
    unsigned long error; /* of libssl, of the last step */
    int fd;
    int is_gone; /* the peer: closed, or reset the connection */
};

static pwl_result_t failed(const char *detail)
{
    return (pwl_result_t){PWL_STORE_FAILED, 0, detail};
}

/* ---- a BIO that never raises a signal ---- */

/* Is the call to be made again, once the socket is ready? */
static int is_to_wait(pwl_wiretls_session_t *session, ssize_t n)
{
    if (n == 0 || (n < 0 && (errno == ECONNRESET || errno == EPIPE)))
        session->is_gone = 1;
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static int bio_write(BIO *bio, const char *data, int len)
{
    pwl_wiretls_session_t *session = BIO_get_data(bio);
    ssize_t n = send(session->fd, data, (size_t)len, MSG_NOSIGNAL);

    BIO_clear_retry_flags(bio);
    if (is_to_wait(session, n))
        BIO_set_retry_write(bio);
    return (int)n;
}

static int bio_read(BIO *bio, char *out, int max)
{
    pwl_wiretls_session_t *session = BIO_get_data(bio);
    ssize_t n = recv(session->fd, out, (size_t)max, 0);

    BIO_clear_retry_flags(bio);
    if (is_to_wait(session, n))
        BIO_set_retry_read(bio);
    return (int)n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    return command == BIO_CTRL_FLUSH; /* nothing is kept back */
}

/* ---- settings ---- */

/* Nobody is there to be asked for a passphrase. */
static int no_passphrase(char *out, int size, int writing, void *data)
{
    return -1;
}

static apr_status_t forget(void *data)
{
    pwl_wiretls_t *tls = data;

    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->method);
    return APR_SUCCESS;
}

static int make_method(pwl_wiretls_t *tls)
{
    tls->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket");
    return tls->method && BIO_meth_set_write(tls->method, bio_write) &&
           BIO_meth_set_read(tls->method, bio_read) &&
           BIO_meth_set_ctrl(tls->method, bio_ctrl);
}

/* The system's configuration may ask for more. */
static int raise_version(SSL_CTX *context)
{
    return SSL_CTX_get_min_proto_version(context) > TLS1_2_VERSION ||
           SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static const char *load_files(SSL_CTX *context, const char *ca,
                              const char *cert)
{
    if (ca ? SSL_CTX_load_verify_file(context, ca) != 1
           : SSL_CTX_set_default_verify_paths(context) != 1)
        return "ca= names no readable PEM file of certificates";
    if (cert && SSL_CTX_use_certificate_chain_file(context, cert) != 1)
        return "cert= names no readable PEM file that begins with a "
               "certificate";
    if (cert &&
        SSL_CTX_use_PrivateKey_file(context, cert, SSL_FILETYPE_PEM) != 1)
        return "cert= names a file without the certificate's private key, or "
               "with a passphrase on it";
    return NULL;
}

pwl_result_t pwl_wiretls_make(const char *ca, const char *cert,
                              pwl_wiretls_t **out, apr_pool_t *pool)
{
    pwl_wiretls_t *tls = apr_pcalloc(pool, sizeof(*tls));
    pwl_result_t secret = {.why = PWL_OK};
    const char *wrong;

    *out = NULL;
    if (cert)
        secret = pwl_secret_file(cert, pool);
    if (secret.why != PWL_OK)
        return failed(apr_pstrcat(
            pool, "cert= names a file that cannot be used: ", secret.detail,
            NULL));
    apr_pool_cleanup_register(pool, tls, forget, apr_pool_cleanup_null);
    tls->context = SSL_CTX_new(TLS_client_method());
    if (!tls->context || !make_method(tls) || !raise_version(tls->context))
        return failed("libssl cannot be used");
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(tls->context, no_passphrase);
    SSL_CTX_set_options(tls->context, SSL_OP_CLEANSE_PLAINTEXT); /* AUTH */
    SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ERR_clear_error();
    wrong = load_files(tls->context, ca, cert);
    ERR_clear_error();
    if (wrong)
        return failed(wrong);
    *out = tls;
    return (pwl_result_t){.why = PWL_OK};
}

/* ---- one connection ---- */

static int is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 ||
           inet_pton(AF_INET6, host, bytes) == 1;
}

/* The name is sent to the server (RFC 6066, section 3: names only) and has to
 * be in its certificate. */
static int expect(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

    if (is_address(host))
        return X509_VERIFY_PARAM_set1_ip_asc(param, host);
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(ssl, host) && SSL_set1_host(ssl, host);
}

pwl_wiretls_session_t *pwl_wiretls_begin(const pwl_wiretls_t *tls, int fd,
                                         const char *host)
{
    pwl_wiretls_session_t *session = calloc(1, sizeof(*session));
    BIO *bio = BIO_new(tls->method);

    if (!session || !bio || !(session->ssl = SSL_new(tls->context))) {
        BIO_free(bio);
        free(session);
        return NULL;
    }
    session->fd = fd;
    BIO_set_data(bio, session);
    BIO_set_init(bio, 1);
    SSL_set_bio(session->ssl, bio, bio);
    if (!expect(session->ssl, host)) {
        ERR_clear_error();
        pwl_wiretls_end(session);
        return NULL;
    }
    SSL_set_connect_state(session->ssl);
    return session;
}

/* What libssl says of a call that answered `rc`. */
static pwl_wiretls_step_t step(pwl_wiretls_session_t *session, int rc)
{
    switch (SSL_get_error(session->ssl, rc)) {
    case SSL_ERROR_NONE:
        return PWL_WIRETLS_DONE;
    case SSL_ERROR_WANT_READ:
        return PWL_WIRETLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return PWL_WIRETLS_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return PWL_WIRETLS_END;
    default:
        session->error = ERR_peek_last_error();
        ERR_clear_error();
        /* Redis closes connections without TLS's goodbye. Where an answer ends
         * is said by its own protocol. */
        return session->is_gone ? PWL_WIRETLS_END : PWL_WIRETLS_BROKEN;
    }
}

pwl_wiretls_step_t pwl_wiretls_handshake(pwl_wiretls_session_t *session)
{
    ERR_clear_error();
    return step(session, SSL_do_handshake(session->ssl));
}

pwl_wiretls_step_t pwl_wiretls_send(pwl_wiretls_session_t *session,
                                    const char *data, apr_size_t len,
                                    apr_size_t *n)
{
    ERR_clear_error();
    return step(session, SSL_write_ex(session->ssl, data, len, n));
}

pwl_wiretls_step_t pwl_wiretls_receive(pwl_wiretls_session_t *session,
                                       char *out, apr_size_t max, apr_size_t *n)
{
    ERR_clear_error();
    return step(session, SSL_read_ex(session->ssl, out, max, n));
}

int pwl_wiretls_is_quiet(const pwl_wiretls_session_t *session)
{
    return !session->is_gone && !SSL_has_pending(session->ssl) &&
           !SSL_get_shutdown(session->ssl);
}

const char *pwl_wiretls_explain(const pwl_wiretls_session_t *session)
{
    switch (SSL_get_verify_result(session->ssl)) {
    case X509_V_OK:
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "the certificate of the Redis is for another name: give the "
               "one in it in Auth0SessionStore";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "the certificate of the Redis has expired, or is not good yet "
               "(is the clock right?)";
    default:
        return "the certificate of the Redis is signed by nobody we trust: "
               "name its authority by ca=FILE in Auth0SessionStore";
    }
    switch (ERR_GET_REASON(session->error)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        return "Redis wants a certificate of ours that it trusts: cert=FILE "
               "in Auth0SessionStore, or tls-auth-clients no there";
    case SSL_R_WRONG_VERSION_NUMBER:
        return "what answers there speaks no TLS: is it redis:// on this "
               "port?";
    default:
        return "TLS with Redis failed: is it redis:// on this port?";
    }
}

void pwl_wiretls_end(pwl_wiretls_session_t *session)
{
    if (!session)
        return;
    SSL_free(session->ssl);
    free(session);
}
