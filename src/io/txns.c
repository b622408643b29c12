/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins in progress, in shared memory.
 *
 *     header: seed | 16 shards, each a lock, what it is writing, and counts
 *     set 0:  slot slot slot slot slot slot slot slot
 *     set 1:  ...                          the lock of set n is n mod 16
 *
 * A slot holds one of three kinds of record under one 16-byte id: a sign-in, a
 * mark that something was used, or which transaction of a browser and address
 * is the newest. What is looked for can only be in one set, so every call
 * looks at eight slots and changes one.
 *
 * What must stay true:
 *  1. memory is what it was at the start, however many ids come;
 *  2. a slot is empty, or complete. Who writes says first which slot, and
 *     unsays it last; who finds that said by a dead owner clears the slot;
 *  3. which ids meet in one set depends on a secret seed (SipHash-2-4), so
 *     nobody can choose ids that push out somebody else's.
 *
 * A full set gives up, in this order: what is expired, what nobody used for
 * longest, and only then a sign-in whose call to the tenant is still going on.
 * A time of use that lies far ahead (the clock was set back) counts as longest
 * ago: else such slots would stay for ever while new ones push out each other.
 * One that lies a little ahead is of now: whoever wrote it read the clock after
 * us and had the lock before us.
 */
#include "io/txns.h"

#include <openssl/rand.h>
#include <string.h>

#include "io/robust.h"

#define MAGIC "PWLTXNS"
#define VERSION 1
#define SHARDS 16
#define SET_SLOTS 8
#define ID_BYTES 16
#define CALL_MAX apr_time_from_sec(60) /* no call goes on for longer */
#define AHEAD_MAX apr_time_from_sec(1) /* no lock is waited for so long */

typedef enum { KIND_EMPTY = 0, KIND_FLOW, KIND_ONCE, KIND_NEWEST } kind_t;

typedef struct {
    apr_uint32_t kind;
    apr_uint32_t reserved;
    unsigned char id[ID_BYTES];
    apr_time_t used;
    apr_time_t expires;
    union {
        pwl_flow_t flow;
        unsigned char txn[PWL_TXN_BYTES];
    };
} slot_t;

typedef struct {
    union {
        pwl_robust_t lock;
        char lock_room[64]; /* a later C library may need more */
    };
    apr_uint64_t writing; /* number of the slot being written + 1; 0: none */
    apr_uint64_t evicted;
    apr_uint64_t repaired;
    apr_uint64_t lock_waits;
    char room[32]; /* 128 bytes: two locks share no cache line */
} shard_t;

typedef struct {
    char magic[8];
    apr_uint32_t version;
    apr_uint32_t slot_bytes;
    apr_uint64_t sets;
    apr_uint64_t seed[2];
    shard_t shard[SHARDS];
} header_t;

_Static_assert(sizeof(shard_t) == 128, "the lock outgrew its room");

struct pwl_txns_t {
    header_t *header;
    slot_t *slots;
};

/* A set whose lock is held. */
typedef struct {
    shard_t *shard;
    slot_t *set;
    apr_uint64_t first; /* number of its first slot */
} place_t;

static pwl_result_t result(pwl_reason_t why, apr_status_t rv,
                           const char *detail)
{
    pwl_result_t res = {why, rv, detail};

    return res;
}

static void sip_rounds(apr_uint64_t v[4], int rounds)
{
#define ROTATE(x, bits) ((x) << (bits) | (x) >> (64 - (bits)))
    while (rounds-- > 0) {
        v[0] += v[1];
        v[1] = ROTATE(v[1], 13) ^ v[0];
        v[0] = ROTATE(v[0], 32);
        v[2] += v[3];
        v[3] = ROTATE(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = ROTATE(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = ROTATE(v[1], 17) ^ v[2];
        v[2] = ROTATE(v[2], 32);
    }
#undef ROTATE
}

/* SipHash-2-4 of the id and its kind, with the table's seed. */
static apr_uint64_t keyed_hash(const apr_uint64_t seed[2],
                               const unsigned char *id, kind_t kind)
{
    apr_uint64_t word[3], v[4];
    int i;

    memcpy(word, id, ID_BYTES);
    word[2] = (apr_uint64_t)(ID_BYTES + 1) << 56 | (apr_uint64_t)kind;
    v[0] = seed[0] ^ 0x736f6d6570736575u;
    v[1] = seed[1] ^ 0x646f72616e646f6du;
    v[2] = seed[0] ^ 0x6c7967656e657261u;
    v[3] = seed[1] ^ 0x7465646279746573u;
    for (i = 0; i < 3; i++) {
        v[3] ^= word[i];
        sip_rounds(v, 2);
        v[0] ^= word[i];
    }
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The compiler must not move a change of the slot past these two: they tell
 * the one who comes after our death what to clear. The processor keeps the
 * order by itself, for all that a dead thread has done is seen by then. */
static void begin_write(place_t *at, const slot_t *slot)
{
    at->shard->writing = at->first + (apr_uint64_t)(slot - at->set) + 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void end_write(place_t *at)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    at->shard->writing = 0;
}

static void count(apr_uint64_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void repair(pwl_txns_t *txns, shard_t *shard)
{
    apr_uint64_t number = shard->writing;

    if (number > 0 && number <= txns->header->sets * SET_SLOTS)
        memset(&txns->slots[number - 1], 0, sizeof(slot_t));
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    shard->writing = 0;
    count(&shard->repaired);
}

/* Lock the set in which `id` belongs. */
static apr_status_t enter(pwl_txns_t *txns, const unsigned char *id,
                          kind_t kind, place_t *at)
{
    apr_uint64_t set =
        keyed_hash(txns->header->seed, id, kind) % txns->header->sets;
    int owner_died;
    apr_status_t rv;

    at->shard = &txns->header->shard[set % SHARDS];
    at->first = set * SET_SLOTS;
    at->set = txns->slots + at->first;
    rv = pwl_robust_lock(&at->shard->lock, &owner_died, &at->shard->lock_waits);
    if (rv == APR_SUCCESS && owner_died)
        repair(txns, at->shard);
    return rv;
}

static void leave(place_t *at)
{
    pwl_robust_unlock(&at->shard->lock);
}

/* Also what has expired is found: a sign-in whose record is still there must
 * not begin anew with all its tries. */
static slot_t *find(place_t *at, const unsigned char *id, kind_t kind)
{
    int i;

    for (i = 0; i < SET_SLOTS; i++)
        if (at->set[i].kind == (apr_uint32_t)kind &&
            memcmp(at->set[i].id, id, ID_BYTES) == 0)
            return &at->set[i];
    return NULL;
}

/* How long ago; a slot that somebody wrote over may hold any time. */
static apr_interval_time_t since(apr_time_t then, apr_time_t now)
{
    return then < 0 ? APR_INT64_MAX : now - then;
}

static int in_call(const slot_t *slot, apr_time_t now)
{
    apr_interval_time_t age = since(slot->flow.began, now);

    return slot->kind == KIND_FLOW &&
           (slot->flow.state == PWL_FLOW_STATE_SENDING ||
            slot->flow.state == PWL_FLOW_STATE_CHECKING) &&
           age > -CALL_MAX && age < CALL_MAX;
}

/* How dear a slot is; the cheapest is given up. Whoever is refused a code a
 * thousand times must push out nobody who waits for his. */
static int price(const slot_t *slot, apr_time_t now)
{
    if (slot->kind == KIND_EMPTY)
        return 0;
    if (in_call(slot, now))
        return 4;
    if (slot->expires <= now)
        return 1;
    return slot->kind == KIND_FLOW && slot->flow.state == PWL_FLOW_STATE_NONE
               ? 2
               : 3;
}

static apr_time_t idle(const slot_t *slot, apr_time_t now)
{
    apr_interval_time_t age = since(slot->used, now);

    if (age < 0)
        return age > -AHEAD_MAX ? 0 : APR_INT64_MAX;
    return age;
}

static slot_t *cheapest(place_t *at, apr_time_t now)
{
    slot_t *best = at->set;
    int i;

    for (i = 1; i < SET_SLOTS; i++) {
        slot_t *slot = &at->set[i];
        int more = price(slot, now) - price(best, now);

        if (more < 0 || (more == 0 && idle(slot, now) > idle(best, now)))
            best = slot;
    }
    return best;
}

/* Begin to write the slot of `id`, an empty one if it had none. */
static slot_t *claim(place_t *at, slot_t *slot, const unsigned char *id,
                     kind_t kind, apr_time_t now, apr_time_t expires)
{
    if (slot) {
        begin_write(at, slot);
    } else {
        slot = cheapest(at, now);
        if (slot->kind != KIND_EMPTY && slot->expires > now)
            count(&at->shard->evicted);
        begin_write(at, slot);
        memset(slot, 0, sizeof(*slot));
        memcpy(slot->id, id, ID_BYTES);
        slot->kind = (apr_uint32_t)kind;
    }
    slot->used = now;
    if (slot->expires < expires)
        slot->expires = expires;
    return slot;
}

static apr_uint64_t sets_in(apr_size_t bytes)
{
    if (bytes < sizeof(header_t))
        return 0;
    return (bytes - sizeof(header_t)) / (SET_SLOTS * sizeof(slot_t));
}

static pwl_txns_t *handle(void *base, apr_pool_t *pool)
{
    pwl_txns_t *txns = apr_palloc(pool, sizeof(*txns));

    txns->header = base;
    txns->slots = (slot_t *)(txns->header + 1);
    return txns;
}

static int aligned(const void *base)
{
    return base && (apr_uintptr_t)base % sizeof(apr_uint64_t) == 0;
}

apr_size_t pwl_txns_bytes(apr_size_t slots)
{
    apr_size_t sets = slots / SET_SLOTS + (slots % SET_SLOTS != 0);

    return sizeof(header_t) + (sets ? sets : 1) * SET_SLOTS * sizeof(slot_t);
}

pwl_result_t pwl_txns_format(void *base, apr_size_t bytes, pwl_txns_t **out,
                             apr_pool_t *pool)
{
    header_t *header = base;
    apr_status_t rv;
    int i;

    *out = NULL;
    if (!aligned(base) || sets_in(bytes) == 0)
        return result(PWL_TXNS_FAILED, 0,
                      "memory for sign-ins is too small or not aligned");
    memset(base, 0, bytes);
    header->version = VERSION;
    header->slot_bytes = sizeof(slot_t);
    header->sets = sets_in(bytes);
    if (RAND_bytes((unsigned char *)header->seed, sizeof(header->seed)) != 1)
        return result(PWL_TXNS_FAILED, 0, "no random bytes");
    for (i = 0; i < SHARDS; i++) {
        rv = pwl_robust_init(&header->shard[i].lock);
        if (rv != APR_SUCCESS)
            return result(PWL_TXNS_FAILED, rv, "cannot make a mutex");
    }
    memcpy(header->magic, MAGIC, sizeof(header->magic));
    *out = handle(base, pool);
    return result(PWL_OK, 0, NULL);
}

pwl_result_t pwl_txns_attach(void *base, apr_size_t bytes, pwl_txns_t **out,
                             apr_pool_t *pool)
{
    const header_t *header = base;

    *out = NULL;
    if (!aligned(base) || sets_in(bytes) == 0 ||
        memcmp(header->magic, MAGIC, sizeof(header->magic)) != 0)
        return result(PWL_TXNS_FAILED, 0, "no table of sign-ins");
    if (header->version != VERSION || header->slot_bytes != sizeof(slot_t) ||
        header->sets != sets_in(bytes))
        return result(PWL_TXNS_FAILED, 0,
                      "table of sign-ins of another version or size");
    *out = handle(base, pool);
    return result(PWL_OK, 0, NULL);
}

pwl_result_t pwl_txns_with(pwl_txns_t *txns, const unsigned char *txn,
                           int create, apr_time_t now, apr_time_t expires,
                           pwl_txns_fn_t *fn, void *baton)
{
    pwl_reason_t why = PWL_FLOW_UNKNOWN;
    slot_t *slot;
    place_t at;
    apr_status_t rv = enter(txns, txn, KIND_FLOW, &at);

    if (rv != APR_SUCCESS)
        return result(PWL_TXNS_FAILED, rv, NULL);
    slot = find(&at, txn, KIND_FLOW);
    if (slot || create) {
        slot = claim(&at, slot, txn, KIND_FLOW, now, expires);
        fn(&slot->flow, baton);
        end_write(&at);
        why = PWL_OK;
    }
    leave(&at);
    return result(why, 0, NULL);
}

pwl_result_t pwl_txns_use_once(pwl_txns_t *txns, const unsigned char *id,
                               apr_time_t now, apr_time_t expires)
{
    pwl_reason_t why = PWL_CALLBACK_USED; /* until it was not */
    place_t at;
    apr_status_t rv = enter(txns, id, KIND_ONCE, &at);

    if (rv != APR_SUCCESS)
        return result(PWL_TXNS_FAILED, rv, NULL);
    if (!find(&at, id, KIND_ONCE)) {
        (void)claim(&at, NULL, id, KIND_ONCE, now, expires);
        end_write(&at);
        why = PWL_OK;
    }
    leave(&at);
    return result(why, 0, NULL);
}

pwl_result_t pwl_txns_newest_set(pwl_txns_t *txns, const unsigned char *who,
                                 const unsigned char *txn, apr_time_t now,
                                 apr_time_t expires)
{
    slot_t *slot;
    place_t at;
    apr_status_t rv = enter(txns, who, KIND_NEWEST, &at);

    if (rv != APR_SUCCESS)
        return result(PWL_TXNS_FAILED, rv, NULL);
    slot =
        claim(&at, find(&at, who, KIND_NEWEST), who, KIND_NEWEST, now, expires);
    memcpy(slot->txn, txn, PWL_TXN_BYTES);
    end_write(&at);
    leave(&at);
    return result(PWL_OK, 0, NULL);
}

pwl_result_t pwl_txns_newest_get(pwl_txns_t *txns, const unsigned char *who,
                                 unsigned char *txn, apr_time_t now)
{
    pwl_reason_t why = PWL_FLOW_UNKNOWN;
    const slot_t *slot;
    place_t at;
    apr_status_t rv = enter(txns, who, KIND_NEWEST, &at);

    if (rv != APR_SUCCESS)
        return result(PWL_TXNS_FAILED, rv, NULL);
    slot = find(&at, who, KIND_NEWEST);
    if (slot && slot->expires > now) {
        memcpy(txn, slot->txn, PWL_TXN_BYTES);
        why = PWL_OK;
    }
    leave(&at);
    return result(why, 0, NULL);
}

void pwl_txns_stats(pwl_txns_t *txns, pwl_txns_stats_t *out)
{
    int i;

    memset(out, 0, sizeof(*out));
    out->slots = txns->header->sets * SET_SLOTS;
    for (i = 0; i < SHARDS; i++) {
        shard_t *shard = &txns->header->shard[i];

        out->evicted += __atomic_load_n(&shard->evicted, __ATOMIC_RELAXED);
        out->repaired += __atomic_load_n(&shard->repaired, __ATOMIC_RELAXED);
        out->lock_waits +=
            __atomic_load_n(&shard->lock_waits, __ATOMIC_RELAXED);
    }
}
