/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any values in the address where a browser signs out of the tenant, parted by
 * NUL: the host stays the tenant's, and a form reader finds each value again,
 * once.
 */
#include "target.h"

#include "core/form.h"
#include "core/logouturl.h"
#include "input.h"

static void holds(const pwl_form_t *form, const char *name, const char *value)
{
    pwl_reason_t why;
    const char *found = pwl_form_get(form, name, &why);

    PROMISE(why == PWL_OK && !!found == !!value);
    PROMISE(!value || strcmp(found, value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char host[] = "https://t.example.org/";
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    pwl_logouturl_t want = {.domain = "t.example.org"};
    const char *url, *query, *back;
    pwl_form_t *form;
    pwl_reason_t why;

    want.client_id = input_text(&in, pool);
    want.sid = input_word(&in, pool);
    want.back = input_text(&in, pool);
    want.state = input_word(&in, pool);
    url = pwl_logouturl_make(&want, pool);
    PROMISE(strncmp(url, host, strlen(host)) == 0);
    PROMISE(strspn(url, "abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "-._~%:/?&=") == strlen(url));
    query = strchr(url, '?') + 1;
    PROMISE(pwl_form_parse(query, strlen(query), 5 * size + 1000, &form,
                           pool) == PWL_OK);
    back = want.back;
    if (!want.sid && want.state)
        PROMISE(strncmp(pwl_form_get(form, "returnTo", &why), back,
                        strlen(back)) == 0);
    else
        holds(form, want.sid ? "post_logout_redirect_uri" : "returnTo", back);
    holds(form, "client_id", want.client_id);
    holds(form, "logout_hint", want.sid);
    holds(form, "state", want.sid ? want.state : NULL);
    apr_pool_destroy(pool);
    return 0;
}
