/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pending cookie, and all that is derived from its browser secret.
 *
 * The secret never leaves this file but sealed. What others need of it they
 * get as HMAC-SHA256(secret, label NUL data), each under a label of its own,
 * so that knowing one value (the nonce stands in a URL) tells no other:
 *
 *   browser          the digest in form tokens           first 16 bytes
 *   nonce, pkce      values of the callback, by txn      all, as base64url
 *   mask.LABEL       what hides bytes in shared memory   as many as needed
 *
 * The plain text is parsed although it was authentic: after an upgrade it may
 * be one that another version of this module sealed with the same key.
 */
#include "core/pending.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "core/b64.h"
#include "core/limits.h"

#define VERSION 1
#define PLAIN_BYTES (1 + PWL_BROWSER_BYTES + 8 + 1 + 8)
#define LOOPS_KEPT 255 /* what one byte holds */

static unsigned char *put_seconds(unsigned char *at, apr_time_t when)
{
    apr_uint64_t seconds = when > 0 ? (apr_uint64_t)apr_time_sec(when) : 0;
    int i;

    for (i = 0; i < 8; i++)
        at[i] = (unsigned char)(seconds >> (56 - 8 * i));
    return at + 8;
}

/* @return false for a time that apr_time_t cannot hold */
static int get_seconds(const unsigned char *at, apr_time_t *when)
{
    apr_uint64_t seconds = 0;
    int i;

    for (i = 0; i < 8; i++)
        seconds = seconds << 8 | at[i];
    if (seconds > APR_INT64_MAX / APR_USEC_PER_SEC)
        return 0;
    *when = apr_time_from_sec((apr_time_t)seconds);
    return 1;
}

static void derive(const pwl_pending_t *pending, const char *label,
                   const unsigned char *txn, unsigned char out[32])
{
    if (!pwl_seal_derive(pending->browser, sizeof(pending->browser), label, txn,
                         txn ? PWL_TXN_BYTES : 0, out))
        abort();
}

pwl_reason_t pwl_pending_new(pwl_pending_t *pending, apr_time_t now)
{
    memset(pending, 0, sizeof(*pending));
    if (RAND_bytes(pending->browser, sizeof(pending->browser)) != 1)
        return PWL_SEAL_FAILED;
    pending->renewed = now;
    pending->loop_since = now;
    return PWL_OK;
}

const char *pwl_pending_seal(const pwl_pending_t *pending,
                             const pwl_seal_t *seal, apr_pool_t *pool)
{
    unsigned char plain[PLAIN_BYTES], *at = plain;
    const char *value;

    *at++ = VERSION;
    memcpy(at, pending->browser, PWL_BROWSER_BYTES);
    at = put_seconds(at + PWL_BROWSER_BYTES, pending->renewed);
    *at++ = (unsigned char)(pending->loops < LOOPS_KEPT ? pending->loops
                                                        : LOOPS_KEPT);
    put_seconds(at, pending->loop_since);
    value = pwl_seal_close(seal, plain, sizeof(plain), pool);
    OPENSSL_cleanse(plain, sizeof(plain));
    return value;
}

static int parse(const unsigned char *plain, apr_size_t len, pwl_pending_t *out)
{
    const unsigned char *at = plain;

    if (len != PLAIN_BYTES || *at++ != VERSION)
        return 0;
    memcpy(out->browser, at, PWL_BROWSER_BYTES);
    at += PWL_BROWSER_BYTES;
    if (!get_seconds(at, &out->renewed))
        return 0;
    out->loops = at[8];
    return get_seconds(at + 9, &out->loop_since);
}

pwl_reason_t pwl_pending_open(const char *value, apr_size_t len,
                              const pwl_seal_t *seal, apr_time_t now,
                              apr_interval_time_t life, pwl_pending_t *out,
                              apr_pool_t *pool)
{
    pwl_reason_t why = PWL_PENDING_FORGED; /* until proven good */
    const unsigned char *plain = NULL;
    apr_size_t plain_len = 0;

    if (len > PWL_PENDING_MAX)
        goto out;
    if (pwl_seal_open(seal, value, len, &plain, &plain_len, pool) != PWL_OK)
        goto out;
    if (!parse(plain, plain_len, out))
        goto out;
    why = PWL_PENDING_EXPIRED;
    if (now - out->renewed > life || out->renewed - now > life)
        goto out;
    why = PWL_OK;
out:
    if (plain) /* it holds the secret, and the pool may live on */
        OPENSSL_cleanse((void *)plain, plain_len);
    if (why != PWL_OK)
        OPENSSL_cleanse(out, sizeof(*out));
    return why;
}

static int in_window(const pwl_pending_t *pending, apr_time_t now)
{
    apr_interval_time_t age = now - pending->loop_since;

    return age >= 0 && age <= PWL_LOOP_WINDOW;
}

void pwl_pending_trip(pwl_pending_t *pending, apr_time_t now)
{
    if (!pending->loops || !in_window(pending, now)) {
        pending->loops = 0;
        pending->loop_since = now;
    }
    pending->loops++;
}

void pwl_pending_landed(pwl_pending_t *pending)
{
    pending->loops = 0;
}

int pwl_pending_loop(const pwl_pending_t *pending, apr_time_t now)
{
    return pending->loops >= PWL_LOOP_MAX && in_window(pending, now);
}

void pwl_pending_digest(const pwl_pending_t *pending, unsigned char *out)
{
    unsigned char digest[32];

    derive(pending, "browser", NULL, digest);
    memcpy(out, digest, PWL_TXN_BYTES);
}

const char *pwl_pending_derive(const pwl_pending_t *pending, const char *label,
                               const unsigned char *txn, apr_pool_t *pool)
{
    unsigned char value[32];
    const char *text;

    derive(pending, label, txn, value);
    text = pwl_b64_encode(value, sizeof(value), pool);
    OPENSSL_cleanse(value, sizeof(value));
    return text;
}

void pwl_pending_mask(const pwl_pending_t *pending, const char *label,
                      const unsigned char *txn, unsigned char *bytes,
                      apr_size_t len)
{
    unsigned char mask[32];
    char name[32];
    apr_size_t i;

    /* A prefix of its own: no mask may ever equal a nonce, which is public. */
    if (len > sizeof(mask) || strlen(label) > sizeof(name) - 6)
        abort();
    apr_snprintf(name, sizeof(name), "mask.%s", label);
    derive(pending, name, txn, mask);
    for (i = 0; i < len; i++)
        bytes[i] ^= mask[i];
    OPENSSL_cleanse(mask, sizeof(mask));
}
