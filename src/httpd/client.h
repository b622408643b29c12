/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `Auth0Login auth0js` and `lock`: our page, and a client of Auth0's in it.
 *
 *   browser                    httpd                       tenant
 *      | GET login               |                            |
 *      |<-- page, state, nonce --|                            |
 *      | passwordlessStart ---------------------------------->|
 *      | passwordlessLogin ---------------------------------->|
 *      | GET callback?code&state |                            |
 *      |------------------------>| code, PKCE verifier ------>|
 *
 * What comes back is held to what any answer of /authorize is: state of this
 * browser, once; PKCE; nonce (httpd/callback.c). So whatever else may run on
 * the page, it cannot sign in somebody whom the tenant did not check.
 */
#ifndef PWL_HTTPD_CLIENT_H
#define PWL_HTTPD_CLIENT_H

#include "core/text.h"
#include "core/token.h"
#include "httpd/request.h"
#include "io/scriptfile.h"

/** The client of a realm, made at start. */
struct pwl_client_t {
    pwl_scriptfile_t file; /* without an asset when it lies elsewhere */
    const char *url;       /* of the file */
    const char *driver;    /* URL of client.js or lock.js */
};

/** Can the host's Auth0Login work with its Auth0Script?
 * @return NULL, or what to write instead, for a line that begins with the
 *         directive's name */
const char *pwl_client_check(const pwl_server_conf_t *conf, apr_pool_t *pool);

/** Fill realm->client when the host's way in needs one.
 * @return PWL_OK or PWL_SCRIPT_FILE, with detail */
pwl_result_t pwl_client_make(pwl_realm_t *realm, apr_pool_t *pool);

/** Send the page.
 * @param from    return target and address to keep
 * @param notice  why the visitor is here again, or PWL_TEXT_NONE
 * @param args    for it */
int pwl_client_page(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                    pwl_text_key_t notice, const pwl_text_args_t *args);

#endif
