/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Auth0AuthorizeParam: name and value, parted by NUL. What is allowed can
 * stand in the URL once, is none of the module's own in any case of letters,
 * and asks of the ID token what it says; what is not is told in one line.
 */
#include "target.h"

#include "core/authparam.h"
#include "core/authorize.h"
#include "core/limits.h"
#include "input.h"

static void check_error(const char *error)
{
    for (; *error; error++)
        PROMISE(*error != '\n' && *error != '\r');
}

static void check_good(const char *name, const char *value, apr_pool_t *pool)
{
    pwl_authorize_t to = {"t.example.org",     .client_id = "c",
                          .redirect_uri = "r", .scope = "s",
                          .audience = "a",     .connection = "email",
                          .login_hint = "h",   .state = "s",
                          .nonce = "n",        .code_challenge = "x"};
    const char *alone = apr_pstrcat(pool, "&", name, "=", NULL);
    apr_table_t *params = apr_table_make(pool, 1);
    pwl_authparam_asked_t asked;
    char *url;

    PROMISE(*name && strlen(name) <= PWL_AUTHPARAM_NAME_MAX);
    PROMISE(*value && strlen(value) <= PWL_AUTHPARAM_VALUE_MAX);
    PROMISE(strcmp(pwl_authorize_encode(name, pool), name) == 0);
    url = apr_pstrdup(pool, pwl_authorize_url(&to, pool));
    *strchr(url, '?') = '&';
    PROMISE(!strcasestr(url, alone));
    apr_table_setn(params, name, value);
    asked = pwl_authparam_asked(params);
    PROMISE(asked.max_age >= 0 &&
            asked.max_age <= apr_time_from_sec(366 * 86400));
    PROMISE(!asked.organization || strcmp(asked.organization, value) == 0);
    PROMISE((strcmp(name, "max_age") == 0) == (asked.max_age > 0));
    PROMISE((strcmp(name, "organization") == 0) == !!asked.organization);
    PROMISE((pwl_authparam_proved(params) != NULL) ==
            (asked.max_age || asked.organization || asked.acr_values ||
             asked.login));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    const char *name = input_text(&in, pool);
    const char *value = input_text(&in, pool);
    const char *error = pwl_authparam_check(name, value, pool);

    if (error)
        check_error(error);
    else
        check_good(name, value, pool);
    apr_pool_destroy(pool);
    return 0;
}
