/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256: the vectors of FIPS 180-4, the two-part form, and many threads that
 * all hash for the first time at once.
 */
#include "core/sha256.h"

#include <pthread.h>
#include <stdlib.h>

#include "tap.h"

#define THREADS 16

static const char *hex(const unsigned char *digest)
{
    static char text[2 * PWL_SHA256_BYTES + 1];

    for (int i = 0; i < PWL_SHA256_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}

static void *hash_at_once(void *gate)
{
    unsigned char digest[PWL_SHA256_BYTES];

    pthread_barrier_wait(gate);
    for (int i = 0; i < 1000; i++)
        pwl_sha256("abc", 3, digest);
    return digest[0] == 0xba && digest[31] == 0xad ? gate : NULL;
}

/* First of all, so that the algorithm is not fetched yet. */
static void test_threads(void)
{
    pthread_t threads[THREADS];
    pthread_barrier_t gate;
    int good = 0;

    pthread_barrier_init(&gate, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, hash_at_once, &gate);
    for (int i = 0; i < THREADS; i++) {
        void *ret = NULL;

        pthread_join(threads[i], &ret);
        good += ret != NULL;
    }
    pthread_barrier_destroy(&gate);
    tap_int("threads that start at the same time all get the right digest",
            good, THREADS);
}

static void test_vectors(void)
{
    /* clang-format off */
    static const struct { const char *what, *data, *want; } cases[] = {
        {"nothing", "",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"one block", "abc",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"two blocks",
         "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    /* clang-format on */
    unsigned char digest[PWL_SHA256_BYTES + 1];
    char what[128];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].data);
        int same = 1;

        digest[PWL_SHA256_BYTES] = 0x5a;
        pwl_sha256(cases[i].data, len, digest);
        tap_str(cases[i].what, hex(digest), cases[i].want);
        for (size_t cut = 0; cut <= len; cut++) {
            pwl_sha256_2(cases[i].data, cut, cases[i].data + cut, len - cut,
                         digest);
            same &= strcmp(hex(digest), cases[i].want) == 0;
        }
        snprintf(what, sizeof(what), "%s: the same cut in two anywhere",
                 cases[i].what);
        tap_ok(same, what);
        tap_int("the byte after the digest is left alone",
                digest[PWL_SHA256_BYTES], 0x5a);
    }
}

int main(void)
{
    test_threads();
    test_vectors();
    return tap_done();
}
