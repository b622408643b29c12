/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JWS: header.payload.signature, each strict base64url.
 *
 *   pwl_jws_read()    split -> header -> payload      says what may be tried
 *   pwl_jws_verify()  cjose, with one key             says whether it is true
 *
 * Must stay true:
 *  1. The header's `alg` is compared with the configured one, byte by byte,
 *     before any key is touched; "none", HMAC with a public key and all other
 *     confusions end there. cjose reads the same header again, and since
 *     duplicate keys are refused it cannot read another `alg`.
 *  2. What an extension of RFC 7515 could change about the meaning (crit, b64,
 *     zip) is refused, understood or not. Where to find a key (jku, x5u, jwk,
 *     x5c) is our business alone, so those members are not looked at.
 *  3. Base64url has one spelling per value here, so the bytes we decode are
 *     the bytes cjose verifies.
 *  4. Nothing of ours is left in libcrypto's error queue: it belongs to the
 *     thread, and mod_ssl, which reads it after us, would blame a connection.
 */
#include "core/jws.h"

#include <cjose/cjose.h>
#include <openssl/err.h>
#include <string.h>
#include <apr_cstr.h>
#include <apr_strings.h>

#include "core/b64.h"
#include "core/hidden.h"
#include "core/json.h"
#include "core/jwks.h"
#include "core/limits.h"

#define PARTS 3           /* of a signed token */
#define ENCRYPTED_PARTS 5 /* of an encrypted one (JWE) */

typedef struct {
    const char *text;
    apr_size_t len;
} part_t;

static pwl_reason_t split(const char *text, apr_size_t len, part_t *parts)
{
    const char *end = text + len;
    int count = 0;

    for (;;) {
        const char *dot = memchr(text, '.', (apr_size_t)(end - text));
        const char *stop = dot ? dot : end;

        if (count < PARTS) {
            parts[count].text = text;
            parts[count].len = (apr_size_t)(stop - text);
        }
        count++;
        if (!dot)
            break;
        text = dot + 1;
    }
    if (count == ENCRYPTED_PARTS)
        return PWL_JWT_ENCRYPTED;
    return count == PARTS ? PWL_OK : PWL_JWT_MALFORMED;
}

/* @return the part's bytes with a NUL after the last; NULL when malformed */
static char *decode(const part_t *part, apr_size_t *len, apr_pool_t *pool)
{
    apr_size_t max = PWL_B64_BYTES(part->len);
    unsigned char *bytes = apr_palloc(pool, max + 1);

    if (!pwl_b64_decode(part->text, part->len, bytes, max, len))
        return NULL;
    bytes[*len] = '\0';
    return (char *)bytes;
}

static pwl_reason_t check_alg(const json_t *header, pwl_alg_t want)
{
    const char *alg = pwl_json_string(header, "alg");
    const char *word = pwl_jws_alg_word(want);

    /* No word: `want` is none of ours, and "" must not match "". */
    if (!alg || !*word || strcmp(alg, word) != 0)
        return PWL_JWT_ALG;
    return PWL_OK;
}

static pwl_reason_t check_typ(const json_t *header, const char *other)
{
    const json_t *member = json_object_get(header, "typ");
    const char *typ = json_string_value(member);

    if (!member)
        return PWL_OK;
    if (typ && apr_cstr_casecmp(typ, "JWT") == 0)
        return PWL_OK;
    if (typ && other && apr_cstr_casecmp(typ, other) == 0)
        return PWL_OK;
    return PWL_JWT_TYP;
}

static pwl_reason_t check_kid(const json_t *header, const char **out,
                              apr_pool_t *pool)
{
    const json_t *member = json_object_get(header, "kid");
    const char *kid = json_string_value(member);
    apr_size_t len;
    apr_size_t i;

    if (!member)
        return PWL_OK;
    if (!kid)
        return PWL_JWT_KID;
    len = json_string_length(member);
    if (len == 0 || len > PWL_JWT_KID_MAX)
        return PWL_JWT_KID;
    for (i = 0; i < len; i++)
        if (kid[i] < 0x21 || kid[i] > 0x7e)
            return PWL_JWT_KID;
    *out = apr_pstrmemdup(pool, kid, len);
    return PWL_OK;
}

static pwl_reason_t check_header(const json_t *header, pwl_alg_t want,
                                 const char *other_typ)
{
    pwl_reason_t why = check_alg(header, want);

    if (why != PWL_OK)
        return why;
    if (json_object_get(header, "crit"))
        return PWL_JWT_CRIT;
    if (json_object_get(header, "b64") || json_object_get(header, "zip"))
        return PWL_JWT_HEADER;
    return check_typ(header, other_typ);
}

static pwl_reason_t read_header(const part_t *part, pwl_alg_t want,
                                const char *other_typ, const char **kid,
                                apr_pool_t *pool)
{
    json_t *header;
    apr_size_t len;
    const char *text = decode(part, &len, pool);
    pwl_reason_t why;

    if (!text)
        return PWL_JWT_MALFORMED;
    why = pwl_json_parse_pool(text, len, PWL_JWT_MAX_BYTES, &header, pool);
    if (why != PWL_OK || !json_is_object(header))
        return PWL_JWT_HEADER;
    why = check_header(header, want, other_typ);
    if (why != PWL_OK)
        return why;
    return check_kid(header, kid, pool);
}

static pwl_reason_t read_token(const char *text, apr_size_t len, pwl_alg_t want,
                               const char *other_typ, pwl_jws_t *out,
                               apr_pool_t *pool)
{
    part_t parts[PARTS];
    pwl_reason_t why;

    memset(out, 0, sizeof(*out));
    if (!text || len == 0)
        return PWL_JWT_MALFORMED;
    if (len > PWL_JWT_MAX_BYTES)
        return PWL_JWT_TOO_LARGE;
    why = split(text, len, parts);
    if (why != PWL_OK)
        return why;
    why = read_header(&parts[0], want, other_typ, &out->kid, pool);
    if (why != PWL_OK)
        return why;
    if (parts[2].len == 0)
        return PWL_JWT_BAD_SIGNATURE;
    if (!decode(&parts[2], &out->signature_len, pool))
        return PWL_JWT_MALFORMED;
    out->payload = decode(&parts[1], &out->payload_len, pool);
    if (!out->payload)
        return PWL_JWT_MALFORMED;
    out->alg = want;
    out->text = apr_pstrmemdup(pool, text, len);
    out->text_len = len;
    pwl_hidden_wipe_with(out->text, len, pool);
    return PWL_OK;
}

const char *pwl_jws_alg_word(pwl_alg_t alg)
{
    static const char *const words[PWL_ALG_COUNT] = {
        [PWL_ALG_RS256] = "RS256",
        [PWL_ALG_PS256] = "PS256",
        [PWL_ALG_HS256] = "HS256",
    };

    return (unsigned)alg < PWL_ALG_COUNT ? words[alg] : "";
}

pwl_reason_t pwl_jws_read(const char *text, apr_size_t len, pwl_alg_t want,
                          pwl_jws_t *out, apr_pool_t *pool)
{
    return read_token(text, len, want, NULL, out, pool);
}

pwl_reason_t pwl_jws_read_logout(const char *text, apr_size_t len,
                                 pwl_alg_t want, pwl_jws_t *out,
                                 apr_pool_t *pool)
{
    return read_token(text, len, want, "logout+jwt", out, pool);
}

pwl_reason_t pwl_jws_verify(const pwl_jws_t *jws, pwl_alg_t alg,
                            const pwl_jwk_t *key)
{
    pwl_reason_t why = PWL_JWT_BAD_SIGNATURE; /* until proven good */
    const cjose_jwk_t *jwk = pwl_jwk_cjose(key, alg);
    cjose_jws_t *token = NULL;
    cjose_err err;

    if (!jws || !jws->text)
        return PWL_JWT_MALFORMED;
    if (jws->alg != alg)
        return PWL_JWT_ALG;
    if (!jwk)
        return PWL_JWT_KEY;

    ERR_set_mark();
    /* cjose's PS256 would take a signature whose leading zero bytes were left
     * out; RFC 8017 8.1.2 wants it as long as the modulus. */
    if (alg != PWL_ALG_HS256 &&
        jws->signature_len != (cjose_jwk_get_keysize(jwk, &err) + 7) / 8)
        goto out;
    token = cjose_jws_import(jws->text, jws->text_len, &err);
    if (!token)
        goto out;
    if (!cjose_jws_verify(token, jwk, &err))
        goto out;
    why = PWL_OK;
out:
    cjose_jws_release(token); /* behaves like free(NULL) */
    ERR_pop_to_mark();
    return why;
}

pwl_reason_t pwl_jws_verify_set(const pwl_jws_t *jws, const pwl_jwks_t *jwks,
                                const pwl_jwk_t *secret_key)
{
    pwl_reason_t why = PWL_JWT_KEY; /* until one was tried */
    const pwl_jwk_t *keys[PWL_JWKS_TRIES];
    int count;
    int i;

    /* The set is for RSA only: no key of the tenant's can become an HMAC key,
     * and no token can choose between the two. */
    if (jws->alg == PWL_ALG_HS256)
        return pwl_jws_verify(jws, PWL_ALG_HS256, secret_key);
    count = pwl_jwks_find(jwks, jws->kid, jws->alg, keys, PWL_JWKS_TRIES);
    for (i = 0; i < count; i++) {
        why = pwl_jws_verify(jws, jws->alg, keys[i]);
        if (why == PWL_OK)
            break;
    }
    return why;
}
