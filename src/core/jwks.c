/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key sets, and the one key that is no set: the client secret.
 *
 * A key of a set is fit when
 *   - kty is "RSA" (others are for other people, and skipped);
 *   - use is absent or "sig", key_ops absent or with "verify" in it, alg
 * absent, "RS256" or "PS256";
 *   - kid is absent, or as a token may name it: 1 to PWL_JWT_KID_MAX bytes of
 *     visible ASCII;
 *   - n is odd, of PWL_RSA_MIN_BITS to PWL_RSA_MAX_BITS bits;
 *   - e is odd, at least 3, at most 32 bits (an e of 1 makes each signature
 *     its own message, a huge one makes verifying slow).
 *
 * n and e are decoded, judged, and written again in their one shortest form:
 * so two spellings of a key are one key, and private parts, certificates and
 * URLs of the set are never handed on to cjose.
 *
 * Two keys under one kid: nobody can say which one is meant, and taking the
 * first would let whoever can add a key take over a kid. Both go.
 *
 * A set is written small for shared memory (io/keysets.c). Whether it fits is
 * asked when it is read, so that pwl_jwks_minimal() cannot fail later.
 */
#include "core/jwks.h"

#include <cjose/cjose.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>
#include <apr_strings.h>

#include "core/b64.h"
#include "core/json.h"
#include "core/limits.h"

#define MODULUS_MAX_BYTES (PWL_RSA_MAX_BITS / 8)
#define EXPONENT_MAX_BYTES 4
#define ANY_ALG PWL_ALG_COUNT /* a key that names no algorithm */

struct pwl_jwk_t {
    cjose_jwk_t *key;
    int is_secret;   /* HS256; else RSA */
    pwl_alg_t alg;   /* the only one it is for, or ANY_ALG */
    const char *kid; /* NULL: none */
    const char *n;   /* base64url, shortest form */
    const char *e;
    int is_ambiguous; /* another key has its kid */
};

struct pwl_jwks_t {
    int count;
    pwl_jwk_t keys[PWL_JWKS_MAX_KEYS];
};

/* A number of a JWK, without leading zeros. */
typedef struct {
    unsigned char buf[MODULUS_MAX_BYTES + 1]; /* some write one zero byte */
    const unsigned char *bytes;
    apr_size_t len;
} number_t;

static apr_status_t release(void *key)
{
    cjose_jwk_release(key);
    return APR_SUCCESS;
}

static apr_status_t release_secret(void *key)
{
    cjose_err err;
    void *bytes = cjose_jwk_get_keydata(key, &err);

    /* Not every release of cjose in use wipes what it frees. */
    if (bytes)
        OPENSSL_cleanse(bytes, cjose_jwk_get_keysize(key, &err) / 8);
    return release(key);
}

static int read_number(const json_t *key, const char *name, number_t *out)
{
    const char *text = pwl_json_string(key, name);

    if (!text)
        return 0;
    if (!pwl_b64_decode(text, strlen(text), out->buf, sizeof(out->buf),
                        &out->len))
        return 0;
    out->bytes = out->buf;
    while (out->len > 0 && *out->bytes == 0) {
        out->bytes++;
        out->len--;
    }
    return out->len > 0;
}

static int is_odd(const number_t *number)
{
    return number->bytes[number->len - 1] & 1;
}

static int modulus_is_fit(const number_t *n)
{
    apr_size_t bits = n->len * 8;
    unsigned char first = n->bytes[0];

    for (; !(first & 0x80); first = (unsigned char)(first << 1))
        bits--;
    return is_odd(n) && bits >= PWL_RSA_MIN_BITS && bits <= PWL_RSA_MAX_BITS;
}

static int exponent_is_fit(const number_t *e)
{
    if (!is_odd(e) || e->len > EXPONENT_MAX_BYTES)
        return 0;
    return e->len > 1 || e->bytes[0] >= 3;
}

/* Is the member absent (*out NULL) or a string? */
static int read_optional(const json_t *key, const char *name, const char **out)
{
    *out = pwl_json_string(key, name);
    return *out || !json_object_get(key, name);
}

static int read_alg(const json_t *key, pwl_alg_t *out)
{
    const char *alg;

    if (!read_optional(key, "alg", &alg))
        return 0;
    if (!alg)
        *out = ANY_ALG;
    else if (strcmp(alg, pwl_jws_alg_word(PWL_ALG_RS256)) == 0)
        *out = PWL_ALG_RS256;
    else if (strcmp(alg, pwl_jws_alg_word(PWL_ALG_PS256)) == 0)
        *out = PWL_ALG_PS256;
    else
        return 0;
    return 1;
}

static int read_kid(const json_t *key, const char **out, apr_pool_t *pool)
{
    const char *kid;
    apr_size_t len = 0;

    if (!read_optional(key, "kid", &kid))
        return 0;
    *out = apr_pstrdup(pool, kid);
    if (!kid)
        return 1;
    for (; kid[len]; len++)
        if (len == PWL_JWT_KID_MAX || kid[len] < 0x21 || kid[len] > 0x7e)
            return 0;
    return len > 0;
}

static int may_verify(const json_t *key)
{
    const json_t *ops = json_object_get(key, "key_ops");
    size_t i;

    for (i = 0; i < json_array_size(ops); i++) {
        const char *op = json_string_value(json_array_get(ops, i));

        if (op && strcmp(op, "verify") == 0)
            return 1;
    }
    return ops == NULL;
}

static int read_labels(const json_t *key, pwl_jwk_t *out, apr_pool_t *pool)
{
    const char *kty = pwl_json_string(key, "kty");
    const char *use;

    if (!kty || strcmp(kty, "RSA") != 0)
        return 0;
    if (!read_optional(key, "use", &use) || (use && strcmp(use, "sig") != 0))
        return 0;
    return may_verify(key) && read_alg(key, &out->alg) &&
           read_kid(key, &out->kid, pool);
}

/* @return 1 with *out filled when the key is fit, else 0 */
static int read_key(const json_t *key, pwl_jwk_t *out, apr_pool_t *pool)
{
    cjose_jwk_rsa_keyspec spec = {0};
    cjose_err err;
    number_t n;
    number_t e;

    memset(out, 0, sizeof(*out));
    if (!read_labels(key, out, pool))
        return 0;
    if (!read_number(key, "n", &n) || !modulus_is_fit(&n))
        return 0;
    if (!read_number(key, "e", &e) || !exponent_is_fit(&e))
        return 0;
    spec.n = (uint8_t *)n.bytes;
    spec.nlen = n.len;
    spec.e = (uint8_t *)e.bytes;
    spec.elen = e.len;
    ERR_set_mark();
    out->key = cjose_jwk_create_RSA_spec(&spec, &err);
    ERR_pop_to_mark();
    if (!out->key)
        return 0;
    apr_pool_cleanup_register(pool, out->key, release, apr_pool_cleanup_null);
    out->n = pwl_b64_encode(n.bytes, n.len, pool);
    out->e = pwl_b64_encode(e.bytes, e.len, pool);
    return 1;
}

static int is_same(const pwl_jwk_t *a, const pwl_jwk_t *b)
{
    return strcmp(a->n, b->n) == 0 && strcmp(a->e, b->e) == 0;
}

/* Add a key unless it is there already; mark two that share a kid. One key
 * listed once for each algorithm is no contradiction: both entries stay. */
static void add_key(pwl_jwks_t *set, const pwl_jwk_t *key)
{
    int is_ambiguous = 0;
    int i;

    for (i = 0; i < set->count && key->kid; i++) {
        pwl_jwk_t *other = &set->keys[i];

        if (!other->kid || strcmp(other->kid, key->kid) != 0)
            continue;
        if (!is_same(other, key))
            other->is_ambiguous = is_ambiguous = 1;
        else if (other->alg == key->alg)
            return;
    }
    set->keys[set->count] = *key;
    set->keys[set->count++].is_ambiguous = is_ambiguous;
}

static void drop_ambiguous(pwl_jwks_t *set)
{
    int kept = 0;
    int i;

    for (i = 0; i < set->count; i++)
        if (!set->keys[i].is_ambiguous)
            set->keys[kept++] = set->keys[i];
    set->count = kept;
}

static const char *write_key(const pwl_jwk_t *key, apr_pool_t *pool)
{
    const char *kid = "";
    const char *alg = "";

    if (key->kid)
        kid = apr_pstrcat(pool, "\"kid\":", pwl_json_escape(key->kid, pool),
                          ",", NULL);
    if (key->alg != ANY_ALG)
        alg = apr_pstrcat(pool, "\"alg\":\"", pwl_jws_alg_word(key->alg), "\",",
                          NULL);
    return apr_pstrcat(pool, "{\"kty\":\"RSA\",", kid, alg, "\"n\":\"", key->n,
                       "\",\"e\":\"", key->e, "\"}", NULL);
}

pwl_reason_t pwl_jwks_parse(const char *json, apr_size_t len, pwl_jwks_t **out,
                            apr_pool_t *pool)
{
    pwl_jwks_t *set = apr_pcalloc(pool, sizeof(*set));
    const json_t *keys;
    pwl_jwk_t key;
    json_t *root;
    size_t i;

    *out = NULL;
    if (pwl_json_parse_pool(json, len, PWL_ANSWER_MAX_BYTES, &root, pool) !=
        PWL_OK)
        return PWL_JWKS_MALFORMED;
    keys = json_object_get(root, "keys");
    if (!json_is_array(keys))
        return PWL_JWKS_MALFORMED;
    if (json_array_size(keys) > PWL_JWKS_MAX_KEYS)
        return PWL_JWKS_TOO_MANY;
    for (i = 0; i < json_array_size(keys); i++)
        if (read_key(json_array_get(keys, i), &key, pool))
            add_key(set, &key);
    drop_ambiguous(set);
    if (set->count == 0)
        return PWL_JWKS_EMPTY;
    if (strlen(pwl_jwks_minimal(set, pool)) > PWL_JWKS_KEEP_BYTES)
        return PWL_JWKS_TOO_MANY;
    *out = set;
    return PWL_OK;
}

/* A token that names no key may mean any. */
static int is_meant(const pwl_jwk_t *key, const char *kid)
{
    return !kid || (key->kid && !strcmp(key->kid, kid));
}

int pwl_jwks_find(const pwl_jwks_t *jwks, const char *kid, pwl_alg_t alg,
                  const pwl_jwk_t **keys, int max)
{
    int found = 0;
    int i;

    if (max > PWL_JWKS_TRIES)
        max = PWL_JWKS_TRIES;
    for (i = 0; jwks && i < jwks->count && found < max; i++) {
        const pwl_jwk_t *key = &jwks->keys[i];

        if (is_meant(key, kid) && pwl_jwk_cjose(key, alg))
            keys[found++] = key;
    }
    return found;
}

int pwl_jwks_other_alg(const pwl_jwks_t *jwks, const char *kid, pwl_alg_t alg,
                       pwl_alg_t *other)
{
    int i;

    for (i = 0; jwks && i < jwks->count; i++) {
        const pwl_jwk_t *key = &jwks->keys[i];

        if (!is_meant(key, kid) || key->alg == ANY_ALG || key->alg == alg)
            continue;
        *other = key->alg;
        return 1;
    }
    return 0;
}

const char *pwl_jwks_minimal(const pwl_jwks_t *jwks, apr_pool_t *pool)
{
    const char *text = "{\"keys\":[";
    int i;

    for (i = 0; i < jwks->count; i++)
        text = apr_pstrcat(pool, text, i ? "," : "",
                           write_key(&jwks->keys[i], pool), NULL);
    return apr_pstrcat(pool, text, "]}", NULL);
}

const pwl_jwk_t *pwl_jwk_from_secret(const char *secret, apr_size_t len,
                                     apr_pool_t *pool)
{
    pwl_jwk_t *key = apr_pcalloc(pool, sizeof(*key));
    cjose_err err;

    if (!secret || len < PWL_JWK_SECRET_MIN)
        return NULL;
    key->key = cjose_jwk_create_oct_spec((const uint8_t *)secret, len, &err);
    if (!key->key)
        return NULL;
    apr_pool_cleanup_register(pool, key->key, release_secret,
                              apr_pool_cleanup_null);
    key->is_secret = 1;
    key->alg = PWL_ALG_HS256;
    return key;
}

const struct _cjose_jwk_int *pwl_jwk_cjose(const pwl_jwk_t *key, pwl_alg_t alg)
{
    if (!key || (unsigned)alg >= PWL_ALG_COUNT)
        return NULL;
    if (key->is_secret != (alg == PWL_ALG_HS256))
        return NULL;
    return key->alg == ANY_ALG || key->alg == alg ? key->key : NULL;
}
