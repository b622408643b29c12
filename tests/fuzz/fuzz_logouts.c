/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What logout tokens leave behind, against a plain array. Operations of three
 * bytes: what, which key, how long.
 *
 * A token that is noted counts once for its time; the later `since` is kept;
 * nothing is told of a key that was never noted. Only a full set may forget,
 * and then nothing that ends later than all others.
 */
#include "target.h"

#include "input.h"
#include "io/logouts.h"

#define KEYS 20 /* in one set of eight places, and four in another */

typedef struct {
    apr_time_t since, until;
    int lost; /* may have been given up for another */
} known_t;

typedef struct {
    pwl_logouts_t *table;
    apr_time_t now;
    known_t known[KEYS];
} model_t;

static void key_of(unsigned int key, unsigned char *out)
{
    memset(out, 0, PWL_LOGOUTTOKEN_KEY_BYTES);
    out[0] = key < KEYS - 4 ? 1 : 2;
    out[PWL_LOGOUTTOKEN_KEY_BYTES - 1] = (unsigned char)key;
}

/* One came in new: in a full set the one that ends first had to go. */
static void make_room(model_t *model, unsigned int newcomer)
{
    if (newcomer >= KEYS - 4)
        return;
    for (unsigned int key = 0; key < KEYS - 4; key++) {
        int others = 0;

        for (unsigned int i = 0; i < KEYS - 4; i++)
            others += i != key && i != newcomer &&
                      model->known[i].until >= model->known[key].until;
        if (key != newcomer && others >= 7)
            model->known[key].lost = 1;
    }
}

static void note(model_t *model, unsigned int key, apr_time_t since,
                 apr_interval_time_t life)
{
    known_t *known = &model->known[key];
    apr_time_t until = model->now + life;
    unsigned char bytes[PWL_LOGOUTTOKEN_KEY_BYTES];
    pwl_reason_t why;

    key_of(key, bytes);
    why = pwl_logouts_note(model->table, bytes, since, until, model->now).why;
    PROMISE(why == PWL_OK || why == PWL_LOGOUT_REPLAY);
    if (known->until > model->now && why == PWL_OK)
        PROMISE(known->lost);
    if (why == PWL_LOGOUT_REPLAY) {
        PROMISE(known->until > model->now);
        known->since = since > known->since ? since : known->since;
        known->until = until > known->until ? until : known->until;
    } else {
        make_room(model, key);
        *known = (known_t){since, until, 0};
    }
}

static void find(model_t *model, unsigned int key)
{
    const known_t *known = &model->known[key];
    unsigned char bytes[PWL_LOGOUTTOKEN_KEY_BYTES];
    apr_time_t since;

    key_of(key, bytes);
    PROMISE(pwl_logouts_find(model->table, bytes, model->now, &since).why ==
            PWL_OK);
    if (since != 0)
        PROMISE(known->until > model->now && since == known->since);
    else if (known->until > model->now)
        PROMISE(known->lost);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *memory;
    apr_pool_t *pool = input_pool();
    model_t model = {.now = apr_time_from_sec(1700000000)};

    if (!memory)
        memory = malloc(pwl_logouts_bytes());
    PROMISE(pwl_logouts_format(memory, pwl_logouts_bytes(), &model.table, pool)
                .why == PWL_OK);
    for (size_t at = 0; at + 3 <= size && at < 1500; at += 3) {
        unsigned int key = data[at + 1] % KEYS;
        apr_interval_time_t time = apr_time_from_sec(data[at + 2]);

        if (data[at] % 4 == 0)
            model.now += time;
        else if (data[at] % 4 == 1)
            find(&model, key);
        else
            note(&model, key, model.now - time,
                 apr_time_from_sec(1 + data[at] / 4));
    }
    for (unsigned int key = 0; key < KEYS; key++)
        find(&model, key);
    apr_pool_destroy(pool);
    return 0;
}
