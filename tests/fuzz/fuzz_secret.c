/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in a file of a secret, of seal keys, or of the application's key.
 * A secret that is taken is one line within the limit; seal keys are one or two
 * and what base64 says; an application's key signs. What is told of a refusal
 * repeats nothing of the file. The first byte says which file it is.
 */
#include "target.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/limits.h"
#include "input.h"
#include "io/secret.h"

/* A file without a name, which only we can read. */
static const char *make_file(const uint8_t *data, size_t size, int *fd,
                             apr_pool_t *pool)
{
    *fd = memfd_create("secret", 0);
    PROMISE(*fd >= 0 && fchmod(*fd, 0600) == 0);
    PROMISE(write(*fd, data, size) == (ssize_t)size);
    return apr_psprintf(pool, "/proc/self/fd/%d", *fd);
}

static void check_told(pwl_result_t res, const uint8_t *data, size_t size)
{
    char piece[9] = {0};

    PROMISE(res.detail && !strchr(res.detail, '\n'));
    for (size_t i = 0; i + 8 <= size; i++) {
        memcpy(piece, data + i, 8);
        /* Words of our own sentences may stand in a file, too. */
        if (strlen(piece) == 8 && strpbrk(piece, "0123456789"))
            PROMISE(!strstr(res.detail, piece));
    }
}

static pwl_result_t read_secret(const char *arg, size_t size, apr_pool_t *pool)
{
    const char *out = NULL;
    pwl_result_t res = pwl_secret_read(arg, "/", &out, pool);

    PROMISE((res.why == PWL_OK) == (out != NULL));
    if (out) {
        PROMISE(*out && strlen(out) <= PWL_SECRET_MAX_BYTES &&
                strlen(out) <= size);
        for (; *out; out++)
            PROMISE((unsigned char)*out >= ' ' && *out != 0x7f);
    }
    return res;
}

/* Is the key somewhere in the file, as base64 of libcrypto says it? */
static int holds(const uint8_t *data, size_t size, const unsigned char *key)
{
    unsigned char text[64];
    char *file = calloc(1, size + 1);
    int found;

    memcpy(file, data, size);
    for (char *c = file; *c; c++)
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    EVP_EncodeBlock(text, key, PWL_SEAL_KEY_BYTES);
    text[43] = '\0'; /* padding may be left out */
    found = strstr(file, (char *)text) != NULL;
    free(file);
    return found;
}

static pwl_result_t read_keys(const char *arg, const uint8_t *data, size_t size,
                              apr_pool_t *pool)
{
    static const unsigned char none[PWL_SEAL_KEY_BYTES];
    pwl_seal_keys_t keys;
    pwl_result_t res = pwl_secret_seal_keys(arg, "/", &keys, pool);

    PROMISE(keys.count >= 0 && keys.count <= 2);
    PROMISE((res.why == PWL_OK) == (keys.count > 0));
    for (int i = 0; i < keys.count; i++)
        PROMISE(holds(data, size, keys.key[i]));
    for (int i = keys.count; i < 2; i++)
        PROMISE(memcmp(keys.key[i], none, sizeof(none)) == 0);
    return res;
}

static pwl_result_t read_client_key(const char *path, apr_pool_t *pool)
{
    pwl_assertion_key_t *key;
    pwl_result_t res = pwl_secret_client_key(path, "/", &key, pool);

    PROMISE((res.why == PWL_OK) == (key != NULL));
    return res;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;
    const char *path, *arg;
    pwl_result_t res;
    unsigned int kind;
    int fd;

    if (size == 0)
        return 0;
    pool = input_pool();
    kind = *data++ % 3;
    path = make_file(data, --size, &fd, pool);
    arg = apr_pstrcat(pool, "file:", path, NULL);
    if (kind == 0)
        res = read_secret(arg, size, pool);
    else if (kind == 1)
        res = read_keys(arg, data, size, pool);
    else
        res = read_client_key(path, pool);
    if (res.why != PWL_OK)
        check_told(res, data, size);
    apr_pool_destroy(pool);
    close(fd);
    return 0;
}
