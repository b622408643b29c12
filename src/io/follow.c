/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine knows of the others, in one piece of shared memory.
 *
 *   claim -> may Redis be asked? -> read the log from the cursor on
 *         -> take what ended out of the table -> move cursor and time on
 *
 * What must stay true:
 *  1. whoever finds that the log lost track begins a new place in the log
 *     first and a new epoch after: what is read from Redis from then on, and
 *     ended later, is ended behind that place;
 *  2. `applied` goes up before the table is touched;
 *  3. the cursor moves after what stands before it was applied: who dies in
 *     between leaves work that is done twice, not work that is left out.
 *
 * Nobody waits for a lock. The one who reads has claimed that with a
 * compare-and-swap, and loses the claim when it takes too long; two who read
 * at a time do no harm.
 */
#include "io/follow.h"

#include <apr_strings.h>

#include "io/breaker.h"
#include "io/wire.h"

#define WAIT_STEP apr_time_from_msec(5)

struct pwl_follow_shared_t {
    apr_uint64_t epoch;
    apr_uint64_t applied; /* revocations applied to the table */
    apr_time_t read_at;   /* when the last good read of the log began */
    apr_time_t claim;     /* somebody reads the log since; 0: nobody */
    pwl_remotelog_cursor_t cursor;
    pwl_breaker_t breaker;
    apr_uint64_t asked[PWL_REDIS_COUNT]; /* these two for the status page */
    apr_uint64_t log_read;
    int state;  /* what was last told: 0 fine, 1 failing */
    int wanted; /* what is to be told */
    char detail[160];
    apr_uint64_t hurried; /* how often the log was said to be out of date */
};

struct pwl_follow_t {
    pwl_follow_shared_t *shared;
    pwl_sessions_t *table;
    const pwl_remotelog_t *log;
    apr_interval_time_t timeout;
    apr_interval_time_t grace;
};

#define LOAD(place) __atomic_load_n(&(place), __ATOMIC_SEQ_CST)
#define STORE(place, value)                                                    \
    __atomic_store_n(&(place), (value), __ATOMIC_SEQ_CST)

static void count(apr_uint64_t *number)
{
    __atomic_add_fetch(number, 1, __ATOMIC_RELAXED);
}

static pwl_result_t reason(pwl_reason_t why, const char *detail)
{
    pwl_result_t res = {why, 0, detail};

    return res;
}

apr_size_t pwl_follow_shared_bytes(void)
{
    return sizeof(pwl_follow_shared_t);
}

pwl_follow_t *pwl_follow_make(pwl_follow_shared_t *shared,
                              pwl_sessions_t *table, const pwl_remotelog_t *log,
                              apr_interval_time_t timeout,
                              apr_interval_time_t grace, apr_pool_t *pool)
{
    pwl_follow_t *follow = apr_palloc(pool, sizeof(*follow));

    follow->shared = shared;
    follow->table = table;
    follow->log = log;
    follow->timeout = timeout;
    follow->grace = grace;
    return follow;
}

int pwl_follow_may_ask(pwl_follow_t *follow, apr_time_t now)
{
    if (pwl_breaker_allows(&follow->shared->breaker, now, follow->timeout))
        return 1;
    count(&follow->shared->asked[PWL_REDIS_WITHHELD]);
    return 0;
}

pwl_result_t pwl_follow_refused(void)
{
    return reason(PWL_STORE_FAILED,
                  "Redis failed a moment ago, and is not asked again yet");
}

void pwl_follow_note(pwl_follow_t *follow, pwl_result_t res, int must_work,
                     apr_time_t now)
{
    pwl_follow_shared_t *shared = follow->shared;

    count(&shared->asked[res.why == PWL_STORE_FAILED ? PWL_REDIS_FAILED
                                                     : PWL_REDIS_ANSWERED]);
    if (res.why != PWL_STORE_FAILED || (res.rv == 0 && !must_work)) {
        if (pwl_breaker_good(&shared->breaker))
            STORE(shared->wanted, 0);
        return;
    }
    /* The pause begins when the timeout ends. */
    if (pwl_breaker_failed(&shared->breaker, now + follow->timeout)) {
        /* One process at a time opens it; the last byte stays 0. */
        apr_cpystrn(shared->detail, res.detail ? res.detail : "",
                    sizeof(shared->detail));
        STORE(shared->wanted, 1);
    }
}

int pwl_follow_tidings(pwl_follow_t *follow, const char **detail,
                       apr_pool_t *pool)
{
    int state, wanted;

    state = __atomic_load_n(&follow->shared->state, __ATOMIC_RELAXED);
    wanted = __atomic_load_n(&follow->shared->wanted, __ATOMIC_ACQUIRE);
    if (state == wanted ||
        !__atomic_compare_exchange_n(&follow->shared->state, &state, wanted, 0,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return 0;
    *detail = apr_pstrndup(pool, follow->shared->detail,
                           sizeof(follow->shared->detail) - 1);
    return wanted ? -1 : 1;
}

/* Rule 1 of the essay: a place in the log, then the epoch. Epochs only grow,
 * also from one start of the server to the next. */
static pwl_result_t begin_epoch(pwl_follow_t *follow, apr_time_t now,
                                apr_pool_t *pool)
{
    pwl_follow_shared_t *shared = follow->shared;
    apr_uint64_t epoch = LOAD(shared->epoch), next;
    pwl_remotelog_cursor_t cursor;
    pwl_result_t res = pwl_remotelog_begin(follow->log, &cursor, pool);

    if (res.why != PWL_OK)
        return res;
    do {
        next = (apr_uint64_t)now > epoch ? (apr_uint64_t)now : epoch + 1;
    } while (!__atomic_compare_exchange_n(&shared->epoch, &epoch, next, 0,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    STORE(shared->cursor, cursor);
    return res;
}

void pwl_follow_ended(pwl_follow_t *follow, const unsigned char *skey)
{
    __atomic_add_fetch(&follow->shared->applied, 1, __ATOMIC_SEQ_CST);
    pwl_sessions_remove(follow->table, skey);
}

static void apply(pwl_follow_t *follow, const pwl_remotelog_news_t *news)
{
    for (int i = 0; i < news->count; i++)
        pwl_follow_ended(follow, news->ended[i]);
}

static pwl_result_t read_log(pwl_follow_t *follow, apr_time_t now,
                             apr_pool_t *pool)
{
    apr_time_t give_up = pwl_wire_clock() + follow->timeout;
    pwl_remotelog_cursor_t cursor = LOAD(follow->shared->cursor);
    pwl_remotelog_news_t news = {.lost = cursor == 0, .more = 1};
    pwl_result_t res = {PWL_OK, 0, NULL};

    while (news.more && !news.lost && pwl_wire_clock() < give_up) {
        res = pwl_remotelog_read(follow->log, cursor, &news, pool);
        if (res.why != PWL_OK)
            return res;
        apply(follow, &news);
        cursor = news.cursor;
        if (!news.lost)
            STORE(follow->shared->cursor, cursor);
    }
    return news.lost || news.more ? begin_epoch(follow, now, pool) : res;
}

/* May what the table says be believed, with the log as old as this? */
static pwl_result_t by_grace(const pwl_follow_t *follow,
                             apr_interval_time_t age)
{
    if (LOAD(follow->shared->read_at) != 0 && age >= 0 && age <= follow->grace)
        return reason(PWL_OK, NULL);
    return reason(PWL_STORE_FAILED, "Redis does not answer, and the grace for "
                                    "sessions known here is over");
}

static int claim(pwl_follow_t *follow, apr_time_t now)
{
    apr_time_t held = LOAD(follow->shared->claim);
    apr_interval_time_t limit = follow->timeout * 2 + apr_time_from_sec(1);

    /* Clocks of two threads are a little apart; a claim from far in the future
     * is one from before somebody set the clock back. */
    if (held != 0 && now - held < limit && held - now < limit)
        return 0;
    return __atomic_compare_exchange_n(&follow->shared->claim, &held, now, 0,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void release(pwl_follow_t *follow, apr_time_t mine)
{
    __atomic_compare_exchange_n(&follow->shared->claim, &mine, 0, 0,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* Never to a later time: as long as Redis does not answer, grace runs out from
 * when it last did. */
static void make_due(pwl_follow_t *follow, apr_time_t now)
{
    apr_time_t read_at = LOAD(follow->shared->read_at);
    apr_time_t due = now - PWL_FOLLOW_POLL - PWL_FOLLOW_SLACK - 1;

    while (read_at > due &&
           !__atomic_compare_exchange_n(&follow->shared->read_at, &read_at, due,
                                        0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
}

/* Read the log, as the one who claimed it. */
static pwl_result_t read_claimed(pwl_follow_t *follow, apr_time_t now,
                                 apr_pool_t *pool)
{
    pwl_result_t res = pwl_follow_refused();
    apr_uint64_t hurried = LOAD(follow->shared->hurried);

    if (pwl_follow_may_ask(follow, now)) {
        res = read_log(follow, now, pool);
        pwl_follow_note(follow, res, 1, now);
        if (res.why == PWL_OK) {
            STORE(follow->shared->read_at, now);
            /* It may have been said of what we had read by then. */
            if (LOAD(follow->shared->hurried) != hurried)
                make_due(follow, now);
            count(&follow->shared->log_read);
        }
    }
    release(follow, now);
    return res;
}

pwl_result_t pwl_follow_catch_up(pwl_follow_t *follow, apr_time_t now,
                                 apr_pool_t *pool)
{
    apr_interval_time_t waited = 0;

    for (;;) {
        apr_interval_time_t age = now - LOAD(follow->shared->read_at);

        /* The future is as far as clocks of two threads may be apart; beyond
         * that somebody has set the clock back. */
        if (age <= PWL_FOLLOW_POLL && age >= -PWL_FOLLOW_SLACK - waited)
            return reason(PWL_OK, NULL);
        if (claim(follow, now)) {
            pwl_result_t res = read_claimed(follow, now, pool);

            return res.why == PWL_OK ? res : by_grace(follow, age);
        }
        if (age >= 0 && age <= PWL_FOLLOW_POLL + PWL_FOLLOW_SLACK)
            return reason(PWL_OK, NULL);
        if (waited > follow->timeout ||
            pwl_breaker_is_open(&follow->shared->breaker))
            return by_grace(follow, age);
        apr_sleep(WAIT_STEP);
        waited += WAIT_STEP;
    }
}

int pwl_follow_is_broken(const pwl_follow_t *follow)
{
    return pwl_breaker_is_open(&follow->shared->breaker);
}

void pwl_follow_stats(const pwl_follow_t *follow, pwl_follow_stats_t *out)
{
    const pwl_follow_shared_t *shared = follow->shared;

    out->up = !pwl_follow_is_broken(follow);
    for (int i = 0; i < PWL_REDIS_COUNT; i++)
        out->asked[i] = LOAD(shared->asked[i]);
    out->log_read = LOAD(shared->log_read);
    out->ended = LOAD(shared->applied);
}

apr_uint64_t pwl_follow_epoch(const pwl_follow_t *follow)
{
    return LOAD(follow->shared->epoch);
}

apr_uint64_t pwl_follow_applied(const pwl_follow_t *follow)
{
    return LOAD(follow->shared->applied);
}

void pwl_follow_hurry(pwl_follow_t *follow, apr_time_t now)
{
    __atomic_add_fetch(&follow->shared->hurried, 1, __ATOMIC_SEQ_CST);
    make_due(follow, now);
}
