/* SPDX-License-Identifier: Apache-2.0 */
/* Where codes of this host go: to e-mail addresses, or to telephones. */
#ifndef PWL_HTTPD_RECIPIENT_H
#define PWL_HTTPD_RECIPIENT_H

#include "httpd/realm.h"

/** Does the connection send text messages? */
int pwl_recipient_is_phone(const pwl_server_conf_t *conf);

/** @return the field that forms and JSON name it by: "email" or
 * "phone_number" */
const char *pwl_recipient_field(const pwl_realm_t *realm);

/**
 * Make an address or number of what was typed.
 * @return as pwl_address_tidy() or pwl_phone_tidy(), or PWL_PHONE_PREFIX for a
 *         number that Auth0PhonePrefix leaves out; *out is NULL unless PWL_OK
 */
pwl_reason_t pwl_recipient_read(const pwl_realm_t *realm, const char *typed,
                                const char **out, apr_pool_t *pool);

/** Whom codes of this connection are sent to, of somebody whose token may name
 * an address and a number. @return NULL when it names none */
const char *pwl_recipient_of(const pwl_realm_t *realm,
                             const pwl_session_t *session);

/** Is this the address of Auth0TestAddress, in any case of letters? Nothing is
 * sent to it, no code is right for it, and it signs nobody in. */
int pwl_recipient_is_test(const pwl_realm_t *realm, const char *address,
                          apr_pool_t *pool);

#endif
