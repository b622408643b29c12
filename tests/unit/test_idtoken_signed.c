/* SPDX-License-Identifier: Apache-2.0 */
/* Whole ID tokens: which key, which algorithm, and that both count. */
#include "signing.h"

#include <apr_general.h>

#include "idtoken_fixture.h"
#include "tap.h"

#define HEADER "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}"

static pwl_jwks_t *set_of(const char *one, const char *two)
{
    pwl_jwks_t *jwks = NULL;
    char *json = signing_jwks(one, two, pool);

    pwl_jwks_parse(json, strlen(json), &jwks, pool);
    return jwks;
}

static void whole(const char *what, const char *token, const pwl_jwks_t *jwks,
                  const pwl_jwk_t *secret, pwl_alg_t alg, const char *want_why)
{
    pwl_idtoken_want_t want = code_want;
    pwl_claims_t *claims;
    pwl_result_t res;

    want.alg = alg;
    res = pwl_idtoken_verify(token, token ? strlen(token) : 0, jwks, secret,
                             &want, &claims, pool);
    tap_str(what, pwl_reason_word(res.why), want_why);
    if ((res.why == PWL_OK) != (claims != NULL))
        tap_ok(0, "claims exactly when the token is good");
}

static void test_whole(void)
{
    char *k1 = signing_jwk(signing_key(0), ",\"kid\":\"k1\"", pool);
    char *k2 = signing_jwk(signing_key(1), ",\"kid\":\"k2\"", pool);
    pwl_jwks_t *both = set_of(k1, k2);
    pwl_jwks_t *second = set_of(k2, NULL);
    const pwl_jwk_t *secret = pwl_jwk_from_secret(SIGNING_SECRET, 64, pool);
    char *payload = payload_with("x", "1");
    char *good = signing_token(HEADER, payload, signing_key(0), pool);
    char *no_kid =
        signing_token("{\"alg\":\"RS256\"}", payload, signing_key(0), pool);
    char *hs256 = signing_hmac(
        signing_input("{\"alg\":\"HS256\"}", payload, strlen(payload), pool),
        SIGNING_SECRET, 64, pool);

#define RS256(what, token, jwks, why)                                          \
    whole(what, token, jwks, secret, PWL_ALG_RS256, why)
    RS256("OIDF client-test: a good token and its key", good, both, "ok");
    RS256("J17: a kid that is not in the set", good, second, "jwt-key");
    RS256("J17: no set", good, NULL, "jwt-key");
    RS256("J12: a kid that names the other key",
          signing_token("{\"alg\":\"RS256\",\"kid\":\"k2\"}", payload,
                        signing_key(0), pool),
          both, "jwt-bad-signature");
    RS256("OIDF kid-absent-single-jwks: one key", no_kid, set_of(k1, NULL),
          "ok");
    RS256("OIDF kid-absent-multiple-jwks: the second fits", no_kid,
          set_of(k2, k1), "ok");
    RS256("J12: kid missing and none of the keys fits", no_kid, second,
          "jwt-bad-signature");
    RS256("J12: kid missing and no set", no_kid, NULL, "jwt-key");
    RS256("J3: HS256 where RS256 is configured", hs256, both, "jwt-alg");
    RS256("J14: an encrypted token", "e30.e30.e30.e30.e30", both,
          "jwt-encrypted");
    RS256("J24: no token", NULL, both, "jwt-malformed");
    RS256("J24: the empty token", "", both, "jwt-malformed");
    RS256("J24: plain JSON for a token", "{\"sub\":\"a\"}", both,
          "jwt-malformed");
    RS256("J20: a later token without signature",
          apr_pstrcat(pool,
                      signing_input(HEADER, payload, strlen(payload), pool),
                      ".", NULL),
          both, "jwt-bad-signature");
    RS256("a good signature does not save a bad claim",
          signing_token(HEADER, payload_with("aud", "\"b\""), signing_key(0),
                        pool),
          both, "jwt-aud");
#undef RS256
    whole("HS256 with the client secret", hs256, NULL, secret, PWL_ALG_HS256,
          "ok");
    whole("J4: HS256 and no secret: no fallback", hs256, both, NULL,
          PWL_ALG_HS256, "jwt-key");
    whole("J3: RS256 where HS256 is configured", good, both, secret,
          PWL_ALG_HS256, "jwt-alg");
    whole("an algorithm of no name", good, both, secret, PWL_ALG_COUNT,
          "jwt-alg");
}

/* clang-format off */
static const struct { const char *what, *key_alg, *kid, *token_alg, *want; } algs[] = {
    {"J3: PS256 wanted, the key is for RS256", "RS256", "k1", "PS256",
     "the tenant's key says it is for RS256, the token and Auth0IDTokenAlg say PS256: "
     "set JsonWebToken Signature Algorithm in the application's advanced settings to "
     "RS256, and Auth0IDTokenAlg RS256 here"},
    {"J3: RS256 wanted, the key is for PS256", "PS256", "k1", "RS256",
     "the tenant's key says it is for PS256, the token and Auth0IDTokenAlg say RS256: "
     "set JsonWebToken Signature Algorithm in the application's advanced settings to "
     "PS256, and Auth0IDTokenAlg PS256 here"},
    {"J3: a key of another name and algorithm", "RS256", "k9", "PS256",
     "no key of the tenant fits the token"},
};
/* clang-format on */

/* A key for another algorithm is no key; the log should say which it has. */
static void test_key_alg(void)
{
    pwl_idtoken_want_t want = code_want;
    size_t i;

    for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        char *key =
            signing_jwk(signing_key(0),
                        apr_psprintf(pool, ",\"kid\":\"k1\",\"alg\":\"%s\"",
                                     algs[i].key_alg),
                        pool);
        const char *token =
            signing_token(apr_psprintf(pool, "{\"alg\":\"%s\",\"kid\":\"%s\"}",
                                       algs[i].token_alg, algs[i].kid),
                          payload_with("x", "1"), signing_key(0), pool);
        pwl_claims_t *claims;
        pwl_result_t res;

        want.alg =
            strcmp(algs[i].token_alg, "PS256") ? PWL_ALG_RS256 : PWL_ALG_PS256;
        res = pwl_idtoken_verify(token, strlen(token), set_of(key, NULL), NULL,
                                 &want, &claims, pool);
        tap_str(algs[i].what, pwl_reason_word(res.why), "jwt-key");
        tap_str("J3: and the detail helps", res.detail, algs[i].want);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_whole();
    test_key_alg();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
