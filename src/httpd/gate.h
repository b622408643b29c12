/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: who may pass to what AuthType Auth0Passwordless guards. */
#ifndef PWL_HTTPD_GATE_H
#define PWL_HTTPD_GATE_H

#include <httpd.h>

int pwl_gate_exempt(request_rec *r); /* access_checker_ex, before the rules */

/** access_checker_ex, after the rules: `Auth0Unauthenticated pass` stands in
 * for a user and for nothing else. mod_authz_core answers 403 here when the
 * rules deny whoever it is, and declines when they might let a user in. */
int pwl_gate_pass(request_rec *r);

int pwl_gate_check(request_rec *r); /* check_authn */

/** fixups: an internal redirect (a front controller's rewrite rule, an
 * ErrorDocument) to where the same sections hold as before. httpd gives it the
 * user of before, without asking anybody; but it has renamed the environment,
 * and the client's headers were scrubbed again, ours with them. Elsewhere, and
 * where mod_lua makes httpd ask all the same, it does nothing. */
int pwl_gate_redirected(request_rec *r);

/** note_auth_failure: a visitor who is signed in but not allowed gets the page
 * that says so, with 403, in place of a challenge to sign in. */
int pwl_gate_denied(request_rec *r, const char *auth_type);

#endif
