/* SPDX-License-Identifier: Apache-2.0 */
/* io/remotename.c: names that tell nothing, and are the same on each machine.
 */
#include "io/remotename.h"

#include <apr_general.h>
#include <string.h>

#include "core/b64.h"
#include "tap.h"

static apr_pool_t *pool;

static pwl_remotename_t *with(int first, int second, const char *purpose,
                              const char *prefix)
{
    pwl_seal_keys_t keys = {.count = second ? 2 : 1};

    memset(keys.key[0], first, PWL_SEAL_KEY_BYTES);
    memset(keys.key[1], second, PWL_SEAL_KEY_BYTES);
    return pwl_remotename_make(&keys, purpose, prefix, pool);
}

static const char *of(const pwl_remotename_t *names, int which,
                      const char *kind, const char *what)
{
    return pwl_remotename_of(names, which, kind, what, strlen(what), pool);
}

int main(void)
{
    pwl_remotename_t *one, *both;
    unsigned char key[PWL_SEAL_KEY_BYTES], outer[32], inner[32];
    const char *name;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    one = with(1, 0, "purpose", "p:");
    both = with(2, 1, "purpose", "p:");
    name = of(one, 0, "kind", "what");

    memset(key, 1, sizeof(key));
    pwl_seal_derive(key, sizeof(key), "purpose", "p:", 2, outer);
    pwl_seal_derive(outer, sizeof(outer), "kind", "what", 4, inner);
    tap_str("S9: an HMAC under a key of its own purpose and prefix", name,
            pwl_b64_encode(inner, sizeof(inner), pool));
    tap_int("one seal key: one name", pwl_remotename_count(one), 1);
    tap_int("two: two", pwl_remotename_count(both), 2);
    tap_str("another machine agrees",
            of(with(1, 0, "purpose", "p:"), 0, "kind", "what"), name);
    tap_str("one with the key as its second, too", of(both, 1, "kind", "what"),
            name);
    tap_ok(strcmp(of(both, 0, "kind", "what"), name) != 0,
           "under its first it has another name");
    tap_ok(strcmp(of(one, 0, "kind", "that"), name) != 0, "of other bytes");
    tap_ok(strcmp(of(one, 0, "sort", "what"), name) != 0, "of another kind");
    tap_ok(strcmp(of(with(1, 0, "use", "p:"), 0, "kind", "what"), name) != 0,
           "for another purpose");
    tap_ok(strcmp(of(with(1, 0, "purpose", "q:"), 0, "kind", "what"), name) !=
               0,
           "below another prefix");
    apr_pool_destroy(pool);
    return tap_done();
}
