/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases against a plain array of who has what until when. Operations of three
 * bytes: what, whose, how long. Eight sessions share each set, and more than
 * fit want one.
 *
 * Never two at once; who was given a lease keeps it for its time whatever the
 * others do; and nothing keeps a session waiting for longer than was said.
 */
#include "target.h"

#include "input.h"
#include "io/leases.h"

#define USERS 24 /* in two sets of eight places */

typedef struct {
    apr_time_t until; /* 0: free */
    int paused;
    int ended; /* once; if the clock goes back, it may count again or not */
} known_t;

typedef struct {
    pwl_leases_t *table;
    apr_time_t now, latest;
    known_t known[USERS];
} model_t;

static void key_of(unsigned int user, unsigned char *skey)
{
    memset(skey, 0, PWL_SKEY_BYTES);
    skey[0] = (unsigned char)(user % 2);
    skey[PWL_SKEY_BYTES - 1] = (unsigned char)user;
}

static int counts(const model_t *model, unsigned int user)
{
    return model->now < model->known[user].until && !model->known[user].ended;
}

static int may_count(const model_t *model, unsigned int user)
{
    return model->now < model->known[user].until;
}

/* Places taken in the set of this user, by those who certainly have one or by
 * those who may. */
static int crowd(const model_t *model, unsigned int user,
                 int (*has_one)(const model_t *model, unsigned int user))
{
    int n = 0;

    for (unsigned int i = user % 2; i < USERS; i += 2)
        n += has_one(model, i);
    return n;
}

static void take(model_t *model, unsigned int user, apr_interval_time_t life)
{
    unsigned char skey[PWL_SKEY_BYTES];
    pwl_leases_state_t state;
    pwl_leases_state_t old =
        model->known[user].paused ? PWL_LEASES_PAUSED : PWL_LEASES_BUSY;

    key_of(user, skey);
    state = pwl_leases_take(model->table, skey, model->now, life);
    if (counts(model, user))
        PROMISE(state == old);
    else if (state == PWL_LEASES_MINE)
        PROMISE(crowd(model, user, counts) < 8);
    else
        PROMISE(
            (may_count(model, user) && state == old) ||
            (state == PWL_LEASES_PAUSED && crowd(model, user, may_count) >= 8));
    if (state == PWL_LEASES_MINE)
        model->known[user] = (known_t){model->now + life, 0, 0};
}

/* No further back than a lease still counts. */
static void move_clock(model_t *model, int seconds)
{
    model->now += apr_time_from_sec(seconds);
    if (model->now < model->latest - apr_time_from_sec(3000))
        model->now = model->latest - apr_time_from_sec(3000);
    if (model->latest < model->now)
        model->latest = model->now;
    for (unsigned int user = 0; user < USERS; user++)
        model->known[user].ended |= model->known[user].until <= model->now;
}

/* Only who has a lease gives it back or pauses it. */
static void change(model_t *model, unsigned int user, apr_time_t until)
{
    unsigned char skey[PWL_SKEY_BYTES];

    if (!counts(model, user))
        return;
    key_of(user, skey);
    if (until)
        pwl_leases_pause(model->table, skey, until);
    else
        pwl_leases_give(model->table, skey);
    model->known[user] = (known_t){until, 1, 0};
}

static void step(model_t *model, const uint8_t *op, void *memory,
                 apr_pool_t *pool)
{
    unsigned int user = op[1] % USERS;
    apr_interval_time_t time = apr_time_from_sec(1 + op[2] * 16);

    switch (op[0] % 6) {
    case 0:
    case 1:
        take(model, user, time);
        break;
    case 2:
        change(model, user, 0);
        break;
    case 3:
        change(model, user, model->now + time);
        break;
    case 4: /* now and then back */
        move_clock(model, (int)op[2] * 8 - op[1] * 2);
        break;
    default: /* a graceful restart */
        PROMISE(
            pwl_leases_attach(memory, pwl_leases_bytes(), &model->table, pool)
                .why == PWL_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *memory;
    apr_pool_t *pool = input_pool();
    model_t model = {.now = apr_time_from_sec(1700000000),
                     .latest = apr_time_from_sec(1700000000)};

    if (!memory)
        memory = malloc(pwl_leases_bytes());
    PROMISE(
        pwl_leases_format(memory, pwl_leases_bytes(), &model.table, pool).why ==
        PWL_OK);
    for (size_t at = 0; at + 3 <= size && at < 1500; at += 3)
        step(&model, data + at, memory, pool);
    move_clock(&model, 2 * (int)apr_time_sec(PWL_LEASES_LONGEST));
    for (unsigned int user = 0; user < 16; user++)
        take(&model, user, apr_time_from_sec(1)); /* all have ended */
    apr_pool_destroy(pool);
    return 0;
}
