/* SPDX-License-Identifier: Apache-2.0 */
#include "io/remotename.h"

#include <string.h>

#include "core/b64.h"
#include "core/hidden.h"

#define NAME_BYTES 32

struct pwl_remotename_t {
    int count; /* of seal keys */
    unsigned char key[PWL_REMOTENAME_MAX][PWL_SEAL_KEY_BYTES];
};

pwl_remotename_t *pwl_remotename_make(const pwl_seal_keys_t *keys,
                                      const char *purpose, const char *prefix,
                                      apr_pool_t *pool)
{
    pwl_remotename_t *names = pwl_hidden_alloc(sizeof(*names), pool);

    names->count = keys->count;
    for (int i = 0; i < keys->count; i++) {
        if (!pwl_seal_derive(keys->key[i], PWL_SEAL_KEY_BYTES, purpose, prefix,
                             strlen(prefix), names->key[i]))
            return NULL;
    }
    return names;
}

int pwl_remotename_count(const pwl_remotename_t *names)
{
    return names->count;
}

const char *pwl_remotename_of(const pwl_remotename_t *names, int which,
                              const char *kind, const void *data,
                              apr_size_t len, apr_pool_t *pool)
{
    unsigned char digest[NAME_BYTES];

    pwl_seal_derive(names->key[which], PWL_SEAL_KEY_BYTES, kind, data, len,
                    digest);
    return pwl_b64_encode(digest, sizeof(digest), pool);
}
