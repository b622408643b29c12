/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens with one thing wrong each: header, shape, signature. Signatures are
 * made with libcrypto (signing.h), verified through core/jws.c and cjose.
 */
#include "core/jws.h"

#include <apr_general.h>
#include <openssl/err.h>

#include "core/jwks.h"
#include "core/limits.h"
#include "signing.h"
#include "tap.h"

#define PAYLOAD "{\"sub\":\"a\"}"
#define HEADER "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}"

static apr_pool_t *pool;

static const char *word(pwl_reason_t why)
{
    return pwl_reason_word(why);
}

static const pwl_jwk_t *rsa_key(int which, const char *more)
{
    char *set =
        signing_jwks(signing_jwk(signing_key(which), more, pool), NULL, pool);
    const pwl_jwk_t *key = NULL;
    pwl_jwks_t *jwks;

    if (pwl_jwks_parse(set, strlen(set), &jwks, pool) == PWL_OK &&
        !pwl_jwks_find(jwks, NULL, PWL_ALG_RS256, &key, 1))
        pwl_jwks_find(jwks, NULL, PWL_ALG_PS256, &key, 1);
    return key;
}

static const pwl_jwk_t *secret_key(void)
{
    return pwl_jwk_from_secret(SIGNING_SECRET, strlen(SIGNING_SECRET), pool);
}

/* Read, then verify: the first that says no. */
static pwl_reason_t judge(const char *token, pwl_alg_t alg,
                          const pwl_jwk_t *key)
{
    pwl_jws_t jws;
    pwl_reason_t why = pwl_jws_read(token, strlen(token), alg, &jws, pool);

    return why == PWL_OK ? pwl_jws_verify(&jws, alg, key) : why;
}

/* clang-format off */
static const struct { const char *what, *header; pwl_reason_t want; }
headers[] = {
    {"OIDF idtoken-sig-rs256: alg, typ and kid", HEADER, PWL_OK},
    {"alg alone",                        "{\"alg\":\"RS256\"}", PWL_OK},
    {"typ in small letters",             "{\"alg\":\"RS256\",\"typ\":\"jwt\"}", PWL_OK},
    {"OIDF idtoken-sig-none: alg none",  "{\"alg\":\"none\"}", PWL_JWT_ALG},
    {"J1: alg none",                     "{\"alg\":\"none\",\"kid\":\"k1\"}", PWL_JWT_ALG},
    {"J1: alg None",                     "{\"alg\":\"None\"}", PWL_JWT_ALG},
    {"J1: alg NONE",                     "{\"alg\":\"NONE\"}", PWL_JWT_ALG},
    {"J1: alg missing",                  "{\"typ\":\"JWT\"}", PWL_JWT_ALG},
    {"J1: alg empty",                    "{\"alg\":\"\"}", PWL_JWT_ALG},
    {"J1: alg a number",                 "{\"alg\":256}", PWL_JWT_ALG},
    {"J1: alg null",                     "{\"alg\":null}", PWL_JWT_ALG},
    {"J1: alg a list",                   "{\"alg\":[\"RS256\"]}", PWL_JWT_ALG},
    {"J1: alg in small letters",         "{\"alg\":\"rs256\"}", PWL_JWT_ALG},
    {"J1: alg with a space after it",    "{\"alg\":\"RS256 \"}", PWL_JWT_ALG},
    {"J3: HS256 not configured",         "{\"alg\":\"HS256\"}", PWL_JWT_ALG},
    {"J3: RS384 not configured",         "{\"alg\":\"RS384\"}", PWL_JWT_ALG},
    {"J3: PS256 not configured",         "{\"alg\":\"PS256\"}", PWL_JWT_ALG},
    {"J3: ES256 not configured",         "{\"alg\":\"ES256\"}", PWL_JWT_ALG},
    {"J5: ES256, whatever its r and s",  "{\"alg\":\"ES256\",\"kid\":\"k1\"}", PWL_JWT_ALG},
    {"OIDF invalid-sig-es256: ES256",    "{\"alg\":\"ES256\"}", PWL_JWT_ALG},
    {"OIDF invalid-sig-hs256: HS256",    "{\"alg\":\"HS256\"}", PWL_JWT_ALG},
    {"J3: EdDSA not configured",         "{\"alg\":\"EdDSA\"}", PWL_JWT_ALG},
    {"J8: typ at+jwt",                   "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", PWL_JWT_TYP},
    {"J8: typ application/at+jwt",       "{\"alg\":\"RS256\",\"typ\":\"application/at+jwt\"}", PWL_JWT_TYP},
    {"J8: typ logout+jwt",               "{\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}", PWL_JWT_TYP},
    {"J8: typ a number",                 "{\"alg\":\"RS256\",\"typ\":1}", PWL_JWT_TYP},
    {"J8: typ empty",                    "{\"alg\":\"RS256\",\"typ\":\"\"}", PWL_JWT_TYP},
    {"J11: alg twice",                   "{\"alg\":\"RS256\",\"alg\":\"none\"}", PWL_JWT_HEADER},
    {"J12: kid a path",                  "{\"alg\":\"RS256\",\"kid\":\"../../etc/passwd\"}", PWL_OK},
    {"J12: kid SQL with a space",        "{\"alg\":\"RS256\",\"kid\":\"' OR 1=1\"}", PWL_JWT_KID},
    {"J12: kid empty",                   "{\"alg\":\"RS256\",\"kid\":\"\"}", PWL_JWT_KID},
    {"J12: kid a number",                "{\"alg\":\"RS256\",\"kid\":7}", PWL_JWT_KID},
    {"J12: kid null",                    "{\"alg\":\"RS256\",\"kid\":null}", PWL_JWT_KID},
    {"J12: kid with CR and LF",          "{\"alg\":\"RS256\",\"kid\":\"a\\r\\nb\"}", PWL_JWT_KID},
    {"J12: kid with NUL",                "{\"alg\":\"RS256\",\"kid\":\"a\\u0000b\"}", PWL_JWT_HEADER},
    {"J12: kid with DEL",                "{\"alg\":\"RS256\",\"kid\":\"a\\u007f\"}", PWL_JWT_KID},
    {"J12: kid not ASCII",               "{\"alg\":\"RS256\",\"kid\":\"\\u00e9\"}", PWL_JWT_KID},
    {"J13: jku is ignored",              "{\"alg\":\"RS256\",\"jku\":\"https://evil.example/\"}", PWL_OK},
    {"J13: x5u is ignored",              "{\"alg\":\"RS256\",\"x5u\":\"https://evil.example/\"}", PWL_OK},
    {"J13: jwk is ignored",              "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\"}}", PWL_OK},
    {"J13: x5c is ignored",              "{\"alg\":\"RS256\",\"x5c\":[\"MIIB\"]}", PWL_OK},
    {"J13: crit unknown",                "{\"alg\":\"RS256\",\"crit\":[\"x\"],\"x\":1}", PWL_JWT_CRIT},
    {"J13: crit empty",                  "{\"alg\":\"RS256\",\"crit\":[]}", PWL_JWT_CRIT},
    {"J13: crit null",                   "{\"alg\":\"RS256\",\"crit\":null}", PWL_JWT_CRIT},
    {"J13: b64 false",                   "{\"alg\":\"RS256\",\"b64\":false}", PWL_JWT_HEADER},
    {"J13: b64 true",                    "{\"alg\":\"RS256\",\"b64\":true}", PWL_JWT_HEADER},
    {"J13: zip",                         "{\"alg\":\"RS256\",\"zip\":\"DEF\"}", PWL_JWT_HEADER},
    {"J21: header a list",               "[\"RS256\"]", PWL_JWT_HEADER},
    {"J21: header a string",             "\"RS256\"", PWL_JWT_HEADER},
    {"J21: header empty",                "", PWL_JWT_HEADER},
    {"J21: header no JSON",              "alg=RS256", PWL_JWT_HEADER},
    {"J21: header not UTF-8",            "{\"alg\":\"RS256\",\"x\":\"\xff\"}", PWL_JWT_HEADER},
};
/* clang-format on */

static void test_headers(void)
{
    const pwl_jwk_t *key = rsa_key(0, "");

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        tap_str(headers[i].what,
                word(judge(signing_token(headers[i].header, PAYLOAD,
                                         signing_key(0), pool),
                           PWL_ALG_RS256, key)),
                word(headers[i].want));
}

static pwl_reason_t read_only(const char *text, apr_size_t len)
{
    pwl_jws_t jws;

    return pwl_jws_read(text, len, PWL_ALG_RS256, &jws, pool);
}

static pwl_reason_t read_kid_of(int len)
{
    char *kid = apr_pcalloc(pool, (apr_size_t)len + 1);
    char *token;

    memset(kid, 'k', (size_t)len);
    token = apr_pstrcat(
        pool,
        signing_input(apr_pstrcat(pool, "{\"alg\":\"RS256\",\"kid\":\"", kid,
                                  "\"}", NULL),
                      PAYLOAD, strlen(PAYLOAD), pool),
        ".AAAA", NULL);
    return read_only(token, strlen(token));
}

/* A token of exactly `len` characters. */
static char *token_of(apr_size_t len)
{
    char *token = apr_palloc(pool, len + 1);
    apr_size_t used;

    memset(token, 'A', len);
    token[len] = '\0';
    used = strlen(signing_b64(HEADER, strlen(HEADER), pool));
    memcpy(token, signing_b64(HEADER, strlen(HEADER), pool), used);
    token[used] = '.';
    /* The rest is two parts whose lengths base64url can have. */
    token[used + 5] = '.';
    while ((len - used - 6) % 4 == 1)
        token[--len] = '\0';
    return token;
}

static void test_limits(void)
{
    char *kid = apr_pcalloc(pool, 65537);
    char *token = token_of(PWL_JWT_MAX_BYTES);

    tap_int("the longest token is as long as meant", (long long)strlen(token),
            PWL_JWT_MAX_BYTES);
    tap_str("J2: a token of PWL_JWT_MAX_BYTES is read",
            word(read_only(token, PWL_JWT_MAX_BYTES)), "ok");
    tap_str(
        "J2: one byte more is too large",
        word(read_only(token_of(PWL_JWT_MAX_BYTES + 1), PWL_JWT_MAX_BYTES + 1)),
        "jwt-too-large");
    tap_str("J12: kid of PWL_JWT_KID_MAX bytes",
            word(read_kid_of(PWL_JWT_KID_MAX)), "ok");
    tap_str("J12: kid one byte longer", word(read_kid_of(PWL_JWT_KID_MAX + 1)),
            "jwt-kid");
    memset(kid, 'k', 40000);
    tap_str("J12: kid of 40 KB", word(read_kid_of(40000)), "jwt-kid");
    tap_str("J12: kid of 64 KB", word(read_kid_of(65536)), "jwt-too-large");
}

/* clang-format off */
static const struct { const char *what, *text; pwl_reason_t want; } shapes[] = {
    {"J24: the empty text",              "", PWL_JWT_MALFORMED},
    {"J24: plain JSON",                  "{\"sub\":\"a\"}", PWL_JWT_MALFORMED},
    {"J24: JSON with two dots",          "{\"a\":1}.{}.x", PWL_JWT_MALFORMED},
    {"J1: no signature part at all",     "eyJhbGciOiJSUzI1NiJ9.e30", PWL_JWT_MALFORMED},
    {"J1: empty third part",             "eyJhbGciOiJSUzI1NiJ9.e30.", PWL_JWT_BAD_SIGNATURE},
    {"J1: two dots alone",               "..", PWL_JWT_HEADER},
    {"J1: one dot alone",                ".", PWL_JWT_MALFORMED},
    {"four parts",                       "eyJhbGciOiJSUzI1NiJ9.e30.AA.AA", PWL_JWT_MALFORMED},
    {"J14: five parts",                  "eyJhbGciOiJSUzI1NiJ9.AA.AA.AA.AA", PWL_JWT_ENCRYPTED},
    {"J14: five empty parts",            "....", PWL_JWT_ENCRYPTED},
    {"six parts",                        "eyJhbGciOiJSUzI1NiJ9.AA.AA.AA.AA.AA", PWL_JWT_MALFORMED},
    {"J19: all well",                    "eyJhbGciOiJSUzI1NiJ9.e30.AAAA", PWL_OK},
    {"J19: padding in the header",       "eyJhbGciOiJSUzI1NiJ9==.e30.AAAA", PWL_JWT_MALFORMED},
    {"J19: padding in the payload",      "eyJhbGciOiJSUzI1NiJ9.e30=.AAAA", PWL_JWT_MALFORMED},
    {"J19: padding in the signature",    "eyJhbGciOiJSUzI1NiJ9.e30.AA==", PWL_JWT_MALFORMED},
    {"J19: '+' in the signature",        "eyJhbGciOiJSUzI1NiJ9.e30.AAA+", PWL_JWT_MALFORMED},
    {"J19: '/' in the signature",        "eyJhbGciOiJSUzI1NiJ9.e30.AAA/", PWL_JWT_MALFORMED},
    {"J19: space before",                " eyJhbGciOiJSUzI1NiJ9.e30.AAAA", PWL_JWT_MALFORMED},
    {"J19: line feed after",             "eyJhbGciOiJSUzI1NiJ9.e30.AAAA\n", PWL_JWT_MALFORMED},
    {"J19: line feed inside",            "eyJhbGciOiJSUzI1NiJ9.e3\n0.AAAA", PWL_JWT_MALFORMED},
    {"J19: non-ASCII",                   "eyJhbGciOiJSUzI1NiJ9.e30.AAA\xc3\xa9", PWL_JWT_MALFORMED},
    {"J19: length 4n+1",                 "eyJhbGciOiJSUzI1NiJ9.e30.AAAAA", PWL_JWT_MALFORMED},
    {"J19: spare bits set",              "eyJhbGciOiJSUzI1NiJ9.e30.AB", PWL_JWT_MALFORMED},
};
/* clang-format on */

static void test_shapes(void)
{
    pwl_jws_t jws;

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        tap_str(shapes[i].what,
                word(read_only(shapes[i].text, strlen(shapes[i].text))),
                word(shapes[i].want));
    tap_str("J24: no text", word(read_only(NULL, 0)), "jwt-malformed");
    tap_str("J19: NUL inside",
            word(read_only("eyJhbGciOiJSUzI1NiJ9.e30.AAA\0A", 30)),
            "jwt-malformed");
    tap_str("no NUL after the token is needed",
            word(read_only("eyJhbGciOiJSUzI1NiJ9.e30.AAAA.", 29)), "ok");
    tap_str("J24: nothing read cannot be verified",
            word(pwl_jws_verify(NULL, PWL_ALG_RS256, rsa_key(0, ""))),
            "jwt-malformed");
    memset(&jws, 0, sizeof(jws));
    tap_str("J24: an empty token cannot be verified",
            word(pwl_jws_verify(&jws, PWL_ALG_RS256, rsa_key(0, ""))),
            "jwt-malformed");
    tap_str("an algorithm that is none of ours",
            word(pwl_jws_read("eyJhbGciOiIifQ.e30.AAAA", 23,
                              (pwl_alg_t)PWL_ALG_COUNT, &jws, pool)),
            "jwt-alg");
}

static void test_found(void)
{
    const char *token = signing_token(HEADER, PAYLOAD, signing_key(0), pool);
    const char *logout = signing_token("{\"alg\":\"RS256\",\"typ\":"
                                       "\"Logout+JWT\"}",
                                       PAYLOAD, signing_key(0), pool);
    pwl_jws_t jws;

    pwl_jws_read(token, strlen(token), PWL_ALG_RS256, &jws, pool);
    tap_str("the kid is found", jws.kid, "k1");
    tap_str("the payload is decoded", jws.payload, PAYLOAD);
    tap_int("its length is told", (long long)jws.payload_len, strlen(PAYLOAD));
    tap_str("the text is kept", jws.text, token);
    tap_int("the signature has the modulus' length",
            (long long)jws.signature_len, 256);
    tap_str("a logout token is read where one is expected",
            word(pwl_jws_read_logout(logout, strlen(logout), PWL_ALG_RS256,
                                     &jws, pool)),
            "ok");
    tap_str("it names no key", jws.kid, NULL);
    tap_str("and its typ may be JWT as well",
            word(pwl_jws_read_logout(token, strlen(token), PWL_ALG_RS256, &jws,
                                     pool)),
            "ok");
}

static const char *flipped(const char *token, int from_end)
{
    char *copy = apr_pstrdup(pool, token);
    char *p = copy + strlen(copy) - from_end;

    *p = *p == 'A' ? 'B' : 'A';
    return copy;
}

static void test_rs256(void)
{
    const pwl_jwk_t *key = rsa_key(0, "");
    const char *token = signing_token(HEADER, PAYLOAD, signing_key(0), pool);
    const char *other =
        signing_token(HEADER, "{\"sub\":\"b\"}", signing_key(0), pool);
    unsigned char zero[257] = {0};
    char *input = signing_input(HEADER, PAYLOAD, strlen(PAYLOAD), pool);

#define RS256(what, text, want)                                                \
    tap_str(what, word(judge(text, PWL_ALG_RS256, key)), want)
    RS256("a good RS256 signature", token, "ok");
    RS256("J2: a bit of the signature flipped", flipped(token, 100),
          "jwt-bad-signature");
    RS256("J2: a bit of the payload flipped",
          flipped(token, (int)strlen(strrchr(token, '.')) + 2),
          "jwt-bad-signature");
    RS256("OIDF invalid-sig-rs256: signed by another key",
          signing_token(HEADER, PAYLOAD, signing_key(1), pool),
          "jwt-bad-signature");
    RS256("J2: signed by another key",
          signing_token(HEADER, PAYLOAD, signing_key(1), pool),
          "jwt-bad-signature");
    RS256("J2: the signature of another payload",
          apr_pstrcat(pool, input, strrchr(other, '.'), NULL),
          "jwt-bad-signature");
    RS256("J2: a signature of zero bytes",
          signing_replace(token, zero, 256, pool), "jwt-bad-signature");
    RS256("J2: a signature of one byte", signing_replace(token, "x", 1, pool),
          "jwt-bad-signature");
    RS256("J2: a byte too long", signing_replace(token, zero, 257, pool),
          "jwt-bad-signature");
    RS256("J2: a whole PKCS#1 block is good",
          signing_pkcs1(token, signing_key(0), 202, pool), "ok");
    RS256("J2: PKCS#1 block with garbage at the end",
          signing_pkcs1(token, signing_key(0), 8, pool), "jwt-bad-signature");
    RS256("J2: PKCS#1 block with one byte of garbage",
          signing_pkcs1(token, signing_key(0), 201, pool), "jwt-bad-signature");
    RS256("J3: PSS signature under RS256",
          signing_rsa(input, signing_key(0), EVP_sha256(), 1, 32, pool),
          "jwt-bad-signature");
    RS256("J3: SHA-384 under RS256",
          signing_rsa(input, signing_key(0), EVP_sha384(), 0, 0, pool),
          "jwt-bad-signature");
    RS256("J3: HMAC with the client secret under RS256",
          signing_hmac(input, SIGNING_SECRET, strlen(SIGNING_SECRET), pool),
          "jwt-bad-signature");
#undef RS256
    judge(flipped(token, 100), PWL_ALG_RS256, key);
    tap_int("RS256 leaves nothing in libcrypto's error queue",
            (long long)ERR_peek_error(), 0);
    tap_str("J3: no key at all", word(judge(token, PWL_ALG_RS256, NULL)),
            "jwt-key");
    tap_str("J3: the secret is no key for RS256",
            word(judge(token, PWL_ALG_RS256, secret_key())), "jwt-key");
    tap_str("J16: a key that is for PS256 alone",
            word(judge(token, PWL_ALG_RS256, rsa_key(0, ",\"alg\":\"PS256\""))),
            "jwt-key");
}

static void test_ps256(void)
{
    const pwl_jwk_t *key = rsa_key(0, "");
    char *input =
        signing_input("{\"alg\":\"PS256\"}", PAYLOAD, strlen(PAYLOAD), pool);
    const char *good =
        signing_rsa(input, signing_key(0), EVP_sha256(), 1, 32, pool);

#define PS256(what, text, want)                                                \
    tap_str(what, word(judge(text, PWL_ALG_PS256, key)), want)
    PS256("a good PS256 signature", good, "ok");
    PS256("J2: a bit of a PS256 signature flipped", flipped(good, 100),
          "jwt-bad-signature");
    tap_int("PS256 leaves nothing in libcrypto's error queue",
            (long long)ERR_peek_error(), 0);
    PS256("J2: PS256 signed by another key",
          signing_rsa(input, signing_key(1), EVP_sha256(), 1, 32, pool),
          "jwt-bad-signature");
    PS256("J2: PS256 with a salt of no length",
          signing_rsa(input, signing_key(0), EVP_sha256(), 1, 0, pool),
          "jwt-bad-signature");
    PS256("J2: PKCS#1 v1.5 under PS256",
          signing_rsa(input, signing_key(0), EVP_sha256(), 0, 0, pool),
          "jwt-bad-signature");
    PS256("J3: an RS256 token where PS256 is configured",
          signing_token(HEADER, PAYLOAD, signing_key(0), pool), "jwt-alg");
#undef PS256
}

/* A PSS signature whose first byte is zero, with that byte left out. */
static void test_short_ps256(void)
{
    char *input =
        signing_input("{\"alg\":\"PS256\"}", PAYLOAD, strlen(PAYLOAD), pool);
    const char *token = NULL;
    unsigned char sig[260];
    int tries;

    for (tries = 0; tries < 5000; tries++) {
        token = signing_rsa(input, signing_key(0), EVP_sha256(), 1, 32, pool);
        signing_unb64(strrchr(token, '.') + 1, sig, pool);
        if (sig[0] == 0)
            break;
    }
    tap_ok(tries < 5000, "a PS256 signature that begins with zero turned up");
    tap_str("and it is good", word(judge(token, PWL_ALG_PS256, rsa_key(0, ""))),
            "ok");
    tap_str("J2: the same without its zero byte is another spelling",
            word(judge(signing_replace(token, sig + 1, 255, pool),
                       PWL_ALG_PS256, rsa_key(0, ""))),
            "jwt-bad-signature");
}

static void test_hs256(void)
{
    char *input =
        signing_input("{\"alg\":\"HS256\"}", PAYLOAD, strlen(PAYLOAD), pool);
    char *n = signing_number(signing_key(0), OSSL_PKEY_PARAM_RSA_N, pool);
    const char *good =
        signing_hmac(input, SIGNING_SECRET, strlen(SIGNING_SECRET), pool);

#define HS256(what, text, key, want)                                           \
    tap_str(what, word(judge(text, PWL_ALG_HS256, key)), want)
    HS256("a good HS256 signature", good, secret_key(), "ok");
    HS256("J4: HS256 that cannot be verified is refused",
          signing_hmac(input, "another", 7, pool), secret_key(),
          "jwt-bad-signature");
    HS256("J4: HS256 and no secret at hand", good, NULL, "jwt-key");
    HS256("J3: HS256 with the empty key", signing_hmac(input, "", 0, pool),
          secret_key(), "jwt-bad-signature");
    HS256("J3: HS256 with the modulus as key",
          signing_hmac(input, n, strlen(n), pool), rsa_key(0, ""), "jwt-key");
    HS256("J3: an RSA key verifies no HS256", good, rsa_key(0, ""), "jwt-key");
    HS256("J25: HS256 with a space after the secret",
          signing_hmac(input, SIGNING_SECRET " ", strlen(SIGNING_SECRET) + 1,
                       pool),
          secret_key(), "jwt-bad-signature");
    HS256("J2: half an HMAC",
          signing_replace(good, "0123456789abcdef", 16, pool), secret_key(),
          "jwt-bad-signature");
#undef HS256
    tap_str("J3: the client secret when only RS256 is configured",
            word(judge(good, PWL_ALG_RS256, rsa_key(0, ""))), "jwt-alg");
}

static void test_crossed(void)
{
    const char *token = signing_token(HEADER, PAYLOAD, signing_key(0), pool);
    pwl_jws_t jws;

    pwl_jws_read(token, strlen(token), PWL_ALG_RS256, &jws, pool);
    tap_str("J3: read for RS256, verified as HS256",
            word(pwl_jws_verify(&jws, PWL_ALG_HS256, secret_key())), "jwt-alg");
    tap_str("J3: read for RS256, verified as PS256",
            word(pwl_jws_verify(&jws, PWL_ALG_PS256, rsa_key(0, ""))),
            "jwt-alg");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_headers();
    test_limits();
    test_shapes();
    test_found();
    test_rs256();
    test_ps256();
    test_short_ps256();
    test_hs256();
    test_crossed();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
