/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail address or telephone number, by the connection. Auth0 has one
 * passwordless connection for text messages, and its name is "sms".
 */
#include "httpd/recipient.h"

#include "core/address.h"
#include "core/phone.h"

int pwl_recipient_is_phone(const pwl_server_conf_t *conf)
{
    return conf->connection && !strcmp(conf->connection, "sms");
}

const char *pwl_recipient_field(const pwl_realm_t *realm)
{
    return pwl_recipient_is_phone(realm->conf) ? "phone_number" : "email";
}

pwl_reason_t pwl_recipient_read(const pwl_realm_t *realm, const char *typed,
                                const char **out, apr_pool_t *pool)
{
    const pwl_server_conf_t *conf = realm->conf;
    pwl_reason_t why;

    if (!pwl_recipient_is_phone(conf))
        return pwl_address_tidy(typed, out, pool);
    why = pwl_phone_tidy(typed, conf->phone_country, out, pool);
    if (why == PWL_OK && !pwl_phone_allowed(*out, conf->phone_prefixes)) {
        why = PWL_PHONE_PREFIX;
        *out = NULL;
    }
    return why;
}

const char *pwl_recipient_of(const pwl_realm_t *realm,
                             const pwl_session_t *session)
{
    return pwl_session_value(session, pwl_recipient_field(realm));
}

int pwl_recipient_is_test(const pwl_realm_t *realm, const char *address,
                          apr_pool_t *pool)
{
    const char *test = realm->conf->test_address;

    return test && address &&
           !strcmp(pwl_address_key(test, pool), pwl_address_key(address, pool));
}
