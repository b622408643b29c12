/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/rsakey.c: nothing of a key is left in memory that a core would hold.
 *
 * A child makes the key, so that what its making leaves behind is not ours, and
 * tells what to look for masked, so that the telling is not found. We then look
 * through all memory of ours that is written to but is not kept out of cores
 * ("dd" in smaps). Which keys are taken is in test_assertion.c.
 */
#include "core/rsakey.h"

#include <apr_general.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/hidden.h"
#include "tap.h"

#define PIECE 32 /* bytes of a number that are looked for */
#define NUMBERS 6
#define PIECES (NUMBERS + 1) /* the last is of the text */
#define MASK 0x5a
#define CHUNK 65536
#define REGION_MAX (1L << 30) /* a sanitizer's own are larger */

typedef struct {
    char pem[8192];
    unsigned char piece[PIECES][PIECE]; /* from within each, masked */
} gift_t;

static apr_pool_t *pool;
static gift_t *gift;
static unsigned char *buffer; /* hidden, or it would find itself */

static void mask(int which, const void *bytes)
{
    for (int k = 0; k < PIECE; k++)
        gift->piece[which][k] = ((const unsigned char *)bytes)[k] ^ MASK;
}

static void make_gift(int traditional)
{
    static const char *const names[NUMBERS] = {
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    EVP_PKEY *pkey = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());

    if (traditional)
        PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0, NULL,
                                             NULL);
    else
        PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
    BIO_read(bio, gift->pem, sizeof(gift->pem) - 1);
    mask(PIECES - 1, gift->pem + strlen(gift->pem) / 64 * 64 - 40);
    for (int i = 0; i < NUMBERS; i++) {
        unsigned char bytes[512];
        BIGNUM *number = NULL;

        EVP_PKEY_get_bn_param(pkey, names[i], &number);
        BN_bn2bin(number, bytes);
        mask(i, bytes + 16);
    }
}

static void receive(int traditional)
{
    int status = 1;

    memset(gift, 0, sizeof(*gift));
    if (fork() == 0) {
        make_gift(traditional);
        _exit(0);
    }
    if (wait(&status) < 0 || status != 0)
        abort();
}

/* Is piece `which` at `at`, in this order of bytes or the other? */
static int is_at(const unsigned char *at, int which)
{
    const unsigned char *piece = gift->piece[which];
    int same = 0, other = 0;

    while (same < PIECE && (at[same] ^ MASK) == piece[same])
        same++;
    while (other < PIECE && (at[other] ^ MASK) == piece[PIECE - 1 - other])
        other++;
    return same == PIECE || other == PIECE;
}

static int found_in(unsigned long from, unsigned long to, int mem)
{
    int found = 0;

    for (; from < to; from += CHUNK - PIECE) {
        size_t len = to - from < CHUNK ? to - from : CHUNK;
        ssize_t got = pread(mem, buffer, len, (off_t)from);

        for (ssize_t i = 0; i + PIECE <= got; i++)
            for (int which = 0; which < PIECES; which++)
                found += is_at(buffer + i, which);
    }
    return found;
}

/** @return how often a piece is in memory; -1: that cannot be told here */
static int found(void)
{
    FILE *smaps = fopen("/proc/self/smaps", "r");
    int mem = open("/proc/self/mem", O_RDONLY), count = 0, regions = 0;
    unsigned long from = 0, to = 0, a, b;
    char line[4096], perms[8] = "";

    while (smaps && mem >= 0 && fgets(line, sizeof(line), smaps)) {
        if (sscanf(line, "%lx-%lx %7s", &a, &b, perms) == 3) {
            from = a;
            to = b;
        } else if (strncmp(line, "VmFlags:", 8) == 0 && strchr(perms, 'w') &&
                   !strstr(line, " dd") && to - from < REGION_MAX) {
            regions++;
            count += found_in(from, to, mem);
        }
    }
    if (smaps)
        fclose(smaps);
    if (mem >= 0)
        close(mem);
    return regions > 0 ? count : -1;
}

static void nothing_left(const char *what, int traditional)
{
    pwl_rsakey_t *key;
    EVP_PKEY *pkey;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char out[512];
    size_t len = sizeof(out);
    int before;

    receive(traditional);
    tap_int(what, pwl_rsakey_read(gift->pem, strlen(gift->pem), &key, pool),
            PWL_RSAKEY_OK);
    memset(gift->pem, 0, sizeof(gift->pem));
    before = found();
    if (before < 0) {
        tap_ok(1, "G9: # SKIP no /proc/self/smaps to look at");
        EVP_MD_CTX_free(ctx);
        return;
    }
    tap_int("G9: nothing of it is left by reading", before, 0);
    pkey = pwl_rsakey_open(key);
    tap_ok(found() > 0, "while it is open it is there to be found");
    tap_ok(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
               EVP_DigestSign(ctx, out, &len, (unsigned char *)"a", 1) == 1,
           "it signs");
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    tap_int("G9: nor by using it", found(), 0);
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    gift = mmap(NULL, sizeof(*gift), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    buffer = pwl_hidden_alloc(CHUNK, pool);
    nothing_left("PKCS#8", 0);
    nothing_left("PKCS#1", 1);
    return tap_done();
}
