/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form token: written, read, judged.
 *
 * Reading is strict although the seal already proved that we wrote it: an
 * older or newer version of this module may have, and the fuzzer seals what it
 * likes. A length that runs past the end, a byte too many or a NUL inside a
 * text makes it PWL_TOKEN_FORGED, as a broken seal does.
 *
 * The judgement goes from what only an attacker does to what happens to
 * anybody: a token of another step is no accident, an old one is, and one of
 * another browser mostly means that the cookie is gone.
 */
#include "core/token.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include <apr_strings.h>

#include "core/limits.h"

#define VERSION 1
#define FIXED_BYTES (1 + 1 + PWL_TXN_BYTES + PWL_TXN_BYTES + 8 + 2 + 2)
#define AHEAD_MAX apr_time_from_sec(60) /* clocks of several servers differ */

/* What is left to read. */
typedef struct {
    const unsigned char *at;
    apr_size_t left;
} reader_t;

static unsigned char *put_number(unsigned char *at, apr_uint64_t number,
                                 int bytes)
{
    while (bytes-- > 0)
        *at++ = (unsigned char)(number >> (8 * bytes));
    return at;
}

static unsigned char *put_text(unsigned char *at, const char *text,
                               apr_size_t len)
{
    at = put_number(at, len, 2);
    memcpy(at, text, len);
    return at + len;
}

/* @return the next `len` bytes, or NULL when there are not so many */
static const unsigned char *take(reader_t *in, apr_size_t len)
{
    const unsigned char *at = in->at;

    if (len > in->left)
        return NULL;
    in->at += len;
    in->left -= len;
    return at;
}

static int take_number(reader_t *in, int bytes, apr_uint64_t *number)
{
    const unsigned char *at = take(in, (apr_size_t)bytes);
    int i;

    if (!at)
        return 0;
    for (*number = 0, i = 0; i < bytes; i++)
        *number = *number << 8 | at[i];
    return 1;
}

static int take_text(reader_t *in, apr_size_t max, const char **text,
                     apr_pool_t *pool)
{
    const unsigned char *at;
    apr_uint64_t len;

    if (!take_number(in, 2, &len) || len > max)
        return 0;
    at = take(in, (apr_size_t)len);
    if (!at || memchr(at, '\0', (size_t)len))
        return 0;
    *text = apr_pstrmemdup(pool, (const char *)at, (apr_size_t)len);
    return 1;
}

static void clear(pwl_token_t *token)
{
    memset(token, 0, sizeof(*token));
    token->address = token->return_to = "";
}

static int parse(const unsigned char *plain, apr_size_t len, pwl_token_t *out,
                 apr_pool_t *pool)
{
    reader_t in = {plain, len};
    const unsigned char *head = take(&in, 2);
    const unsigned char *txn = take(&in, PWL_TXN_BYTES);
    const unsigned char *browser = take(&in, PWL_TXN_BYTES);
    apr_uint64_t issued;

    if (!head || head[0] != VERSION || !txn || !browser)
        return 0;
    if (!take_number(&in, 8, &issued) ||
        issued > APR_INT64_MAX / APR_USEC_PER_SEC)
        return 0;
    if (!take_text(&in, PWL_ADDRESS_MAX, &out->address, pool) ||
        !take_text(&in, PWL_RETURNTO_MAX, &out->return_to, pool) ||
        in.left != 0)
        return 0;
    out->step = (pwl_step_t)head[1];
    memcpy(out->txn, txn, PWL_TXN_BYTES);
    memcpy(out->browser, browser, PWL_TXN_BYTES);
    out->issued = apr_time_from_sec((apr_time_t)issued);
    return 1;
}

pwl_reason_t pwl_token_new(pwl_token_t *token, pwl_step_t step,
                           const pwl_pending_t *pending, apr_time_t now)
{
    clear(token);
    if (RAND_bytes(token->txn, sizeof(token->txn)) != 1)
        return PWL_SEAL_FAILED;
    token->step = step;
    token->issued = now;
    pwl_pending_digest(pending, token->browser);
    return PWL_OK;
}

const char *pwl_token_seal(const pwl_token_t *token, const pwl_seal_t *seal,
                           apr_pool_t *pool)
{
    const char *address = token->address ? token->address : "";
    const char *return_to = token->return_to ? token->return_to : "";
    apr_size_t address_len = strlen(address);
    apr_size_t return_len = strlen(return_to);
    unsigned char plain[FIXED_BYTES + PWL_ADDRESS_MAX + PWL_RETURNTO_MAX];
    unsigned char *at = plain;
    apr_time_t issued = token->issued > 0 ? apr_time_sec(token->issued) : 0;

    if (address_len > PWL_ADDRESS_MAX || return_len > PWL_RETURNTO_MAX)
        return NULL;
    *at++ = VERSION;
    *at++ = (unsigned char)token->step;
    memcpy(at, token->txn, PWL_TXN_BYTES);
    at += PWL_TXN_BYTES;
    memcpy(at, token->browser, PWL_TXN_BYTES);
    at += PWL_TXN_BYTES;
    at = put_number(at, (apr_uint64_t)issued, 8);
    at = put_text(at, address, address_len);
    at = put_text(at, return_to, return_len);
    return pwl_seal_close(seal, plain, (apr_size_t)(at - plain), pool);
}

static pwl_reason_t judge(const pwl_token_t *token, pwl_step_t step,
                          const pwl_pending_t *pending, apr_time_t now,
                          apr_interval_time_t life)
{
    unsigned char browser[PWL_TXN_BYTES];

    if (token->step != step)
        return PWL_TOKEN_STEP;
    if (now - token->issued > life || token->issued - now > AHEAD_MAX)
        return PWL_TOKEN_EXPIRED;
    if (!pending)
        return PWL_TOKEN_BROWSER;
    pwl_pending_digest(pending, browser);
    if (CRYPTO_memcmp(browser, token->browser, sizeof(browser)) != 0)
        return PWL_TOKEN_BROWSER;
    return PWL_OK;
}

pwl_reason_t pwl_token_open(const char *text, const pwl_seal_t *seal,
                            pwl_step_t step, const pwl_pending_t *pending,
                            apr_time_t now, apr_interval_time_t life,
                            pwl_token_t *out, apr_pool_t *pool)
{
    const unsigned char *plain;
    apr_size_t len, text_len;

    clear(out);
    if (!text || !*text)
        return PWL_TOKEN_MISSING;
    text_len = strlen(text);
    if (text_len > PWL_TOKEN_MAX)
        return PWL_TOKEN_FORGED;
    if (pwl_seal_open(seal, text, text_len, &plain, &len, pool) != PWL_OK)
        return PWL_TOKEN_FORGED;
    if (!parse(plain, len, out, pool)) {
        clear(out);
        return PWL_TOKEN_FORGED;
    }
    return judge(out, step, pending, now, life);
}
