/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key sets in shared memory: who has one, who fetches, who waits.
 *
 * One block holds a header, one mutex, and PWL_KEYSETS_HOSTS slots:
 *
 *     | magic, version, size | mutex | touched | slot 0 | ... | slot 15 |
 *
 * One mutex is enough: a slot is looked at once or twice in a sign-in, never
 * for a request that has its session, and only for a copy of 8 KB at most.
 *
 *            no set, too old, or kid not in it
 *     ask -----------------------------------> somebody fetching? WAIT
 *      |                                         | no
 *      | set has it                              v
 *      '---> HAVE        NO, DOWN <--- last try within PWL_KEYSETS_PAUSE?
 *                                      (no set: PWL_KEYSETS_RETRY)
 *                                                | no
 *                                                '---> FETCH, and the slot is
 *                                                      marked as ours
 *
 * Must stay true:
 *  1. Between two FETCH for one host that has a set lies PWL_KEYSETS_PAUSE,
 *     whatever kids are asked for, and PWL_KEYSETS_RETRY if it has none; only
 *     a fetcher that vanished is replaced otherwise, after
 *     PWL_KEYSETS_FETCH_LIFE.
 *  2. `touched` names the slot being written. A process that dies in there
 *     leaves that slot half written, and whoever locks next clears it: the
 *     keys are fetched again, which costs a call and loses nothing.
 *  3. No pointer into shared memory leaves a function.
 *
 * A clock that went back counts by its distance: times in the future of less
 * than a limit are taken as just now, farther ones as long ago.
 *
 * Hosts come from configuration. If there are more than slots, the one asked
 * for longest ago goes.
 */
#include "io/keysets.h"

#include <stdatomic.h>
#include <string.h>
#include <apr_strings.h>

#include "core/json.h"
#include "core/limits.h"
#include "io/tablehead.h"

#define NO_SLOT (-1)

typedef struct {
    char host[PWL_KEYSETS_HOST_MAX + 1]; /* "" for a free slot */
    apr_time_t asked;                    /* last time anybody asked */
    apr_time_t tried;                    /* last fetch began or failed */
    apr_time_t fetched;                  /* 0: there is no set */
    apr_time_t fetching;                 /* since when; 0: nobody is */
    apr_size_t json_len;
    char json[PWL_JWKS_KEEP_BYTES + 1];
} slot_t;

struct pwl_keysets_t {
    pwl_tablehead_t head;
    volatile int touched; /* slot being written, or NO_SLOT */
    slot_t slots[PWL_KEYSETS_HOSTS];
};

static const pwl_tablekind_t kind = {0x6b657973u, /* "keys" */ 1,
                                     sizeof(pwl_keysets_t), "the key sets"};

static pwl_result_t failed(apr_status_t rv, const char *detail)
{
    return (pwl_result_t){PWL_STORE_FAILED, rv, detail};
}

/* Did `then` happen within `span` of `now`? */
static int is_within(apr_time_t now, apr_time_t then, apr_interval_time_t span)
{
    apr_time_t distance = now > then ? now - then : then - now;

    return then != 0 && distance < span;
}

static int host_is_fit(const char *host)
{
    return host && *host && strlen(host) <= PWL_KEYSETS_HOST_MAX;
}

/* Say which slot is being written, before the first and after the last byte
 * of it is. Without the fences the compiler may move writes across, or leave
 * the mark out since it is overwritten soon. The processor may not: what a
 * process wrote before it was killed, others see in that order. */
static void touch(pwl_keysets_t *table, int slot)
{
    atomic_signal_fence(memory_order_seq_cst);
    table->touched = slot;
    atomic_signal_fence(memory_order_seq_cst);
}

/* Lock, and clear what a dead process left half written. */
static apr_status_t lock_table(pwl_keysets_t *table)
{
    int owner_died;
    apr_status_t rv = pwl_robust_lock(&table->head.lock, &owner_died, NULL);

    if (rv != APR_SUCCESS)
        return rv;
    if (owner_died && table->touched >= 0 && table->touched < PWL_KEYSETS_HOSTS)
        memset(&table->slots[table->touched], 0, sizeof(slot_t));
    touch(table, NO_SLOT);
    return APR_SUCCESS;
}

static void unlock_table(pwl_keysets_t *table)
{
    touch(table, NO_SLOT);
    pwl_robust_unlock(&table->head.lock);
}

/* Find the host's slot, or make one, and say that it is being written. A name
 * is written last, so a slot is never found before it is empty. */
static slot_t *take_slot(pwl_keysets_t *table, const char *host)
{
    slot_t *oldest = &table->slots[0];
    slot_t *slot = NULL;
    int i;

    for (i = 0; i < PWL_KEYSETS_HOSTS && !slot; i++) {
        slot_t *one = &table->slots[i];

        if (strcmp(one->host, host) == 0)
            slot = one;
        else if (one->asked < oldest->asked)
            oldest = one; /* a free slot was asked for at 0 */
    }
    if (!slot)
        slot = oldest;
    touch(table, (int)(slot - table->slots));
    if (strcmp(slot->host, host) != 0) {
        memset(slot, 0, sizeof(*slot));
        strcpy(slot->host, host);
    }
    return slot;
}

/* Is the key named in the set's text? Quotes within strings are escaped in
 * JSON, so the member as pwl_jwks_minimal() writes it occurs nowhere else. */
static int names_key(const slot_t *slot, const char *member)
{
    return !member || strstr(slot->json, member) != NULL;
}

static pwl_keysets_state_t decide(slot_t *slot, const char *member,
                                  apr_time_t now)
{
    int has_set = is_within(now, slot->fetched, PWL_KEYSETS_TTL);
    apr_interval_time_t pause = has_set ? PWL_KEYSETS_PAUSE : PWL_KEYSETS_RETRY;

    if (has_set && names_key(slot, member))
        return PWL_KEYSETS_HAVE;
    if (is_within(now, slot->fetching, PWL_KEYSETS_FETCH_LIFE))
        return PWL_KEYSETS_WAIT;
    /* A fetch still marked after its life: its process is gone, and nobody
     * else would ever make up for it. */
    if (!slot->fetching && is_within(now, slot->tried, pause))
        return has_set ? PWL_KEYSETS_NO : PWL_KEYSETS_DOWN;
    slot->fetching = slot->tried = now;
    return PWL_KEYSETS_FETCH;
}

apr_size_t pwl_keysets_bytes(void)
{
    return kind.bytes;
}

pwl_result_t pwl_keysets_format(void *base, apr_size_t bytes,
                                pwl_keysets_t **out, apr_pool_t *pool)
{
    pwl_result_t res = pwl_tablehead_format(base, bytes, &kind, pool);

    *out = res.why == PWL_OK ? base : NULL;
    if (*out)
        (*out)->touched = NO_SLOT;
    return res;
}

pwl_result_t pwl_keysets_attach(void *base, apr_size_t bytes,
                                pwl_keysets_t **out, apr_pool_t *pool)
{
    pwl_result_t res = pwl_tablehead_check(base, bytes, &kind, pool);

    *out = res.why == PWL_OK ? base : NULL;
    return res;
}

pwl_result_t pwl_keysets_ask(pwl_keysets_t *keysets, const char *host,
                             const char *kid, apr_time_t now,
                             pwl_keysets_answer_t *answer, apr_pool_t *pool)
{
    char copy[PWL_JWKS_KEEP_BYTES + 1]; /* allocating under a lock is slow */
    apr_size_t len = 0;
    const char *member = NULL;
    apr_status_t rv;
    slot_t *slot;

    memset(answer, 0, sizeof(*answer));
    if (!host_is_fit(host))
        return failed(0, "a host name that is empty or too long");
    if (kid)
        member = apr_pstrcat(pool, "\"kid\":", pwl_json_escape(kid, pool), ",",
                             NULL);

    rv = lock_table(keysets);
    if (rv != APR_SUCCESS)
        return failed(rv, "the key sets cannot be locked");
    slot = take_slot(keysets, host);
    slot->asked = now;
    answer->state = decide(slot, member, now);
    answer->fetched = slot->fetched;
    if (answer->state == PWL_KEYSETS_HAVE) {
        len = slot->json_len;
        memcpy(copy, slot->json, len);
    }
    unlock_table(keysets);

    if (answer->state == PWL_KEYSETS_HAVE)
        answer->json = apr_pstrmemdup(pool, copy, len);
    return (pwl_result_t){.why = PWL_OK};
}

/* End a fetch; `json` is the new set, or NULL when there is none. */
static pwl_result_t end_fetch(pwl_keysets_t *keysets, const char *host,
                              const char *json, apr_size_t len, apr_time_t now)
{
    apr_status_t rv;
    slot_t *slot;

    if (!host_is_fit(host))
        return failed(0, "a host name that is empty or too long");
    rv = lock_table(keysets);
    if (rv != APR_SUCCESS)
        return failed(rv, "the key sets cannot be locked");
    slot = take_slot(keysets, host);
    slot->asked = slot->tried = now;
    slot->fetching = 0;
    if (json) {
        memcpy(slot->json, json, len + 1);
        slot->json_len = len;
        slot->fetched = now;
    }
    unlock_table(keysets);
    return (pwl_result_t){.why = PWL_OK};
}

pwl_result_t pwl_keysets_store(pwl_keysets_t *keysets, const char *host,
                               const char *json, apr_time_t now)
{
    apr_size_t len = strlen(json);
    pwl_result_t res;

    if (len <= PWL_JWKS_KEEP_BYTES)
        return end_fetch(keysets, host, json, len, now);
    res = end_fetch(keysets, host, NULL, 0, now);
    if (res.why == PWL_OK)
        res.why = PWL_JWKS_TOO_MANY;
    return res;
}

pwl_result_t pwl_keysets_failed(pwl_keysets_t *keysets, const char *host,
                                apr_time_t now)
{
    return end_fetch(keysets, host, NULL, 0, now);
}
