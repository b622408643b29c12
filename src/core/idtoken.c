/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this token proof that the person we asked for signed in, here and now?
 *
 *   token -> pwl_jws_read -> keys -> pwl_jws_verify -> the checks -> claims
 *
 * Each check is one function in one table and answers for one claim; all must
 * say yes. A new check is a new row. They compare with what the caller wants,
 * never with something the token says about itself.
 *
 * We are stricter than OpenID Connect Core 3.1.3.7 asks:
 *  - the signature is verified although the token came over TLS from the
 *    tenant itself (a proxy or a wrong CA file may stand between);
 *  - a nonce nobody sent, and an `iat` over a day old, are refused: such a
 *    token was made for somebody or some time else;
 *  - an e-mail address that the tenant does not call verified is no identity,
 *    and with an address asked for it must be that one;
 *  - with several audiences `azp` must name us.
 * With the sms connection all that goes for phone_number, and for
 * phone_number_verified or phone_verified, which Auth0 may call it.
 *
 * Nothing of the token's values gets into `detail`: it ends up in a log.
 */
#include "core/idtoken.h"

#include <openssl/crypto.h>
#include <string.h>
#include <apr_cstr.h>
#include <apr_strings.h>

#include "core/b64.h"
#include "core/idtoken_asked.h"
#include "core/json.h"
#include "core/jwtcheck.h"
#include "core/jws.h"
#include "core/limits.h"
#include "core/sha256.h"

#define AT_HASH_BYTES 16 /* the left half of SHA-256 */

typedef pwl_result_t check_fn_t(const json_t *claims,
                                const pwl_idtoken_want_t *want);

static pwl_result_t yes(void)
{
    return (pwl_result_t){.why = PWL_OK};
}

static pwl_result_t no(pwl_reason_t why, const char *detail)
{
    return (pwl_result_t){.why = why, .detail = detail};
}

static int is_secret_text(const json_t *claim, const char *want)
{
    const char *text = json_string_value(claim);
    size_t len = want ? strlen(want) : 0;

    return text && want && json_string_length(claim) == len &&
           CRYPTO_memcmp(text, want, len) == 0;
}

/* Members that are null say nothing, as absent ones do. */
static const json_t *said(const json_t *claims, const char *name)
{
    const json_t *claim = json_object_get(claims, name);

    return json_is_null(claim) ? NULL : claim;
}

static pwl_result_t check_kind(const json_t *claims,
                               const pwl_idtoken_want_t *want)
{
    const json_t *events = json_object_get(claims, "events");

    if (json_object_get(events, PWL_JWTCHECK_LOGOUT_EVENT))
        return no(PWL_JWT_TYP, "a logout token is no ID token");
    return yes();
}

static pwl_result_t check_iss(const json_t *claims,
                              const pwl_idtoken_want_t *want)
{
    return pwl_jwtcheck_iss(claims, want->issuer);
}

static pwl_result_t check_aud(const json_t *claims,
                              const pwl_idtoken_want_t *want)
{
    const json_t *azp = json_object_get(claims, "azp");
    pwl_result_t res = pwl_jwtcheck_aud(claims, want->client_id);

    if (res.why != PWL_OK)
        return res;
    if (json_array_size(json_object_get(claims, "aud")) > 1 && !azp)
        return no(PWL_JWT_AZP, "several audiences and no azp");
    if (azp && !pwl_jwtcheck_is_text(azp, want->client_id))
        return no(PWL_JWT_AZP, "azp is not Auth0ClientID");
    return yes();
}

static pwl_result_t check_exp(const json_t *claims,
                              const pwl_idtoken_want_t *want)
{
    return pwl_jwtcheck_exp(claims, want->now, want->skew);
}

static pwl_result_t check_nbf(const json_t *claims,
                              const pwl_idtoken_want_t *want)
{
    const json_t *claim = json_object_get(claims, "nbf");
    apr_time_t nbf;

    if (!claim)
        return yes();
    if (!pwl_claims_seconds(claim, &nbf))
        return no(PWL_JWT_NBF, "nbf is no time");
    if (nbf > want->now + want->skew)
        return no(PWL_JWT_NBF, "nbf is in the future (is the clock right?)");
    return yes();
}

static pwl_result_t check_iat(const json_t *claims,
                              const pwl_idtoken_want_t *want)
{
    return pwl_jwtcheck_iat(claims, want->now, want->skew,
                            apr_time_from_sec(PWL_JWT_IAT_MAX_AGE),
                            "the token was issued over a day ago");
}

static pwl_result_t check_nonce(const json_t *claims,
                                const pwl_idtoken_want_t *want)
{
    const json_t *nonce = json_object_get(claims, "nonce");

    if (!want->nonce)
        return nonce ? no(PWL_JWT_NONCE, "a nonce that nobody sent") : yes();
    if (!is_secret_text(nonce, want->nonce))
        return no(PWL_JWT_NONCE, "nonce is missing or not the one we sent");
    return yes();
}

static pwl_result_t check_sub(const json_t *claims,
                              const pwl_idtoken_want_t *want)
{
    const json_t *claim = json_object_get(claims, "sub");
    const char *sub = json_string_value(claim);

    if (!sub || !*sub)
        return no(PWL_JWT_SUB, "sub is missing, empty or no string");
    if (json_string_length(claim) > PWL_JWT_SUB_MAX)
        return no(PWL_JWT_SUB, "sub is too long");
    if (pwl_jwtcheck_has_control(sub))
        return no(PWL_JWT_SUB, "sub holds a control byte");
    if (want->sub && strcmp(sub, want->sub) != 0)
        return no(PWL_JWT_SUB, "sub is not the person of the session");
    return yes();
}

static pwl_result_t check_at_hash(const json_t *claims,
                                  const pwl_idtoken_want_t *want)
{
    const json_t *claim = json_object_get(claims, "at_hash");
    unsigned char digest[PWL_SHA256_BYTES];
    char text[PWL_B64_CHARS(AT_HASH_BYTES) + 1];

    if (!claim || !want->access_token)
        return yes();
    pwl_sha256(want->access_token, strlen(want->access_token), digest);
    pwl_b64_encode_to(text, digest, AT_HASH_BYTES);
    if (!is_secret_text(claim, text))
        return no(PWL_JWT_AT_HASH, "at_hash is of another access token");
    return yes();
}

static pwl_result_t check_phone(const json_t *claims,
                                const pwl_idtoken_want_t *want)
{
    static const char *const verified[] = {"phone_number_verified",
                                           "phone_verified"};
    const json_t *phone = said(claims, "phone_number");
    const char *number = json_string_value(phone);
    int is_verified = 0;
    size_t i;

    if (!phone)
        return no(PWL_JWT_EMAIL,
                  "no phone_number in the token (Auth0Scope needs phone)");
    if (!number || !*number || pwl_jwtcheck_has_control(number))
        return no(PWL_JWT_EMAIL, "phone_number is no number");
    for (i = 0; i < sizeof(verified) / sizeof(*verified); i++) {
        const json_t *claim = said(claims, verified[i]);

        is_verified |= json_is_true(claim);
        if (claim && !json_is_true(claim))
            return no(PWL_JWT_EMAIL_UNVERIFIED,
                      "the tenant does not call the phone number verified");
    }
    if (!is_verified)
        return no(PWL_JWT_EMAIL_UNVERIFIED,
                  "the token does not say that the phone number is verified");
    if (want->email && strcmp(number, want->email) != 0)
        return no(PWL_JWT_EMAIL, "phone_number is not the one asked for");
    return yes();
}

static pwl_result_t check_email(const json_t *claims,
                                const pwl_idtoken_want_t *want, int is_needed)
{
    const json_t *claim = said(claims, "email");
    const char *email = json_string_value(claim);

    if (!claim && !is_needed)
        return yes();
    if (!claim)
        return no(PWL_JWT_EMAIL,
                  "no e-mail address in the token (Auth0Scope needs email)");
    if (!email || !*email || pwl_jwtcheck_has_control(email))
        return no(PWL_JWT_EMAIL, "email is no address");
    if (!json_is_true(json_object_get(claims, "email_verified")))
        return no(PWL_JWT_EMAIL_UNVERIFIED,
                  "the tenant does not call the e-mail address verified");
    if (is_needed && apr_cstr_casecmp(email, want->email) != 0)
        return no(PWL_JWT_EMAIL, "email is not the address asked for");
    return yes();
}

static pwl_result_t check_address(const json_t *claims,
                                  const pwl_idtoken_want_t *want)
{
    int is_phone = want->connection && strcmp(want->connection, "sms") == 0;
    pwl_result_t res = yes();

    if (is_phone)
        res = check_phone(claims, want);
    if (res.why != PWL_OK)
        return res;
    return check_email(claims, want, want->email && !is_phone);
}

static check_fn_t *const checks[] = {
    check_kind,
    check_iss,
    check_aud,
    check_exp,
    check_nbf,
    check_iat,
    check_nonce,
    check_sub,
    check_at_hash,
    check_address,
    pwl_idtoken_asked_check,
};

/* The header's verdicts in words for the one who set the tenant up. */
static const char *explain(pwl_reason_t why)
{
    switch (why) {
    case PWL_JWT_ENCRYPTED:
        return "the tenant encrypts its tokens; encryption is not supported";
    case PWL_JWT_ALG:
        return "the token is not signed with Auth0IDTokenAlg";
    case PWL_JWT_TYP:
        return "some other kind of token, by its header";
    case PWL_JWT_KEY:
        return "no key of the tenant fits the token";
    default:
        return NULL;
    }
}

/* Which algorithm is meant can differ in three places, and the key's own is
 * the one that the tenant's dashboard does not show. */
static const char *explain_key(const pwl_jws_t *jws, const pwl_jwks_t *jwks,
                               apr_pool_t *pool)
{
    const char *word;
    pwl_alg_t other;

    if (jws->alg == PWL_ALG_HS256 ||
        !pwl_jwks_other_alg(jwks, jws->kid, jws->alg, &other))
        return explain(PWL_JWT_KEY);
    word = pwl_jws_alg_word(other);
    return apr_psprintf(pool,
                        "the tenant's key says it is for %s, the token and "
                        "Auth0IDTokenAlg say %s: set JsonWebToken Signature "
                        "Algorithm in the application's advanced settings to "
                        "%s, and Auth0IDTokenAlg %s here",
                        word, pwl_jws_alg_word(jws->alg), word, word);
}

pwl_result_t pwl_idtoken_claims(const char *payload, apr_size_t len,
                                const pwl_idtoken_want_t *want,
                                pwl_claims_t **out, apr_pool_t *pool)
{
    pwl_reason_t why;
    json_t *claims;
    size_t i;

    *out = NULL;
    why = pwl_json_parse_pool(payload, len, PWL_JWT_MAX_BYTES, &claims, pool);
    if (why != PWL_OK)
        return no(PWL_JWT_CLAIMS, pwl_reason_word(why));
    if (!json_is_object(claims))
        return no(PWL_JWT_CLAIMS, "not an object");
    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        pwl_result_t res = checks[i](claims, want);

        if (res.why != PWL_OK)
            return res;
    }
    *out = pwl_claims_make(claims, pool);
    return yes();
}

pwl_result_t pwl_idtoken_verify(const char *token, apr_size_t len,
                                const pwl_jwks_t *jwks,
                                const pwl_jwk_t *secret_key,
                                const pwl_idtoken_want_t *want,
                                pwl_claims_t **out, apr_pool_t *pool)
{
    pwl_reason_t why;
    pwl_jws_t jws;

    *out = NULL;
    why = pwl_jws_read(token, len, want->alg, &jws, pool);
    if (why != PWL_OK)
        return no(why, explain(why));
    why = pwl_jws_verify_set(&jws, jwks, secret_key);
    if (why == PWL_JWT_KEY)
        return no(why, explain_key(&jws, jwks, pool));
    if (why != PWL_OK)
        return no(why, explain(why));
    return pwl_idtoken_claims(jws.payload, jws.payload_len, want, out, pool);
}
