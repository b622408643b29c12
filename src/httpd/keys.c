/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key set is fetched when none is kept or a token names a key it lacks; who
 * comes meanwhile waits for the one who fetches. io/keysets.c decides who does
 * what, and how often.
 */
#include "httpd/keys.h"

#include <apr_strings.h>

#include "httpd/log.h"
#include "httpd/signin.h"

#define KEYS_POLL apr_time_from_msec(50)

static pwl_result_t fetch_keys(request_rec *r, const pwl_realm_t *realm,
                               apr_interval_time_t limit)
{
    pwl_tenant_t tenant = realm->tenant;
    pwl_tenant_reply_t reply = {0};
    pwl_keysets_t *sets = realm->store->keysets;
    pwl_jwks_t *jwks = NULL;
    apr_time_t began = apr_time_now();
    const char *json;
    apr_size_t len;
    pwl_result_t res;

    if (tenant.https.timeout > limit)
        tenant.https.timeout = limit;
    res = pwl_tenant_jwks(pwl_signin_https(), &tenant, &json, &len, &reply,
                          r->pool);
    if (res.why == PWL_OK)
        res.why = pwl_jwks_parse(json, len, &jwks, r->pool);
    pwl_signin_count_call(realm, PWL_CALL_JWKS, res.why, began, &reply);
    if (res.why != PWL_OK) {
        pwl_keysets_failed(sets, realm->conf->domain, apr_time_now());
        return res;
    }
    pwl_log_event(r, "keys-fetched", realm->conf->domain);
    return pwl_keysets_store(sets, realm->conf->domain,
                             pwl_jwks_minimal(jwks, r->pool), apr_time_now());
}

pwl_result_t pwl_keys_find(request_rec *r, const pwl_realm_t *realm,
                           const char *kid, apr_interval_time_t limit,
                           pwl_jwks_t **jwks)
{
    apr_time_t give_up = apr_time_now() + limit;
    pwl_result_t res = {PWL_JWT_KEY, 0, "the tenant has no such signing key"};
    pwl_keysets_answer_t answer;

    for (;;) {
        pwl_result_t asked =
            pwl_keysets_ask(realm->store->keysets, realm->conf->domain, kid,
                            apr_time_now(), &answer, r->pool);

        if (asked.why != PWL_OK)
            return asked;
        if (answer.state == PWL_KEYSETS_HAVE)
            break;
        if (answer.state == PWL_KEYSETS_NO)
            return res;
        if (answer.state == PWL_KEYSETS_DOWN)
            return (pwl_result_t){PWL_HTTPS_DOWN, 0,
                                  "its signing keys could not be fetched a "
                                  "moment ago; tried again within 5 seconds"};
        if (answer.state == PWL_KEYSETS_FETCH) {
            asked = fetch_keys(r, realm, limit);
            if (asked.why != PWL_OK)
                return asked;
            continue;
        }
        if (apr_time_now() > give_up)
            return res;
        apr_sleep(KEYS_POLL);
    }
    res.why = pwl_jwks_parse(answer.json, strlen(answer.json), jwks, r->pool);
    res.detail = NULL;
    return res;
}
