/* SPDX-License-Identifier: Apache-2.0 */
/* The way out to the tenant's own sign-in page (GET /authorize). */
#ifndef PWL_HTTPD_HOSTED_H
#define PWL_HTTPD_HOSTED_H

#include "core/token.h"
#include "httpd/request.h"

/**
 * Redirect to /authorize with state, nonce and PKCE bound to this browser.
 * Stops with a page, and takes our cookies back, when the browser keeps coming
 * back without a session.
 * @param from   return target to keep
 * @param hint   address to fill in there, tidied; NULL or "": none
 * @param other  asked for is another account than the one signed in here or
 *               there: the tenant is to ask who it is
 */
int pwl_hosted_go(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                  const char *hint, int other);

/** The tenant wants more than a code (a second factor, a CAPTCHA): redirect to
 * its own page, with the address filled in. The callback lets nobody but that
 * address in.
 * @param token  address and return target
 * @param asked  what the tenant said, for the log */
int pwl_hosted_continue(request_rec *r, pwl_request_t *rq,
                        const pwl_token_t *token, pwl_result_t asked);

/** What only the tenant's page can have proved (Auth0AuthorizeParam), so that
 * this host neither sends codes nor takes any, in forms or in JSON.
 * @return the parameter's name, or NULL: codes are good here */
const char *pwl_hosted_only(const pwl_realm_t *realm);

/** Answer a POST to `login` or `code` of such a host: on to the tenant.
 * @param token  return target; and an address, which nobody but whom it belongs
 *               to comes back as, or "" */
int pwl_hosted_instead(request_rec *r, pwl_request_t *rq,
                       const pwl_token_t *token);

/** What runs in the page could not finish (auth0.js, Lock): a page that offers
 * the way to the tenant's own, in words that go with `asked`.
 * @param token  return target, and an address to fill in or "" */
int pwl_hosted_offer(request_rec *r, pwl_request_t *rq,
                     const pwl_token_t *token, pwl_result_t asked);

#endif
