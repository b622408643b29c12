/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any values in the /authorize address: each parameter is there once, in our
 * order, and decodes to what went in.
 *
 * The input is cut at each NUL into the values, in the order of the struct; an
 * empty one is absent. The last but one is also tried as a PKCE verifier.
 */
#include "target.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/authorize.h"

#define VALUES 11
#define PROMISE(x)                                                             \
    do {                                                                       \
        if (!(x))                                                              \
            abort();                                                           \
    } while (0)

static const char *const names[VALUES] = {
    "client_id",      "redirect_uri", "scope",     "audience",
    "connection",     "login_hint",   "state",     "nonce",
    "code_challenge", "prompt",       "ui_locales"};

/** The next value, or NULL for an empty one. */
static const char *cut(const uint8_t **data, size_t *size, apr_pool_t *pool)
{
    const uint8_t *end = *size ? memchr(*data, 0, *size) : NULL;
    size_t len = end ? (size_t)(end - *data) : *size;
    const char *value = apr_pstrmemdup(pool, (const char *)*data, len);

    *data += len + (end != NULL);
    *size -= len + (end != NULL);
    return *value ? value : NULL;
}

static void check_value(const char **at, const char *name, const char *value)
{
    size_t len = strlen(name);

    if (!value)
        return;
    PROMISE(**at == '&');
    PROMISE(strncmp(*at + 1, name, len) == 0 && (*at)[1 + len] == '=');
    for (*at += len + 2; *value; value++) {
        unsigned int c = (unsigned char)**at;

        if (c == '%') {
            PROMISE(sscanf(*at + 1, "%2X", &c) == 1);
            *at += 2;
        }
        PROMISE(c == (unsigned char)*value);
        (*at)++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int ready;
    pwl_authorize_t authorize = {"t.example.org"};
    const char *values[VALUES];
    const char *challenge, *url, *at;
    apr_pool_t *pool;
    int i;

    if (!ready)
        ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    for (i = 0; i < VALUES; i++)
        values[i] = cut(&data, &size, pool);
    authorize.client_id = values[0];
    authorize.redirect_uri = values[1];
    authorize.scope = values[2];
    authorize.audience = values[3];
    authorize.connection = values[4];
    authorize.login_hint = values[5];
    authorize.state = values[6];
    authorize.nonce = values[7];
    authorize.code_challenge = values[8];
    authorize.prompt = values[9];
    authorize.ui_locales = values[10];

    url = pwl_authorize_url(&authorize, pool);
    at = url + strlen("https://t.example.org/authorize?response_type=code");
    for (i = 0; i < VALUES; i++) {
        check_value(&at, names[i], values[i]);
        if (i == 8 && values[i])
            check_value(&at, "code_challenge_method", "S256");
    }
    PROMISE(*at == '\0');
    challenge = values[9] ? pwl_authorize_challenge(values[9], pool) : NULL;
    PROMISE(!challenge || strlen(challenge) == 43);
    apr_pool_destroy(pool);
    return 0;
}
