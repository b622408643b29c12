/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules about claims: `Require auth0-claim`, `Require auth0-email-domain`, and
 * %{AUTH0_CLAIM:name} in expressions. `Require valid-user` and `user` are
 * httpd's own.
 *
 * httpd judges `Require expr` before it knows who is there, unless the
 * expression names REMOTE_USER: a rule about claims must name it, too, or a
 * visitor without a session gets 403 and no way to sign in.
 */
#ifndef PWL_HTTPD_REQUIRE_H
#define PWL_HTTPD_REQUIRE_H

#include "httpd/conf.h"

/** Register the providers and the expression function. Call it from
 * register_hooks. */
void pwl_require_register(apr_pool_t *pool);

#endif
