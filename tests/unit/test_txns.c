/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of sign-ins, used by one: what is found, what is dropped when a
 * set is full, what is attached to. test_txns_shared.c has the many at once.
 */
#include <apr_general.h>

#include "tap.h"
#include "txns_fixture.h"

#define NOW apr_time_from_sec(1700000000)
#define SEC(n) apr_time_from_sec(n)

static const char *word(pwl_result_t res)
{
    return pwl_reason_word(res.why);
}

static void keep_sends(pwl_flow_t *flow, void *baton)
{
    flow->sends = *(apr_uint32_t *)baton;
}

static void see_sends(pwl_flow_t *flow, void *baton)
{
    *(apr_uint32_t *)baton = flow->sends;
}

static void await_code(pwl_flow_t *flow, void *baton)
{
    keep_sends(flow, baton);
    flow->state = PWL_FLOW_STATE_WAITING;
}

/* Have a record that waits for its code, and whose sends are its number. */
static const char *put_until(pwl_txns_t *txns, apr_uint32_t n, apr_time_t now,
                             apr_time_t expires)
{
    unsigned char id[PWL_TXN_BYTES];

    return word(
        pwl_txns_with(txns, id_of(n, id), 1, now, expires, await_code, &n));
}

static const char *put(pwl_txns_t *txns, apr_uint32_t n, apr_time_t now)
{
    return put_until(txns, n, now, NOW + SEC(900));
}

/* @return sends of the record, or -1 when there is none */
static int get(pwl_txns_t *txns, unsigned n, apr_time_t now)
{
    unsigned char id[PWL_TXN_BYTES];
    apr_uint32_t sends = 0;

    if (pwl_txns_with(txns, id_of(n, id), 0, now, 0, see_sends, &sends).why !=
        PWL_OK)
        return -1;
    return (int)sends;
}

static const char *once(pwl_txns_t *txns, unsigned n, apr_time_t now)
{
    unsigned char id[PWL_TXN_BYTES];

    return word(pwl_txns_use_once(txns, id_of(n, id), now, now + SEC(900)));
}

static int evicted(pwl_txns_t *txns)
{
    pwl_txns_stats_t stats;

    pwl_txns_stats(txns, &stats);
    return (int)stats.evicted;
}

static void records(void)
{
    pwl_txns_t *txns = table_of(64);

    tap_int("an unknown transaction has no record", get(txns, 1, NOW), -1);
    tap_str("one is made when asked for", put(txns, 1, NOW), "ok");
    tap_int("and found again", get(txns, 1, NOW), 1);
    tap_int("under its own id only", get(txns, 2, NOW), -1);
    tap_int("past its time it still counts, or tries would come back",
            get(txns, 1, NOW + SEC(901)), 1);
    tap_str("O3: a state is good once", once(txns, 1, NOW), "ok");
    tap_str("O3: and no second time", once(txns, 1, NOW), "callback-used");
    tap_str("O3: nor when it has expired", once(txns, 1, NOW + SEC(901)),
            "callback-used");
    tap_str("O3: another is another", once(txns, 2, NOW), "ok");
    tap_int("a record of the same id is no mark and stays", get(txns, 1, NOW),
            1);
}

static void newest(void)
{
    pwl_txns_t *txns = table_of(64);
    unsigned char who[16] = {5}, txn[16], got[16] = {0};

    tap_str("nobody asked for a code: no newest",
            word(pwl_txns_newest_get(txns, who, got, NOW)), "flow-unknown");
    pwl_txns_newest_set(txns, who, id_of(1, txn), NOW, NOW + SEC(9));
    pwl_txns_newest_set(txns, who, id_of(2, txn), NOW + 1, NOW + SEC(10));
    tap_str("the newest is told",
            word(pwl_txns_newest_get(txns, who, got, NOW)), "ok");
    tap_ok(memcmp(got, txn, 16) == 0, "and is the one set last");
    tap_str("until just before it expires",
            word(pwl_txns_newest_get(txns, who, got, NOW + SEC(10) - 1)), "ok");
    tap_str("then no more",
            word(pwl_txns_newest_get(txns, who, got, NOW + SEC(10))),
            "flow-unknown");
}

static void attach(void)
{
    apr_size_t bytes = pwl_txns_bytes(20);
    char *base = shared(bytes + 8);
    pwl_txns_t *txns, *again;
    int i, good = 0;

    tap_ok(bytes == pwl_txns_bytes(24), "D15: slots come in whole sets");
    tap_str("nothing to attach to before it was made",
            word(pwl_txns_attach(base, bytes, &again, pool)), "txns-failed");
    tap_str("D15: one byte too small",
            word(pwl_txns_format(base, pwl_txns_bytes(1) - 1, &txns, pool)),
            "txns-failed");
    tap_str("D15: an odd address",
            word(pwl_txns_format(base + 1, bytes, &txns, pool)), "txns-failed");
    tap_str("D15: eight bytes off a page",
            word(pwl_txns_format(base + 8, bytes, &txns, pool)), "ok");
    pwl_txns_format(base, bytes, &txns, pool);
    put(txns, 1, NOW);
    tap_str("attached again", word(pwl_txns_attach(base, bytes, &again, pool)),
            "ok");
    tap_int("with what was in it", get(again, 1, NOW), 1);
    tap_str("not as a table of another size",
            word(pwl_txns_attach(base, pwl_txns_bytes(8), &again, pool)),
            "txns-failed");
    for (i = 0; i < 16; i++) { /* magic, version, size of a slot */
        base[i] ^= 1;
        good += pwl_txns_attach(base, bytes, &again, pool).why == PWL_OK;
        base[i] ^= 1;
    }
    tap_int("nor one of another kind, version or layout", good, 0);
}

static void begin_call(pwl_flow_t *flow, void *baton)
{
    flow->state = PWL_FLOW_STATE_CHECKING;
    flow->began = *(apr_time_t *)baton;
}

static void put_in_call(pwl_txns_t *txns, unsigned n, apr_time_t began)
{
    unsigned char id[PWL_TXN_BYTES];

    pwl_txns_with(txns, id_of(n, id), 1, began, began + SEC(1), begin_call,
                  &began);
}

/* One set of eight, filled by records 1 to 8, used in this order. */
static pwl_txns_t *full_set(void)
{
    pwl_txns_t *txns = table_of(8);
    unsigned n;

    for (n = 1; n <= 8; n++)
        put(txns, n, NOW + (apr_time_t)n);
    return txns;
}

/* @return the number of the record that is gone, 0 for none, -1 for several */
static int gone(pwl_txns_t *txns)
{
    int n, found = 0;

    for (n = 1; n <= 8; n++)
        if (get(txns, (unsigned)n, NOW) < 0)
            found = found ? -1 : n;
    return found;
}

static void eviction(void)
{
    pwl_txns_t *txns = full_set();
    unsigned char id[PWL_TXN_BYTES];
    apr_uint32_t sends = 1;
    unsigned n;

    tap_int("a set holds eight", gone(txns), 0);
    txns = full_set();
    put(txns, 9, NOW + 9);
    tap_int("D12: a ninth drops the one not used for longest", gone(txns), 1);
    tap_int("D12: which counts as a loss", evicted(txns), 1);
    pwl_txns_with(txns, id_of(10, id), 1, NOW + 9, 0, see_sends, &sends);
    tap_int("D12: nothing of it is left to who gets its slot", (int)sends, 0);
    txns = full_set();
    get(txns, 1, NOW + 9);
    put(txns, 9, NOW + 10);
    tap_int("D12: to look at one is to use it", gone(txns), 2);
    txns = table_of(8);
    for (n = 1; n <= 8; n++)
        put_until(txns, n, NOW + (apr_time_t)n, NOW + SEC(n == 5 ? 10 : 900));
    put(txns, 9, NOW + SEC(10));
    tap_int("D12: what has expired goes first", gone(txns), 5);
    tap_int("D12: and is no loss", evicted(txns), 0);
    txns = full_set();
    put_in_call(txns, 1, NOW);
    put(txns, 9, NOW + SEC(59));
    tap_int("D12: one in a call to the tenant stays", gone(txns), 2);
    put(txns, 10, NOW + SEC(60));
    tap_int("D12: but a minute old it is no call any more", gone(txns), -1);
    tap_int("D12: and goes as any other", get(txns, 1, NOW), -1);
    txns = table_of(8);
    for (n = 1; n <= 8; n++)
        put_in_call(txns, n, NOW + (apr_time_t)n);
    put(txns, 9, NOW + 9);
    tap_int("D12: where all are in a call the oldest goes", gone(txns), 1);
    txns = table_of(8);
    put_in_call(txns, 1, NOW);
    for (n = 2; n <= 9; n++)
        put(txns, n, NOW + SEC(n));
    tap_int("D12: one that expired in a call stays, too", gone(txns), 2);
    txns = full_set();
    put(txns, 9, NOW - SEC(100));
    put(txns, 10, NOW - SEC(99));
    tap_int("O4: the clock set back: the new stay and the old go",
            get(txns, 9, NOW - SEC(98)), 9);
    txns = full_set();
    put(txns, 9, NOW + 9);
    put(txns, 10, NOW + 8);
    tap_int("D12: who read the clock before pushes out nobody new",
            get(txns, 9, NOW + 9), 9);
    txns = full_set();
    put_until(txns, 3, NOW + 9, NOW + SEC(5));
    put(txns, 9, NOW + SEC(6));
    tap_int("the time of a record only moves on", gone(txns), 1);
}

/* Codes were sent to the first eight; who comes later is refused one. */
static void refused(void)
{
    pwl_txns_t *txns = full_set();
    unsigned char id[PWL_TXN_BYTES];
    apr_uint32_t n;

    for (n = 9; n <= 1000; n++)
        pwl_txns_with(txns, id_of(n, id), 1, NOW + (apr_time_t)n,
                      NOW + SEC(900), keep_sends, &n);
    tap_int("L19: who is refused codes takes one slot of a set", gone(txns), 1);
}

static void flood(void)
{
    pwl_txns_t *txns = table_of(1024);
    unsigned n, found = 0;

    put_in_call(txns, 1000000, NOW);
    for (n = 0; n < 100000; n++)
        put(txns, n, NOW + (apr_time_t)n);
    for (n = 0; n < 100000; n++)
        found += get(txns, n, NOW) >= 0;
    tap_int("D12: a hundred thousand ids fill the slots and no more",
            (int)found, 1023);
    tap_int("D12: each of the others is counted", evicted(txns), 100000 - 1023);
    tap_ok(get(txns, 1000000, NOW) >= 0,
           "D12: a sign-in in a call outlives the flood");
}

/* Which of the ids 0 to 31 survive in four sets, as bits. */
static unsigned survivors(void)
{
    pwl_txns_t *txns = table_of(32);
    unsigned n, bits = 0;

    for (n = 0; n < 32; n++)
        put(txns, n, NOW);
    for (n = 0; n < 32; n++)
        bits |= (unsigned)(get(txns, n, NOW) >= 0) << n;
    return bits;
}

static void keyed(void)
{
    pwl_txns_t *txns = table_of(1024);
    unsigned n, first = survivors(), same = 0;

    for (n = 0; n < 20; n++)
        same += survivors() == first;
    tap_ok(same < 20, "D13: the same ids meet others in each table");
    for (n = 0; n < 256; n++)
        put(txns, n << 8, NOW);
    tap_ok(evicted(txns) < 16,
           "D13: ids that differ in one byte spread over the sets");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    records();
    newest();
    attach();
    eviction();
    refused();
    flood();
    keyed();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
