/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/assertion.c: which keys are taken, and whether what is signed is what
 * auth0-api.md 7.6 asks for. Signatures are checked by libcrypto.
 */
#include "core/assertion.h"

#include <apr_general.h>
#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "core/b64.h"
#include "core/limits.h"
#include "signing.h"
#include "tap.h"

#define NOW apr_time_from_sec(APR_INT64_C(1800000000))
#define AUDIENCE "https://acme.eu.auth0.com/"

static apr_pool_t *pool;

typedef enum { PKCS8, PKCS1, ENCRYPTED, ENCRYPTED_PKCS1, PUBLIC } form_t;

static const char *pem(EVP_PKEY *pkey, form_t form)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char word[] = "word", *text;
    const char *copy;
    long len;

    if (form == PUBLIC)
        PEM_write_bio_PUBKEY(bio, pkey);
    else if (form == PKCS1 || form == ENCRYPTED_PKCS1)
        PEM_write_bio_PrivateKey_traditional(
            bio, pkey, form == PKCS1 ? NULL : EVP_aes_128_cbc(),
            (unsigned char *)word, 4, NULL, NULL);
    else
        PEM_write_bio_PKCS8PrivateKey(bio, pkey,
                                      form == PKCS8 ? NULL : EVP_aes_128_cbc(),
                                      word, 4, NULL, NULL);
    len = BIO_get_mem_data(bio, &text);
    copy = apr_pstrmemdup(pool, text, (apr_size_t)len);
    BIO_free(bio);
    return copy;
}

static EVP_PKEY *rsa(unsigned bits)
{
    return EVP_RSA_gen(bits);
}

/** RSA that may sign with PS256 only. */
static EVP_PKEY *pss_key(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *pkey = NULL;

    if (EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_generate(ctx, &pkey) != 1)
        abort();
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static void test_keys(void)
{
    EVP_PKEY *good = signing_key(0);
    EVP_PKEY *ec = EVP_EC_gen("P-256");
    EVP_PKEY *pss = pss_key();
    EVP_PKEY *small = rsa(2040), *most = rsa(4096), *large = rsa(4104);
    const struct {
        const char *what, *pem, *detail;
    } cases[] = {
        {"PKCS#8", pem(good, PKCS8), NULL},
        {"PKCS#1", pem(good, PKCS1), NULL},
        {"text before it",
         apr_pstrcat(pool, "the key\n", pem(good, PKCS8), NULL), NULL},
        {"4096 bits", pem(most, PKCS8), NULL},
        {"G6: 2040 bits", pem(small, PKCS8), "2040 bits"},
        {"G6: 4104 bits", pem(large, PKCS8), "takes 2048 to 4096"},
        {"G6: encrypted", pem(good, ENCRYPTED), "openssl pkey -in KEY -out"},
        {"G6: encrypted in the old way", pem(good, ENCRYPTED_PKCS1),
         "is encrypted"},
        {"G6: the public half", pem(good, PUBLIC), "no private key"},
        {"G6: an EC key", pem(ec, PKCS8), "no RSA key"},
        {"G6: a key for PSS alone", pem(pss, PKCS8), "no RSA key"},
        {"G6: a certificate's first line", "-----BEGIN CERTIFICATE-----\n",
         "no private key"},
        {"G6: half of one", apr_pstrmemdup(pool, pem(good, PKCS8), 800),
         "no private key"},
        {"G6: a secret", "s3cr3t", "no private key"},
        {"G6: nothing", "", "no private key"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pwl_assertion_key_t *key;
        pwl_result_t res = pwl_assertion_key_read(
            cases[i].pem, strlen(cases[i].pem), &key, pool);

        if (!cases[i].detail)
            tap_ok(res.why == PWL_OK && key, cases[i].what);
        else
            tap_ok(res.why == PWL_SECRET_KEY && !key && res.detail &&
                       strstr(res.detail, cases[i].detail),
                   cases[i].what);
    }
    EVP_PKEY_free(ec);
    EVP_PKEY_free(pss);
    EVP_PKEY_free(small);
    EVP_PKEY_free(most);
    EVP_PKEY_free(large);
}

/** Part `which` of a token, decoded. */
static json_t *part(const char *token, int which)
{
    unsigned char bytes[PWL_ASSERTION_MAX];
    apr_size_t len;

    while (which-- > 0)
        token = strchr(token, '.') + 1;
    if (!pwl_b64_decode(token, strcspn(token, "."), bytes, sizeof(bytes), &len))
        return NULL;
    return json_loadb((char *)bytes, len, JSON_REJECT_DUPLICATES, NULL);
}

static int is_signed(const char *token, EVP_PKEY *pkey)
{
    const char *last = strrchr(token, '.');
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char bytes[512];
    apr_size_t len;
    int good = pwl_b64_decode(last + 1, strlen(last + 1), bytes, sizeof(bytes),
                              &len) &&
               EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
               EVP_DigestVerify(ctx, bytes, len, (const unsigned char *)token,
                                (size_t)(last - token)) == 1;

    EVP_MD_CTX_free(ctx);
    return good;
}

static const char *word(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void test_assertion(void)
{
    const char *text = pem(signing_key(0), PKCS8);
    pwl_assertion_key_t *key;
    const char *token, *other;
    json_t *head, *claims, *second;
    json_int_t iat, exp;

    pwl_assertion_key_read(text, strlen(text), &key, pool);
    token = pwl_assertion_make(key, "Cl\"3nt", AUDIENCE, NOW, pool);
    other = pwl_assertion_make(key, "Cl\"3nt", AUDIENCE, NOW, pool);
    head = part(token, 0);
    claims = part(token, 1);
    second = part(other, 1);
    tap_str("7.6: the algorithm", word(head, "alg"), "RS256");
    tap_str("  the type", word(head, "typ"), "JWT");
    tap_int("  nothing else", (long long)json_object_size(head), 2);
    tap_str("  issuer, quoted", word(claims, "iss"), "Cl\"3nt");
    tap_str("  subject", word(claims, "sub"), "Cl\"3nt");
    tap_str("  audience, with its slash", word(claims, "aud"), AUDIENCE);
    iat = json_integer_value(json_object_get(claims, "iat"));
    exp = json_integer_value(json_object_get(claims, "exp"));
    tap_int("  made now", iat, 1800000000);
    tap_int("  good for a minute", exp - iat, 60);
    tap_int("  an id of 22 characters", (long long)strlen(word(claims, "jti")),
            22);
    tap_ok(strcmp(word(claims, "jti"), word(second, "jti")) != 0,
           "  another id each time");
    tap_int("  nothing else", (long long)json_object_size(claims), 6);
    tap_ok(is_signed(token, signing_key(0)), "  signed by the key");
    tap_ok(!is_signed(token, signing_key(1)), "  and by no other");
    json_decref(head);
    json_decref(claims);
    json_decref(second);
}

/** The longest client ID and domain fit with the longest key; past that no
 * assertion is made. */
static void test_limit(void)
{
    EVP_PKEY *most = rsa(4096);
    const char *text = pem(most, PKCS8);
    char *id = apr_pcalloc(pool, 600);
    pwl_assertion_key_t *key;
    const char *token;
    size_t len;

    pwl_assertion_key_read(text, strlen(text), &key, pool);
    memset(id, 'a', PWL_SETTING_TOKEN_MAX);
    token = pwl_assertion_make(key, id, AUDIENCE, NOW, pool);
    tap_ok(token && strlen(token) <= PWL_ASSERTION_MAX,
           "G6: the longest client ID fits");
    for (len = PWL_SETTING_TOKEN_MAX; token && len < 599; len++) {
        memset(id, 'a', len + 1);
        token = pwl_assertion_make(key, id, AUDIENCE, NOW, pool);
        if (token && strlen(token) > PWL_ASSERTION_MAX)
            break;
    }
    tap_ok(!token,
           "G6: what would be longer than the tenant takes is not made");
    EVP_PKEY_free(most);
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_keys();
    test_assertion();
    test_limit();
    return tap_done();
}
