/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As with leases (io/remotelease.c), SET NX and GET are sent together and what
 * GET says counts: commands may be sent twice, and a second SET NX would take
 * us for somebody who comes with the token again.
 */
#include "io/remotelogout.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/b64.h"
#include "core/logouttoken.h"

#define WORD_BYTES 16
#define NAME_BYTES 32
#define KEYS 2 /* asked for at once */

struct pwl_remotelogout_t {
    pwl_redis_t *redis;
    const char *prefix;
    int count; /* of seal keys */
    unsigned char name_key[2][PWL_SEAL_KEY_BYTES];
};

static pwl_result_t reason(pwl_reason_t why)
{
    pwl_result_t res = {why, 0, NULL};

    return res;
}

static apr_status_t forget(void *data)
{
    pwl_remotelogout_t *logout = data;

    OPENSSL_cleanse(logout->name_key, sizeof(logout->name_key));
    return APR_SUCCESS;
}

pwl_remotelogout_t *pwl_remotelogout_make(pwl_redis_t *redis,
                                          const pwl_seal_keys_t *keys,
                                          const char *prefix, apr_pool_t *pool)
{
    pwl_remotelogout_t *logout = apr_pcalloc(pool, sizeof(*logout));

    logout->redis = redis;
    logout->prefix = prefix;
    logout->count = keys->count;
    apr_pool_cleanup_register(pool, logout, forget, apr_pool_cleanup_null);
    for (int i = 0; i < keys->count; i++) {
        if (!pwl_seal_derive(keys->key[i], PWL_SEAL_KEY_BYTES, "redis-logouts",
                             prefix, strlen(prefix), logout->name_key[i]))
            return NULL;
    }
    return logout;
}

static const char *name_of(const pwl_remotelogout_t *logout, int which,
                           const unsigned char *key, apr_pool_t *pool)
{
    unsigned char digest[NAME_BYTES];

    pwl_seal_derive(logout->name_key[which], PWL_SEAL_KEY_BYTES, "logout", key,
                    PWL_LOGOUTTOKEN_KEY_BYTES, digest);
    return apr_pstrcat(pool, logout->prefix,
                       "o:", pwl_b64_encode(digest, sizeof(digest), pool),
                       NULL);
}

static const char *millis(apr_interval_time_t life, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT,
                        life > 1000 ? (apr_int64_t)(life / 1000) : 1);
}

pwl_result_t pwl_remotelogout_once(const pwl_remotelogout_t *logout,
                                   const unsigned char *key,
                                   apr_interval_time_t life, apr_pool_t *pool)
{
    pwl_redis_command_t command[4];
    pwl_redis_answer_t answer[4];
    unsigned char random[WORD_BYTES];
    const char *word;
    int mine = 0;
    pwl_result_t res;

    if (RAND_bytes(random, sizeof(random)) != 1)
        return reason(PWL_SEAL_FAILED);
    word = pwl_b64_encode(random, sizeof(random), pool);
    for (int i = 0; i < logout->count; i++) {
        const char *name = name_of(logout, i, key, pool);

        command[2 * i] = pwl_redis_command("SET", name, word, "NX", "PX",
                                           millis(life, pool), NULL);
        command[2 * i + 1] = pwl_redis_command("GET", name, NULL);
    }
    res = pwl_redis_do(logout->redis, command, 2 * logout->count, answer, pool);
    if (res.why != PWL_OK)
        return res;
    for (int i = 0; i < logout->count; i++) {
        const pwl_redis_answer_t *got = &answer[2 * i + 1];

        mine += got->kind == PWL_REDIS_TEXT && strcmp(got->text, word) == 0;
    }
    return mine == logout->count ? res : reason(PWL_LOGOUT_REPLAY);
}

pwl_result_t pwl_remotelogout_tell(const pwl_remotelogout_t *logout,
                                   const unsigned char *key, apr_time_t issued,
                                   apr_interval_time_t life, apr_pool_t *pool)
{
    const char *seconds =
        apr_psprintf(pool, "%" APR_INT64_T_FMT, apr_time_sec(issued));
    pwl_redis_command_t command[2];
    pwl_redis_answer_t answer[2];

    for (int i = 0; i < logout->count; i++)
        command[i] = pwl_redis_command("SET", name_of(logout, i, key, pool),
                                       seconds, "PX", millis(life, pool), NULL);
    return pwl_redis_do(logout->redis, command, logout->count, answer, pool);
}

pwl_result_t pwl_remotelogout_asked(const pwl_remotelogout_t *logout,
                                    const unsigned char *const *keys, int count,
                                    apr_time_t *since, apr_pool_t *pool)
{
    pwl_redis_command_t command[2 * KEYS] = {{.count = 0}};
    pwl_redis_answer_t answer[2 * KEYS];
    pwl_result_t res;
    int n = 0;

    for (int k = 0; k < count; k++) {
        since[k] = 0;
        for (int i = 0; i < logout->count; i++)
            command[n++] = pwl_redis_command(
                "GET", name_of(logout, i, keys[k], pool), NULL);
    }
    res = pwl_redis_do(logout->redis, command, n, answer, pool);
    for (int i = 0; i < n && res.why == PWL_OK; i++) {
        apr_time_t *one = &since[i / logout->count];
        apr_time_t told = answer[i].kind == PWL_REDIS_TEXT
                              ? apr_time_from_sec(apr_atoi64(answer[i].text))
                              : 0;

        if (told > *one)
            *one = told;
    }
    return res;
}
