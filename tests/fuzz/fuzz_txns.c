/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins in progress against a plain array. Operations of three bytes: what,
 * which id, how long.
 *
 * Never another one's record; what is found is what was written; single use is
 * single. In a table of one set, eight slots, somebody has to go: never who is
 * waiting for the tenant while there is another, and nobody at all while there
 * is an empty slot. The second byte's top bit writes over the slots, as a
 * process that went astray would: then only the first promise is left, that
 * nothing crashes, hangs or runs out of the table.
 */
#include "target.h"

#include "input.h"
#include "io/txns.h"

#define IDS 16
#define SLOTS 8

typedef enum { FLOW, ONCE, NEWEST, KINDS } kind_t;

typedef struct {
    int there;        /* written, and not known to be lost */
    apr_time_t calls; /* waits for the tenant since then; 0: it does not */
    int may_go;       /* for too long, once, or together with seven others */
    unsigned char mark;
} known_t;

typedef struct {
    pwl_txns_t *table;
    apr_time_t now;
    int damaged;
    int written; /* records in all, those given up included */
    known_t known[KINDS][IDS];
} model_t;

typedef struct {
    model_t *model;
    known_t *known;
    unsigned char mark;
} baton_t;

static void id_of(unsigned int id, unsigned char *out)
{
    memset(out, 0, PWL_TXN_BYTES);
    out[0] = (unsigned char)(id + 1);
}

/* Who waits for too long may have to go, and does not come back when a clock
 * does that makes it look shorter again; and where all slots are of people who
 * wait one of them has to go. */
static void settle(model_t *model)
{
    int n = 0;

    for (int i = 0; i < IDS; i++) {
        known_t *known = &model->known[FLOW][i];

        if (llabs(model->now - known->calls) >= apr_time_from_sec(60))
            known->may_go = 1;
        else
            n++;
    }
    for (int i = 0; i < IDS && n >= SLOTS; i++)
        model->known[FLOW][i].may_go = 1;
}

/* All that the fuzzer changes in a record tells whose it is. */
static void use(pwl_flow_t *flow, void *ctx)
{
    baton_t *baton = ctx;
    known_t *known = baton->known;
    apr_time_t calls = 0;

    if (!baton->model->damaged && flow->address[0] != 0)
        PROMISE(known->there && flow->address[0] == known->mark);
    if (!baton->model->damaged && flow->address[0] == 0 && known->there)
        PROMISE(baton->model->written > SLOTS &&
                (!known->calls || known->may_go));
    memset(flow, 0, sizeof(*flow));
    flow->address[0] = baton->mark;
    if (baton->mark % 4 == 1) {
        flow->state = PWL_FLOW_STATE_SENDING;
        calls = flow->began = baton->model->now;
    }
    baton->model->written++;
    *known = (known_t){1, calls, 0, baton->mark};
    settle(baton->model);
}

static void flow_of(model_t *model, unsigned int id, int create,
                    unsigned int arg)
{
    known_t *known = &model->known[FLOW][id];
    baton_t baton = {model, known, (unsigned char)(id * 8 + arg % 8 + 1)};
    unsigned char bytes[PWL_TXN_BYTES];
    pwl_reason_t why;

    id_of(id, bytes);
    why = pwl_txns_with(model->table, bytes, create, model->now,
                        model->now + apr_time_from_sec(arg), use, &baton)
              .why;
    PROMISE(why == PWL_OK || (why == PWL_FLOW_UNKNOWN && !create));
    if (why == PWL_FLOW_UNKNOWN && known->there && !model->damaged)
        PROMISE(model->written > SLOTS && (!known->calls || known->may_go));
    if (why == PWL_FLOW_UNKNOWN)
        *known = (known_t){0};
}

static void once(model_t *model, unsigned int id, unsigned int arg)
{
    known_t *known = &model->known[ONCE][id];
    unsigned char bytes[PWL_TXN_BYTES];
    pwl_reason_t why;

    id_of(id, bytes);
    why = pwl_txns_use_once(model->table, bytes, model->now,
                            model->now + apr_time_from_sec(arg))
              .why;
    PROMISE(why == PWL_OK || why == PWL_CALLBACK_USED);
    if (!model->damaged) {
        PROMISE(why == PWL_OK || known->there);
        PROMISE(why != PWL_OK || !known->there || model->written > SLOTS);
    }
    model->written += why == PWL_OK;
    known->there = 1;
}

static void newest(model_t *model, unsigned int who, int set, unsigned int arg)
{
    known_t *known = &model->known[NEWEST][who];
    unsigned char bytes[PWL_TXN_BYTES], txn[PWL_TXN_BYTES];
    apr_time_t until = model->now + apr_time_from_sec(arg + 600000);

    id_of(who, bytes);
    if (set) {
        id_of(arg % IDS, txn);
        PROMISE(pwl_txns_newest_set(model->table, bytes, txn, model->now, until)
                    .why == PWL_OK);
        model->written++;
        *known = (known_t){1, 0, 0, txn[0]};
        return;
    }
    if (pwl_txns_newest_get(model->table, bytes, txn, model->now).why == PWL_OK)
        PROMISE(model->damaged || (known->there && txn[0] == known->mark));
    else
        PROMISE(model->damaged || !known->there || model->written > SLOTS);
}

/* Behind the locks: a lock that is written over is lost, and httpd with it. */
static void damage(model_t *model, unsigned char *memory, unsigned int place,
                   unsigned int arg)
{
    apr_size_t bytes = pwl_txns_bytes(SLOTS);
    /* One set's bytes are what a second set would add. */
    apr_size_t slots = pwl_txns_bytes(2 * SLOTS) - bytes;

    model->damaged = 1;
    memory[bytes - slots + (place * 251 + arg * 7) % slots] ^=
        (unsigned char)(1 << arg % 8);
}

static void step(model_t *model, const uint8_t *op, unsigned char *memory)
{
    unsigned int id = op[1] % IDS;

    switch (op[0] % 8) {
    case 0:
        flow_of(model, id, 1, op[2]);
        break;
    case 1:
        flow_of(model, id, 0, op[2]);
        break;
    case 2:
        once(model, id, op[2]);
        break;
    case 3:
        newest(model, id, 1, op[2]);
        break;
    case 4:
        newest(model, id, 0, op[2]);
        break;
    case 5:
        model->now += apr_time_from_sec((int)op[2] * 4 - op[1]);
        settle(model);
        break;
    case 6:
        if (op[1] & 0x80)
            damage(model, memory, op[1], op[2]);
        break;
    default:
        newest(model, id, 0, op[2]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char *memory;
    apr_pool_t *pool = input_pool();
    model_t model = {.now = apr_time_from_sec(1700000000)};
    apr_size_t bytes = pwl_txns_bytes(SLOTS);
    pwl_txns_stats_t stats;

    if (!memory)
        memory = malloc(bytes);
    PROMISE(pwl_txns_format(memory, bytes, &model.table, pool).why == PWL_OK);
    for (size_t at = 0; at + 3 <= size && at < 1500; at += 3)
        step(&model, data + at, memory);
    pwl_txns_stats(model.table, &stats);
    PROMISE(stats.slots == SLOTS &&
            stats.evicted <= (apr_uint64_t)model.written);
    apr_pool_destroy(pool);
    return 0;
}
