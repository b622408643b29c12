/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets in shared memory against a list of the times at which something was
 * taken. Operations of three bytes: what, whose, how far the clock goes on.
 *
 * While no set is full: never more than `count` in any stretch of a period,
 * plus the one that has become free each period / count; who waits as long as
 * was said gets one; what was given back can be taken again. First of all, the
 * input is a limit as an operator writes it: what is taken is within its
 * bounds.
 */
#include "target.h"

#include "input.h"
#include "io/throttles.h"

#define USERS 6 /* fit into one set */

typedef struct {
    pwl_throttles_t *table;
    pwl_throttle_limit_t limit;
    apr_time_t now;
    apr_time_t full_at[USERS]; /* when nothing is taken any more; 0: nothing */
    int taken[USERS];          /* not given back */
} model_t;

static void key_of(unsigned int user, unsigned char *key)
{
    memset(key, 0, PWL_THROTTLES_KEY_BYTES);
    key[PWL_THROTTLES_KEY_BYTES - 1] = (unsigned char)(user + 1);
}

static void take(model_t *model, unsigned int user)
{
    apr_interval_time_t each = model->limit.period / model->limit.count;
    apr_time_t *full = &model->full_at[user];
    unsigned char key[PWL_THROTTLES_KEY_BYTES];
    apr_interval_time_t wait, again;

    key_of(user, key);
    PROMISE(
        pwl_throttles_take(model->table, key, &model->limit, model->now, &wait)
            .why == PWL_OK);
    if (*full < model->now)
        *full = model->now;
    PROMISE(wait >= 0 && wait <= model->limit.period);
    PROMISE((wait == 0) == (*full + each <= model->now + model->limit.period));
    if (wait == 0) {
        *full += each;
        model->taken[user]++;
        return;
    }
    /* The wait that is told is true, and not longer than it has to be. */
    PROMISE(pwl_throttles_take(model->table, key, &model->limit,
                               model->now + wait - 1, &again)
                .why == PWL_OK);
    PROMISE(again == 1);
    PROMISE(pwl_throttles_take(model->table, key, &model->limit,
                               model->now + wait, &again)
                .why == PWL_OK);
    PROMISE(again == 0);
    model->now += wait;
    *full = (*full < model->now ? model->now : *full) + each;
    model->taken[user]++;
}

static void give_back(model_t *model, unsigned int user)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];

    if (model->taken[user] == 0)
        return;
    key_of(user, key);
    pwl_throttles_give_back(model->table, key, &model->limit);
    model->taken[user]--;
    model->full_at[user] -= model->limit.period / model->limit.count;
}

static void remember(model_t *model, unsigned int who, unsigned int seconds)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];
    apr_time_t until = model->now + apr_time_from_sec(seconds);

    key_of(200, key); /* with the others it makes seven: none is given up */
    key[0] = 0;
    PROMISE(who < 256);
    pwl_throttles_remember(model->table, key, model->now, until);
    PROMISE(seconds == 0 ||
            (pwl_throttles_knows(model->table, key, until - 1) &&
             !pwl_throttles_knows(model->table, key, until)));
}

static void parse(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const char *arg = apr_pstrmemdup(pool, (const char *)data, size);
    pwl_throttle_limit_t limit = {0};
    pwl_throttle_kind_t kind;
    const char *error = pwl_throttle_parse(arg, &kind, &limit, pool);

    PROMISE(!error || strstr(error, "(try "));
    if (error)
        return;
    PROMISE(kind < PWL_THROTTLE_KINDS && limit.count >= 0);
    PROMISE(limit.count <= PWL_THROTTLE_COUNT_MAX);
    PROMISE(limit.count == 0 ||
            (limit.period > 0 &&
             limit.period <= apr_time_from_sec(PWL_THROTTLE_PERIOD_MAX)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *memory;
    apr_size_t bytes = pwl_throttles_bytes(8);
    apr_pool_t *pool = input_pool();
    model_t model = {.now = apr_time_from_sec(1700000000)};

    parse(data, size, pool);
    if (!memory)
        memory = malloc(bytes);
    model.limit.count = size ? 1 + data[0] % 30 : 1;
    model.limit.period = apr_time_from_sec(size > 1 ? 1 + data[1] * 60 : 1);
    PROMISE(pwl_throttles_format(memory, bytes, &model.table, pool).why ==
            PWL_OK);
    for (size_t at = 2; at + 3 <= size && at < 1500; at += 3) {
        unsigned int user = data[at + 1] % USERS;

        model.now += apr_time_from_sec(data[at + 2]);
        if (data[at] % 4 == 0)
            give_back(&model, user);
        else if (data[at] % 4 == 1)
            remember(&model, user, data[at + 2]);
        else
            take(&model, user);
    }
    apr_pool_destroy(pool);
    return 0;
}
