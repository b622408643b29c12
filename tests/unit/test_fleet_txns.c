/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/fleet_txns.c: sign-ins of this machine alone, and of two machines with a
 * redis-server of the test's own, which goes away.
 */
#include "io/fleet_txns.h"

#include <apr_general.h>

#include "fake_redis.h"
#include "fleet_fixture.h"
#include "tap.h"

static const unsigned char txn[PWL_TXN_BYTES] = "a transaction",
                           who[PWL_TXN_BYTES] = "browser+address";

/* @param table  where its own table is to be found */
static pwl_fleet_t *machine(int port, pwl_txns_t **table)
{
    apr_size_t bytes = pwl_txns_bytes(64);
    pwl_fleet_t *fleet;

    if (pwl_txns_format(shared(bytes), bytes, table, pool).why != PWL_OK)
        abort();
    fleet = fleet_of(port);
    pwl_fleet_keep_txns(fleet, *table);
    return fleet;
}

static void add_one(pwl_flow_t *flow, void *baton)
{
    flow->sends++;
    *(int *)baton = (int)flow->sends;
}

static const char *with(pwl_fleet_t *fleet, int create, apr_time_t now,
                        int *sends)
{
    return pwl_reason_word(pwl_fleet_txns_with(fleet, txn, create, now,
                                               now + S(900), add_one, sends,
                                               pool)
                               .why);
}

static const char *once(pwl_fleet_t *fleet, apr_time_t now)
{
    return pwl_reason_word(
        pwl_fleet_txns_use_once(fleet, txn, now, now + S(900), pool).why);
}

static const char *newest(pwl_fleet_t *fleet, apr_time_t now)
{
    unsigned char got[PWL_TXN_BYTES];
    pwl_result_t res = pwl_fleet_txns_newest_get(fleet, who, got, now, pool);

    if (res.why != PWL_OK)
        return pwl_reason_word(res.why);
    return memcmp(got, txn, sizeof(got)) == 0 ? "this" : "another";
}

/* What holds with Redis and without: `there` may be the same machine. */
static void test_common(const char *where, pwl_fleet_t *here,
                        pwl_fleet_t *there)
{
    int sends = 0;

    tap_ok(1, where);
    tap_str("none yet", with(here, 0, NOW, &sends), "flow-unknown");
    tap_str("made", with(here, 1, NOW, &sends), "ok");
    tap_str("and changed", with(there, 0, NOW, &sends), "ok");
    tap_int("it is the same", sends, 2);
    tap_str("O3: used", once(here, NOW), "ok");
    tap_str("O3: once", once(there, NOW), "callback-used");
    tap_str("nobody is the newest", newest(here, NOW), "flow-unknown");
    pwl_fleet_txns_newest_set(here, who, txn, NOW, NOW + S(900), pool);
    tap_str("now one is", newest(there, NOW), "this");
}

static int left_here(pwl_txns_t *table)
{
    unsigned char got[PWL_TXN_BYTES];
    int sends;

    return pwl_txns_with(table, txn, 0, NOW, NOW, add_one, &sends).why ==
               PWL_OK ||
           pwl_txns_use_once(table, txn, NOW, NOW + S(9)).why != PWL_OK ||
           pwl_txns_newest_get(table, who, got, NOW).why == PWL_OK;
}

static void test_outage(fake_redis_t *server, pwl_fleet_t *fleet,
                        pwl_txns_t *table)
{
    apr_time_t began, later = NOW + S(60);
    const char *detail;
    int sends = -1;

    kill(server->pid, SIGSTOP);
    began = apr_time_now();
    tap_str("U9: Redis hangs", with(fleet, 1, NOW, &sends), "store-failed");
    tap_ok(apr_time_now() - began < 3 * TIMEOUT, "U9: for one timeout");
    tap_int("U9: which is told", pwl_fleet_tidings(fleet, &detail, pool), -1);
    began = apr_time_now();
    tap_str("U9: the next", with(fleet, 1, NOW, &sends), "store-failed");
    tap_str("U9: and what else there is", once(fleet, NOW), "store-failed");
    tap_str("U9: to ask", newest(fleet, NOW), "store-failed");
    tap_int(
        "U9: or to say",
        pwl_fleet_txns_newest_set(fleet, who, txn, NOW, NOW + S(9), pool).why,
        PWL_STORE_FAILED);
    tap_ok(apr_time_now() - began < TIMEOUT, "U9: do not wait at all");
    tap_int("L15: nothing was done to a record", sends, -1);
    tap_int("L15: nor put into this machine's own table", left_here(table), 0);
    kill(server->pid, SIGCONT);
    usleep(100 * 1000);
    tap_str("it is back", with(fleet, 0, later, &sends), "ok");
    tap_int("as it was", sends, 3);
    tap_int("which is told, too", pwl_fleet_tidings(fleet, &detail, pool), 1);
}

int main(void)
{
    pwl_txns_t *table, *other;
    pwl_fleet_t *alone, *one, *two;
    fake_redis_t server;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    alone = machine(0, &table);
    test_common("on this machine alone", alone, alone);
    tap_ok(left_here(table), "is in its table");
    server = real_start(0, NULL);
    one = machine(server.port, &table);
    two = machine(server.port, &other);
    test_common("with Redis", one, two);
    tap_int("is in no table of a machine", left_here(other), 0);
    test_outage(&server, one, table);
    fake_stop(&server);
    apr_pool_destroy(pool);
    return tap_done();
}
