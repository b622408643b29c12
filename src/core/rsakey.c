/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From PEM to eight numbers, and from these to a key of libcrypto.
 *
 *   PEM -> DER -> PKCS#8, taken off -> a SEQUENCE of nine INTEGERs -> `numbers`
 *
 * PEM_read_bio_PrivateKey() would be one line, but its decoders leave the whole
 * key in memory they have given back (3.0.22: twice, seen there). So what is
 * taken apart is wiped here, piece by piece.
 *
 * An encrypted key is told by the lines around it: asking for a passphrase
 * would stop a server that starts at night.
 */
#include "core/rsakey.h"

#include <openssl/asn1t.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "core/hidden.h"

/* The INTEGERs of RSAPrivateKey behind its version, as libcrypto calls them. */
static const char *const names[] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

#define COUNT ((int)(sizeof(names) / sizeof(names[0])))

struct pwl_rsakey_t {
    OSSL_PARAM numbers[COUNT + 1]; /* their bytes are hidden */
    int bits;
};

typedef STACK_OF(ASN1_TYPE) sequence_t;

static void free_sequence(sequence_t *sequence)
{
    for (int i = 0; i < sk_ASN1_TYPE_num(sequence); i++) {
        ASN1_TYPE *one = sk_ASN1_TYPE_value(sequence, i);

        if (one->type == V_ASN1_INTEGER)
            OPENSSL_cleanse(one->value.integer->data,
                            (size_t)one->value.integer->length);
    }
    sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free);
}

/* A number, as OSSL_PARAM wants it: bytes in the machine's order.
 * @return where the next may stand; NULL: no such number */
static unsigned char *keep(const ASN1_TYPE *from, const char *name,
                           OSSL_PARAM *to, unsigned char *room)
{
    BIGNUM *number = from->type == V_ASN1_INTEGER
                         ? ASN1_INTEGER_to_BN(from->value.integer, NULL)
                         : NULL;
    int len = number ? BN_num_bytes(number) : 0;

    *to = OSSL_PARAM_construct_BN(name, room, (size_t)len);
    if (len > 0 &&
        (BN_is_negative(number) || BN_bn2nativepad(number, room, len) != len))
        len = 0;
    BN_clear_free(number);
    return len > 0 ? room + len : NULL;
}

static pwl_rsakey_t *take(const unsigned char *der, long len, apr_pool_t *pool)
{
    /* The numbers take less than they do with their heads. */
    unsigned char *room = pwl_hidden_alloc((apr_size_t)len, pool);
    sequence_t *sequence = d2i_ASN1_SEQUENCE_ANY(NULL, &der, len);
    pwl_rsakey_t *key = apr_pcalloc(pool, sizeof(*key));
    EVP_PKEY *pkey = NULL;

    if (sk_ASN1_TYPE_num(sequence) != COUNT + 1)
        room = NULL;
    for (int i = 0; i < COUNT && room; i++)
        room = keep(sk_ASN1_TYPE_value(sequence, i + 1), names[i],
                    &key->numbers[i], room);
    free_sequence(sequence);
    key->numbers[COUNT] = OSSL_PARAM_construct_end();
    if (room)
        pkey = pwl_rsakey_open(key);
    key->bits = pkey ? EVP_PKEY_bits(pkey) : 0;
    EVP_PKEY_free(pkey);
    return key->bits > 0 ? key : NULL;
}

static pwl_rsakey_verdict_t take_pkcs8(const unsigned char *der, long len,
                                       pwl_rsakey_t **out, apr_pool_t *pool)
{
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, len);
    pwl_rsakey_verdict_t verdict = PWL_RSAKEY_NONE;
    const ASN1_OBJECT *kind;
    const unsigned char *inner;
    int inner_len;

    if (info && PKCS8_pkey_get0(&kind, &inner, &inner_len, NULL, info) == 1) {
        verdict = PWL_RSAKEY_OTHER;
        if (OBJ_obj2nid(kind) == NID_rsaEncryption) {
            *out = take(inner, inner_len, pool);
            verdict = *out ? PWL_RSAKEY_OK : PWL_RSAKEY_NONE;
        }
    }
    PKCS8_PRIV_KEY_INFO_free(info); /* wipes */
    return verdict;
}

/* The next block of the text. PEM_FLAG_SECURE wipes the lines it is read by. */
static pwl_rsakey_verdict_t take_block(BIO *bio, int *is_end,
                                       pwl_rsakey_t **out, apr_pool_t *pool)
{
    pwl_rsakey_verdict_t verdict = PWL_RSAKEY_NONE;
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long len = 0;

    *is_end =
        PEM_read_bio_ex(bio, &name, &header, &der, &len, PEM_FLAG_SECURE) != 1;
    if (*is_end)
        return verdict;
    if (strcmp(name, PEM_STRING_PKCS8) == 0 || strstr(header, "ENCRYPTED")) {
        verdict = PWL_RSAKEY_ENCRYPTED;
    } else if (strcmp(name, PEM_STRING_PKCS8INF) == 0) {
        verdict = take_pkcs8(der, len, out, pool);
    } else if (strcmp(name, PEM_STRING_RSA) == 0) {
        *out = take(der, len, pool);
        verdict = *out ? PWL_RSAKEY_OK : PWL_RSAKEY_NONE;
    } else if (strstr(name, "PRIVATE KEY")) {
        verdict = PWL_RSAKEY_OTHER;
    }
    OPENSSL_secure_free(name);
    OPENSSL_secure_free(header);
    OPENSSL_secure_clear_free(der, (size_t)len);
    return verdict;
}

pwl_rsakey_verdict_t pwl_rsakey_read(const char *pem, apr_size_t len,
                                     pwl_rsakey_t **out, apr_pool_t *pool)
{
    pwl_rsakey_verdict_t verdict = PWL_RSAKEY_NONE;
    BIO *bio;
    int is_end = 0;

    *out = NULL;
    bio = BIO_new_mem_buf(pem, (int)len);
    while (bio && !is_end && verdict == PWL_RSAKEY_NONE)
        verdict = take_block(bio, &is_end, out, pool);
    BIO_free(bio);
    ERR_clear_error();
    return verdict;
}

int pwl_rsakey_bits(const pwl_rsakey_t *key)
{
    return key->bits;
}

EVP_PKEY *pwl_rsakey_open(const pwl_rsakey_t *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *pkey = NULL;

    /* It takes the list as one that may be written to, and does not write. */
    if (ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR,
                          (OSSL_PARAM *)key->numbers) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return pkey;
}
