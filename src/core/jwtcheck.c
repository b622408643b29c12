/* SPDX-License-Identifier: Apache-2.0 */
#include "core/jwtcheck.h"

#include <string.h>

#include "core/claims.h"

static pwl_result_t yes(void)
{
    return (pwl_result_t){.why = PWL_OK};
}

static pwl_result_t no(pwl_reason_t why, const char *detail)
{
    return (pwl_result_t){.why = why, .detail = detail};
}

int pwl_jwtcheck_is_text(const json_t *claim, const char *want)
{
    const char *text = json_string_value(claim);

    return text && want && strcmp(text, want) == 0;
}

int pwl_jwtcheck_has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return 1;
    return 0;
}

pwl_result_t pwl_jwtcheck_iss(const json_t *claims, const char *issuer)
{
    if (!pwl_jwtcheck_is_text(json_object_get(claims, "iss"), issuer))
        return no(PWL_JWT_ISS, "iss is not https://, Auth0Domain and a slash");
    return yes();
}

static pwl_result_t check_list(const json_t *list, const char *client_id)
{
    int is_for_us = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);

        if (!json_is_string(one))
            return no(PWL_JWT_AUD, "aud holds something that is no string");
        is_for_us |= pwl_jwtcheck_is_text(one, client_id);
    }
    if (!is_for_us)
        return no(PWL_JWT_AUD, "aud does not hold Auth0ClientID");
    return yes();
}

pwl_result_t pwl_jwtcheck_aud(const json_t *claims, const char *client_id)
{
    const json_t *aud = json_object_get(claims, "aud");

    if (json_is_array(aud))
        return check_list(aud, client_id);
    if (!pwl_jwtcheck_is_text(aud, client_id))
        return no(PWL_JWT_AUD, "aud is not Auth0ClientID");
    return yes();
}

pwl_result_t pwl_jwtcheck_exp(const json_t *claims, apr_time_t now,
                              apr_interval_time_t skew)
{
    apr_time_t exp;

    if (!pwl_claims_seconds(json_object_get(claims, "exp"), &exp))
        return no(PWL_JWT_EXP, "exp is missing or no time");
    if (now >= exp + skew)
        return no(PWL_JWT_EXP, "the token has expired (is the clock right?)");
    return yes();
}

pwl_result_t pwl_jwtcheck_iat(const json_t *claims, apr_time_t now,
                              apr_interval_time_t skew, apr_interval_time_t age,
                              const char *too_old)
{
    apr_time_t iat;

    if (!pwl_claims_seconds(json_object_get(claims, "iat"), &iat))
        return no(PWL_JWT_IAT, "iat is missing or no time");
    if (iat > now + skew)
        return no(PWL_JWT_IAT, "iat is in the future (is the clock right?)");
    if (now - iat > age)
        return no(PWL_JWT_IAT, too_old);
    return yes();
}
