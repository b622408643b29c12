/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key sets as tenants serve them and as they should not: which keys are taken,
 * which are skipped, what is kept of them.
 */
#include "core/jwks.h"

#include <apr_general.h>
#include <openssl/err.h>

#include "core/limits.h"
#include "signing.h"
#include "tap.h"

static apr_pool_t *pool;

static const char *word(pwl_reason_t why)
{
    return pwl_reason_word(why);
}

static pwl_reason_t parse(const char *json, pwl_jwks_t **out)
{
    return pwl_jwks_parse(json, strlen(json), out, pool);
}

/* A set of one key with these members beside kty, n and e. */
static pwl_reason_t parse_one(const char *more)
{
    pwl_jwks_t *jwks;

    return parse(
        signing_jwks(signing_jwk(signing_key(0), more, pool), NULL, pool),
        &jwks);
}

static int count(const pwl_jwks_t *jwks, const char *kid, pwl_alg_t alg)
{
    const pwl_jwk_t *keys[PWL_JWKS_TRIES + 4];

    return pwl_jwks_find(jwks, kid, alg, keys, PWL_JWKS_TRIES + 4);
}

/* clang-format off */
static const struct { const char *what, *more; pwl_reason_t want; } labels[] = {
    {"a key with nothing but kty, n, e",   "", PWL_OK},
    {"a key as Auth0 serves it",           ",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"k1\",\"x5t\":\"a\",\"x5c\":[\"MII\"]", PWL_OK},
    {"a key for PS256",                    ",\"alg\":\"PS256\"", PWL_OK},
    {"J16: use enc",                       ",\"use\":\"enc\"", PWL_JWKS_EMPTY},
    {"J16: key_ops without verify",        ",\"key_ops\":[\"encrypt\",1]", PWL_JWKS_EMPTY},
    {"J16: key_ops that is no list",       ",\"key_ops\":\"verify\"", PWL_JWKS_EMPTY},
    {"key_ops with verify",                ",\"key_ops\":[\"sign\",\"verify\"]", PWL_OK},
    {"J16: use a list",                    ",\"use\":[\"sig\"]", PWL_JWKS_EMPTY},
    {"J16: alg RS384",                     ",\"alg\":\"RS384\"", PWL_JWKS_EMPTY},
    {"J16: alg HS256 on an RSA key",       ",\"alg\":\"HS256\"", PWL_JWKS_EMPTY},
    {"J16: alg RSA-OAEP",                  ",\"alg\":\"RSA-OAEP\"", PWL_JWKS_EMPTY},
    {"J16: alg a number",                  ",\"alg\":256", PWL_JWKS_EMPTY},
    {"J16: private parts are left behind", ",\"d\":\"AQAB\",\"p\":\"AQAB\",\"q\":\"AQAB\",\"dp\":\"!\"", PWL_OK},
    {"J12: kid empty",                     ",\"kid\":\"\"", PWL_JWKS_EMPTY},
    {"J12: kid a number",                  ",\"kid\":1", PWL_JWKS_EMPTY},
    {"J12: kid with a line feed",          ",\"kid\":\"a\\nb\"", PWL_JWKS_EMPTY},
    {"J12: kid with a quote",              ",\"kid\":\"a\\\"b\"", PWL_OK},
    {"J11: kid twice in one key",          ",\"kid\":\"a\",\"kid\":\"b\"", PWL_JWKS_MALFORMED},
};

static const struct { const char *what, *json; pwl_reason_t want; } sets[] = {
    {"J16: nothing",                       "", PWL_JWKS_MALFORMED},
    {"J16: HTML",                          "<!doctype html><title>404</title>", PWL_JWKS_MALFORMED},
    {"J16: an object without keys",        "{}", PWL_JWKS_MALFORMED},
    {"J16: keys an object",                "{\"keys\":{}}", PWL_JWKS_MALFORMED},
    {"J16: keys null",                     "{\"keys\":null}", PWL_JWKS_MALFORMED},
    {"J16: a list instead of an object",   "[]", PWL_JWKS_MALFORMED},
    {"J16: cut off in the middle",         "{\"keys\":[{\"kty\":\"RSA\",", PWL_JWKS_MALFORMED},
    {"J16: no keys",                       "{\"keys\":[]}", PWL_JWKS_EMPTY},
    {"J16: keys that are no objects",      "{\"keys\":[1,\"a\",null,[]]}", PWL_JWKS_EMPTY},
    {"J16: unknown kty alone",             "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\"}]}", PWL_JWKS_EMPTY},
    {"J3: a symmetric key in the set",     "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0c2VjcmV0c2VjcmV0\"}]}", PWL_JWKS_EMPTY},
    {"J5: an elliptic key",                "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}", PWL_JWKS_EMPTY},
    {"kty in small letters",               "{\"keys\":[{\"kty\":\"rsa\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", PWL_JWKS_EMPTY},
    {"kty missing",                        "{\"keys\":[{\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", PWL_JWKS_EMPTY},
    {"n missing",                          "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}", PWL_JWKS_EMPTY},
    {"n a number",                         "{\"keys\":[{\"kty\":\"RSA\",\"n\":5,\"e\":\"AQAB\"}]}", PWL_JWKS_EMPTY},
    {"n and e empty",                      "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}]}", PWL_JWKS_EMPTY},
    {"n zero",                             "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"}]}", PWL_JWKS_EMPTY},
};
/* clang-format on */

static void test_tables(void)
{
    pwl_jwks_t *jwks;

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        tap_str(labels[i].what, word(parse_one(labels[i].more)),
                word(labels[i].want));
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        tap_str(sets[i].what, word(parse(sets[i].json, &jwks)),
                word(sets[i].want));
    tap_str("J24: no text", word(pwl_jwks_parse(NULL, 0, &jwks, pool)),
            "jwks-malformed");
    tap_ok(jwks == NULL, "J24: and no set");
}

/* A key whose modulus has `bits` bits, the last byte being `last`, after
 * `zeros` zero bytes. Whether it has two prime factors nobody asks here. */
static char *made_key(int bits, unsigned char last, const char *e, int zeros)
{
    unsigned char n[2048] = {0};
    int len = (bits + 7) / 8;

    memset(n + zeros, 0x5a, (size_t)len);
    n[zeros] = (unsigned char)(1 << ((bits - 1) % 8));
    n[zeros + len - 1] = last;
    return apr_psprintf(pool, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}",
                        signing_b64(n, (size_t)(zeros + len), pool), e);
}

static const char *verdict(char *key)
{
    pwl_jwks_t *jwks;

    return word(parse(signing_jwks(key, NULL, pool), &jwks));
}

static void test_numbers(void)
{
    tap_str("J5: modulus of PWL_RSA_MIN_BITS",
            verdict(made_key(PWL_RSA_MIN_BITS, 1, "AQAB", 0)), "ok");
    tap_str("J5: modulus one bit shorter",
            verdict(made_key(PWL_RSA_MIN_BITS - 1, 1, "AQAB", 0)),
            "jwks-empty");
    tap_str("J5: modulus of 1024 bits", verdict(made_key(1024, 1, "AQAB", 0)),
            "jwks-empty");
    tap_str("J5: modulus of 512 bits", verdict(made_key(512, 1, "AQAB", 0)),
            "jwks-empty");
    tap_str("J5: modulus of PWL_RSA_MAX_BITS",
            verdict(made_key(PWL_RSA_MAX_BITS, 1, "AQAB", 0)), "ok");
    tap_str("J5: modulus one bit longer",
            verdict(made_key(PWL_RSA_MAX_BITS + 1, 1, "AQAB", 0)),
            "jwks-empty");
    tap_str("J5: even modulus", verdict(made_key(2048, 2, "AQAB", 0)),
            "jwks-empty");
    tap_str("modulus after one zero byte",
            verdict(made_key(2048, 1, "AQAB", 1)), "ok");
    tap_str("J5: 1024 bits made longer by zero bytes",
            verdict(made_key(1024, 1, "AQAB", 128)), "jwks-empty");
    tap_str("J5: e = 1", verdict(made_key(2048, 1, "AQ", 0)), "jwks-empty");
    tap_str("J5: e = 0", verdict(made_key(2048, 1, "AA", 0)), "jwks-empty");
    tap_str("J5: e = 2", verdict(made_key(2048, 1, "Ag", 0)), "jwks-empty");
    tap_str("J5: e = 3", verdict(made_key(2048, 1, "Aw", 0)), "ok");
    tap_str("J5: e even", verdict(made_key(2048, 1, "AQAA", 0)), "jwks-empty");
    tap_str("J5: e of 32 bits", verdict(made_key(2048, 1, "_____w", 0)), "ok");
    tap_str("J5: e of 33 bits", verdict(made_key(2048, 1, "Af____8", 0)),
            "jwks-empty");
    tap_str("J19: e with padding", verdict(made_key(2048, 1, "Aw==", 0)),
            "jwks-empty");
    tap_str("J19: e of the other alphabet",
            verdict(made_key(2048, 1, "AQ+B", 0)), "jwks-empty");
}

/* `many` copies of one key, each under its own kid. */
static char *repeated(int many, char *(*make)(int i))
{
    char *json = apr_palloc(pool, (apr_size_t)many * 2048 + 32);
    char *p = json;

    p = apr_cpystrn(p, "{\"keys\":[", 16);
    for (int i = 0; i < many; i++) {
        if (i)
            *p++ = ',';
        p = apr_cpystrn(p, make(i), 2048);
    }
    apr_cpystrn(p, "]}", 3);
    return json;
}

static char *numbered(int i)
{
    return signing_jwk(signing_key(0),
                       apr_psprintf(pool, ",\"kid\":\"k%d\"", i), pool);
}

static char *small(int i)
{
    return apr_psprintf(pool, "{\"kty\":\"EC%d\"}", i);
}

static char *huge(int i)
{
    char *key =
        made_key(PWL_RSA_MAX_BITS, (unsigned char)(2 * i + 1), "AQAB", 0);

    return apr_psprintf(pool, "%.*s,\"kid\":\"k%d\"}", (int)strlen(key) - 1,
                        key, i);
}

static void test_limits(void)
{
    pwl_jwks_t *jwks;
    char *big = apr_palloc(pool, PWL_ANSWER_MAX_BYTES + 2);
    char *set = signing_jwks(signing_jwk(signing_key(0), "", pool), NULL, pool);

    tap_str("J16: PWL_JWKS_MAX_KEYS keys",
            word(parse(repeated(PWL_JWKS_MAX_KEYS, numbered), &jwks)), "ok");
    tap_int("J12: without kid no more than four of them are tried",
            count(jwks, NULL, PWL_ALG_RS256), PWL_JWKS_TRIES);
    tap_str("J16: one key more",
            word(parse(repeated(PWL_JWKS_MAX_KEYS + 1, numbered), &jwks)),
            "jwks-too-many");
    tap_str("J16: 10,000 keys", word(parse(repeated(10000, small), &jwks)),
            "jwks-malformed");
    tap_str("J16: 5,000 keys that nobody can use",
            word(parse(repeated(5000, small), &jwks)), "jwks-too-many");
    tap_str("five of the longest keys fit into PWL_JWKS_KEEP_BYTES",
            word(parse(repeated(5, huge), &jwks)), "ok");
    tap_str("six do not", word(parse(repeated(6, huge), &jwks)),
            "jwks-too-many");
    memset(big, ' ', PWL_ANSWER_MAX_BYTES + 1);
    big[PWL_ANSWER_MAX_BYTES + 1] = '\0';
    memcpy(big, set, strlen(set));
    tap_str("J16: one byte over PWL_ANSWER_MAX_BYTES", word(parse(big, &jwks)),
            "jwks-malformed");
    big[PWL_ANSWER_MAX_BYTES] = '\0';
    tap_str("J16: as long as that", word(parse(big, &jwks)), "ok");
}

static pwl_jwks_t *pair(int one, const char *one_more, int two,
                        const char *two_more)
{
    pwl_jwks_t *jwks = NULL;

    parse(signing_jwks(signing_jwk(signing_key(one), one_more, pool),
                       signing_jwk(signing_key(two), two_more, pool), pool),
          &jwks);
    return jwks;
}

static void test_find(void)
{
    pwl_jwks_t *jwks =
        pair(0, ",\"kid\":\"a\",\"alg\":\"RS256\"", 1, ",\"kid\":\"b\"");
    const pwl_jwk_t *key;

    tap_int("a kid names one key", count(jwks, "a", PWL_ALG_RS256), 1);
    tap_int("J12: unknown kid", count(jwks, "c", PWL_ALG_RS256), 0);
    tap_int("J25: kid with a space", count(jwks, "a ", PWL_ALG_RS256), 0);
    tap_int("J25: kid in capitals", count(jwks, "A", PWL_ALG_RS256), 0);
    tap_int("J12: the empty kid names nothing", count(jwks, "", PWL_ALG_RS256),
            0);
    tap_int("J12: without kid both fit", count(jwks, NULL, PWL_ALG_RS256), 2);
    tap_int("J16: alg mismatch, by kid", count(jwks, "a", PWL_ALG_PS256), 0);
    tap_int("J12: without kid only what fits", count(jwks, NULL, PWL_ALG_PS256),
            1);
    tap_int("J3: an RSA key is none for HS256",
            count(jwks, NULL, PWL_ALG_HS256), 0);
    tap_int("J24: no set, no key", count(NULL, "a", PWL_ALG_RS256), 0);
    tap_int("no room, no key",
            pwl_jwks_find(jwks, NULL, PWL_ALG_RS256, &key, 0), 0);
    tap_int("room for one", pwl_jwks_find(jwks, NULL, PWL_ALG_RS256, &key, 1),
            1);

    jwks = pair(0, ",\"kid\":\"a\"", 1, ",\"kid\":\"a\"");
    tap_ok(jwks == NULL, "J16: one kid, two keys: neither is usable");
    jwks = pair(0, ",\"kid\":\"a\"", 0, ",\"kid\":\"a\"");
    tap_int("J16: one key twice is one key", count(jwks, "a", PWL_ALG_RS256),
            1);
    jwks = pair(0, ",\"kid\":\"a\",\"alg\":\"RS256\"", 0,
                ",\"kid\":\"a\",\"alg\":\"PS256\"");
    tap_int("one key, once for each algorithm", count(jwks, "a", PWL_ALG_PS256),
            1);
    jwks = pair(0, "", 1, ",\"kid\":\"b\",\"use\":\"enc\"");
    tap_int("J16: use enc is skipped, the good one taken",
            count(jwks, NULL, PWL_ALG_RS256), 1);
    tap_int("J12: a key without kid is not found by kid",
            count(jwks, "b", PWL_ALG_RS256), 0);
    parse(signing_jwks("{\"kty\":\"OKP\",\"kid\":\"a\"}",
                       signing_jwk(signing_key(0), ",\"kid\":\"a\"", pool),
                       pool),
          &jwks);
    tap_int("J16: unknown kty mixed with good, under the same kid",
            count(jwks, "a", PWL_ALG_RS256), 1);
}

static void test_three_of_one_kid(void)
{
    pwl_jwks_t *jwks = NULL;
    char *keys =
        apr_psprintf(pool, "{\"keys\":[%s,%s,%s,%s]}",
                     signing_jwk(signing_key(0), ",\"kid\":\"a\"", pool),
                     signing_jwk(signing_key(1), ",\"kid\":\"a\"", pool),
                     signing_jwk(signing_key(0), ",\"kid\":\"a\"", pool),
                     signing_jwk(signing_key(1), ",\"kid\":\"b\"", pool));

    tap_str("J16: a, another a, the first a again, and b",
            word(parse(keys, &jwks)), "ok");
    tap_int("J16: a is gone", count(jwks, "a", PWL_ALG_RS256), 0);
    tap_int("J16: b is there", count(jwks, "b", PWL_ALG_RS256), 1);
    tap_int("J16: nor is a tried without kid", count(jwks, NULL, PWL_ALG_RS256),
            1);
}

static void test_minimal(void)
{
    char *n = signing_number(signing_key(0), OSSL_PKEY_PARAM_RSA_N, pool);
    pwl_jwks_t *jwks = pair(0,
                            ",\"kid\":\"a\\\"<\",\"alg\":\"RS256\",\"d\":"
                            "\"AQAB\",\"x5c\":[\"MII\"]",
                            0, "");
    const char *small_text = pwl_jwks_minimal(jwks, pool);
    pwl_jwks_t *again = NULL;

    tap_str("a set is written small", small_text,
            apr_psprintf(pool,
                         "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\\\"\\u003c\","
                         "\"alg\":\"RS256\",\"n\":\"%s\",\"e\":\"AQAB\"},"
                         "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}]}",
                         n, n));
    tap_str("and can be read again", word(parse(small_text, &again)), "ok");
    tap_str("which gives the same set", pwl_jwks_minimal(again, pool),
            small_text);
    tap_int("with the same kid", count(again, "a\"<", PWL_ALG_RS256), 1);
}

static void test_secret(void)
{
    const pwl_jwk_t *key = pwl_jwk_from_secret(SIGNING_SECRET, 64, pool);

    tap_ok(key && pwl_jwk_cjose(key, PWL_ALG_HS256),
           "the secret is a key for HS256");
    tap_ok(!pwl_jwk_cjose(key, PWL_ALG_RS256), "J3: and for nothing else");
    tap_ok(!pwl_jwk_cjose(key, PWL_ALG_COUNT), "not for what is none of ours");
    tap_ok(!pwl_jwk_cjose(NULL, PWL_ALG_HS256), "J24: no key is none");
    tap_ok(!pwl_jwk_from_secret("", 0, pool), "J3: the empty secret is no key");
    tap_ok(!pwl_jwk_from_secret(NULL, 0, pool), "J24: no secret is no key");
    tap_ok(!pwl_jwk_from_secret(SIGNING_SECRET, PWL_JWK_SECRET_MIN - 1, pool),
           "one byte under PWL_JWK_SECRET_MIN is no key");
    tap_ok(pwl_jwk_from_secret(SIGNING_SECRET, PWL_JWK_SECRET_MIN, pool) !=
               NULL,
           "PWL_JWK_SECRET_MIN bytes are one");
    tap_str("each algorithm has its word", pwl_jws_alg_word(PWL_ALG_PS256),
            "PS256");
    tap_str("and nothing else has one", pwl_jws_alg_word(PWL_ALG_COUNT), "");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_tables();
    test_numbers();
    test_limits();
    test_find();
    test_three_of_one_kid();
    test_minimal();
    test_secret();
    tap_ok(ERR_peek_error() == 0, "libcrypto's error queue is left as it was");
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
