/* SPDX-License-Identifier: Apache-2.0 */
#include "io/remoteclaim.h"

#include <apr_strings.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/b64.h"

#define WORD_BYTES 16

pwl_result_t pwl_remoteclaim_take(pwl_redis_t *redis, const char *const *keys,
                                  int count, apr_interval_time_t life,
                                  int *mine, apr_pool_t *pool)
{
    pwl_redis_command_t command[2 * PWL_REMOTENAME_MAX];
    pwl_redis_answer_t answer[2 * PWL_REMOTENAME_MAX];
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};
    unsigned char random[WORD_BYTES];
    const char *word;

    memset(mine, 0, (apr_size_t)count * sizeof(*mine));
    if (RAND_bytes(random, sizeof(random)) != 1)
        return res;
    word = pwl_b64_encode(random, sizeof(random), pool);
    for (int i = 0; i < count; i++) {
        command[2 * i] = pwl_redis_command("SET", keys[i], word, "NX", "PX",
                                           pwl_redis_millis(life, pool), NULL);
        command[2 * i + 1] = pwl_redis_command("GET", keys[i], NULL);
    }
    res = pwl_redis_do(redis, command, 2 * count, answer, pool);
    for (int i = 0; i < count && res.why == PWL_OK; i++) {
        const pwl_redis_answer_t *got = &answer[2 * i + 1];

        mine[i] = got->kind == PWL_REDIS_TEXT && strcmp(got->text, word) == 0;
    }
    return res;
}
