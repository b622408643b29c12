/* SPDX-License-Identifier: Apache-2.0 */
#include "io/remotename.h"

#include <openssl/crypto.h>
#include <string.h>

#include "core/b64.h"

#define NAME_BYTES 32

struct pwl_remotename_t {
    int count; /* of seal keys */
    unsigned char key[PWL_REMOTENAME_MAX][PWL_SEAL_KEY_BYTES];
};

static apr_status_t forget(void *data)
{
    pwl_remotename_t *names = data;

    OPENSSL_cleanse(names->key, sizeof(names->key));
    return APR_SUCCESS;
}

pwl_remotename_t *pwl_remotename_make(const pwl_seal_keys_t *keys,
                                      const char *purpose, const char *prefix,
                                      apr_pool_t *pool)
{
    pwl_remotename_t *names = apr_pcalloc(pool, sizeof(*names));

    names->count = keys->count;
    apr_pool_cleanup_register(pool, names, forget, apr_pool_cleanup_null);
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
