/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redis is the truth, the table its cache.
 *
 * Each cached record carries the epoch it was read in, as a note without a
 * name behind its fields. What must stay true:
 *
 *  1. a cached record counts only while its epoch is the current one and
 *     io/follow.h says that the table may be believed;
 *  2. a record read before a session ended must not be cached after that was
 *     applied: whoever caches looks at pwl_follow_applied() before asking
 *     Redis and after writing the table;
 *  3. what ends a session goes to Redis first, and a record written there
 *     later says "only if it is still there";
 *  4. a session with tokens is written by who holds its lease, and has read it
 *     under that lease: old tokens never take the place of new ones.
 */
#include "io/fleet.h"

#include <apr_strings.h>
#include <string.h>

#include "core/limits.h"
#include "core/tokens.h"
#include "io/fleet_parts.h"
#include "io/wire.h"

/* Reading and writing one record, at most. */
#define TOUCH_LEASE apr_time_from_sec(10)
#define TOUCH_MARGIN apr_time_from_sec(5) /* for the last call of it */

/* The nameless note that marks a cached record with its epoch. */
#define MARK_CHARS 16

static pwl_result_t reason(pwl_reason_t why, const char *detail)
{
    pwl_result_t res = {why, 0, detail};

    return res;
}

pwl_fleet_t *pwl_fleet_local(pwl_sessions_t *table, apr_pool_t *pool)
{
    pwl_fleet_t *fleet = apr_pcalloc(pool, sizeof(*fleet));

    fleet->table = table;
    return fleet;
}

pwl_fleet_t *pwl_fleet_remote(pwl_sessions_t *table,
                              pwl_follow_shared_t *shared,
                              const pwl_fleet_conf_t *conf,
                              const pwl_seal_keys_t *keys, int keep,
                              apr_pool_t *pool)
{
    pwl_fleet_t *fleet = pwl_fleet_local(table, pool);
    pwl_redis_t *redis = pwl_redis_make(&conf->redis, keep, pool);

    fleet->longest = conf->longest;
    if (redis) {
        fleet->remote = pwl_remote_make(redis, keys, conf->prefix, pool);
        fleet->lease = pwl_remotelease_make(redis, keys, conf->prefix, pool);
        fleet->ended = pwl_remotelogout_make(redis, keys, conf->prefix, pool);
        fleet->counts =
            pwl_remotethrottle_make(redis, keys, conf->prefix, pool);
        fleet->signins = pwl_remotetxns_make(redis, keys, conf->prefix,
                                             conf->redis.timeout, pool);
    }
    if (!fleet->remote || !fleet->lease || !fleet->ended || !fleet->counts ||
        !fleet->signins)
        return NULL;
    fleet->follow =
        pwl_follow_make(shared, table, pwl_remote_log(fleet->remote),
                        conf->redis.timeout, conf->grace, pool);
    return fleet;
}

int pwl_fleet_is_remote(const pwl_fleet_t *fleet)
{
    return fleet->remote != NULL;
}

pwl_result_t pwl_fleet_ready(pwl_fleet_t *fleet, apr_time_t now,
                             apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    if (!fleet->remote)
        return res;
    res = pwl_follow_catch_up(fleet->follow, now, pool);
    if (res.why == PWL_OK && pwl_follow_is_broken(fleet->follow))
        res = pwl_follow_refused();
    return res;
}

/* ---- the cache ---- */

static void make_mark(char *mark, apr_uint64_t epoch)
{
    static const char digits[] = "0123456789abcdef";

    for (int i = MARK_CHARS - 1; i >= 0; i--, epoch >>= 4)
        mark[i] = digits[epoch & 15];
    mark[MARK_CHARS] = '\0';
}

/* Take the mark off. @return is it of this epoch? */
static int unmark(pwl_session_t *session, apr_uint64_t epoch)
{
    char mark[MARK_CHARS + 1];
    const pwl_field_t *last;

    if (session->field_count == 0)
        return 0;
    last = &session->fields[session->field_count - 1];
    if (last->kind != PWL_FIELD_NOTE || *last->name)
        return 0;
    session->field_count--;
    make_mark(mark, epoch);
    return strcmp(last->value, mark) == 0;
}

/* Keep a copy. One too big or without room is fetched again next time. */
static void cache(pwl_fleet_t *fleet, const unsigned char *skey,
                  const pwl_session_t *session, apr_time_t expires,
                  apr_uint64_t epoch, apr_uint64_t applied)
{
    pwl_field_t fields[PWL_SESSION_MAX_FIELDS];
    unsigned char data[PWL_SESSION_MAX_BYTES];
    char mark[MARK_CHARS + 1];
    int count = session->field_count;
    apr_size_t len;

    if (count >= PWL_SESSION_MAX_FIELDS)
        return;
    make_mark(mark, epoch);
    if (count)
        memcpy(fields, session->fields, (apr_size_t)count * sizeof(*fields));
    fields[count].kind = PWL_FIELD_NOTE;
    fields[count].name = "";
    fields[count].value = mark;
    if (pwl_session_encode(fields, count + 1, data, &len) != PWL_OK)
        return;
    pwl_sessions_put(fleet->table, skey, session, expires, data, len);
    /* Rule 2: ended while we asked. */
    if (pwl_follow_applied(fleet->follow) != applied)
        pwl_sessions_remove(fleet->table, skey);
}

/* When a cached record may go: past that it is fetched again. */
static apr_time_t cache_until(const pwl_fleet_t *fleet,
                              const pwl_session_t *session)
{
    apr_time_t over = session->created + fleet->longest;

    return session->expires && session->expires < over ? session->expires
                                                       : over;
}

/* @param cached  is there a copy, good or not, that has to go with it? */
static pwl_result_t fetch(pwl_fleet_t *fleet, const unsigned char *skey,
                          int cached, apr_time_t now, pwl_session_t *out,
                          apr_pool_t *pool)
{
    apr_uint64_t applied = pwl_follow_applied(fleet->follow);
    apr_uint64_t epoch = pwl_follow_epoch(fleet->follow);
    pwl_result_t res;

    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    res = pwl_remote_get(fleet->remote, skey, out, pool);
    pwl_follow_note(fleet->follow, res, 1, now);
    if (res.why == PWL_OK)
        cache(fleet, skey, out, cache_until(fleet, out), epoch, applied);
    else if (res.why != PWL_STORE_FAILED && cached)
        pwl_sessions_remove(fleet->table, skey);
    return res;
}

/* ---- what httpd asks ---- */

pwl_result_t pwl_fleet_get(pwl_fleet_t *fleet, const unsigned char *skey,
                           apr_time_t now, pwl_session_t *out, apr_pool_t *pool)
{
    pwl_result_t res;
    apr_uint64_t epoch;

    if (!fleet->remote)
        return pwl_sessions_get(fleet->table, skey, out, pool);
    res = pwl_follow_catch_up(fleet->follow, now, pool);
    if (res.why != PWL_OK)
        return res;
    epoch = pwl_follow_epoch(fleet->follow);
    res = pwl_sessions_get(fleet->table, skey, out, pool);
    if (res.why == PWL_OK && unmark(out, epoch))
        return res;
    return fetch(fleet, skey, res.why != PWL_SESSION_UNKNOWN, now, out, pool);
}

pwl_result_t pwl_fleet_refresh(pwl_fleet_t *fleet, const unsigned char *skey,
                               apr_time_t now, pwl_session_t *out,
                               apr_pool_t *pool)
{
    if (!fleet->remote)
        return reason(PWL_OK, NULL);
    return fetch(fleet, skey, 1, now, out, pool);
}

typedef pwl_result_t write_fn_t(pwl_sessions_t *, const unsigned char *,
                                const pwl_session_t *, apr_time_t,
                                const unsigned char *, apr_size_t);

/* The table is all there is. */
static pwl_result_t write_here(pwl_fleet_t *fleet, write_fn_t *write,
                               const unsigned char *skey,
                               const pwl_session_t *session, apr_time_t expires)
{
    unsigned char data[PWL_SESSION_MAX_BYTES];
    pwl_result_t res = {PWL_OK, 0, NULL};
    apr_size_t len;

    res.why =
        pwl_session_encode(session->fields, session->field_count, data, &len);
    return res.why != PWL_OK
               ? res
               : write(fleet->table, skey, session, expires, data, len);
}

pwl_result_t pwl_fleet_put(pwl_fleet_t *fleet, const unsigned char *skey,
                           const pwl_session_t *session, apr_time_t expires,
                           apr_time_t now, apr_pool_t *pool)
{
    apr_uint64_t applied, epoch;
    pwl_result_t res;

    if (!fleet->remote)
        return write_here(fleet, pwl_sessions_put, skey, session, expires);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    applied = pwl_follow_applied(fleet->follow);
    epoch = pwl_follow_epoch(fleet->follow);
    res = pwl_remote_put(fleet->remote, skey, session, now, expires - now,
                         fleet->longest, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    if (res.why == PWL_OK)
        cache(fleet, skey, session, cache_until(fleet, session), epoch,
              applied);
    return res;
}

pwl_result_t pwl_fleet_replace(pwl_fleet_t *fleet, const unsigned char *skey,
                               const pwl_session_t *session, apr_time_t expires,
                               apr_time_t now, apr_pool_t *pool)
{
    apr_uint64_t applied, epoch;
    pwl_result_t res;

    if (!fleet->remote)
        return write_here(fleet, pwl_sessions_replace, skey, session, expires);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    applied = pwl_follow_applied(fleet->follow);
    epoch = pwl_follow_epoch(fleet->follow);
    res = pwl_remote_touch(fleet->remote, skey, session, expires - now, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    if (res.why == PWL_OK)
        cache(fleet, skey, session, cache_until(fleet, session), epoch,
              applied);
    else if (res.why == PWL_SESSION_UNKNOWN)
        pwl_sessions_remove(fleet->table, skey);
    return res;
}

pwl_result_t pwl_fleet_lease(pwl_fleet_t *fleet, const unsigned char *skey,
                             apr_interval_time_t life, apr_time_t now,
                             pwl_remotelease_held_t *held, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    held->end = 0;
    if (!fleet->remote)
        return res;
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    res = pwl_remotelease_take(fleet->lease, skey, now, life, held, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    return res;
}

void pwl_fleet_unlease(pwl_fleet_t *fleet, const unsigned char *skey,
                       const pwl_remotelease_held_t *held, apr_time_t now,
                       apr_pool_t *pool)
{
    if (!held->end || !pwl_follow_may_ask(fleet->follow, now))
        return;
    pwl_follow_note(fleet->follow,
                    pwl_remotelease_give(fleet->lease, skey, now, held, pool),
                    0, now);
}

/* Rule 4. Who does not get the lease leaves the touching to who has it. */
static pwl_result_t touch_tokens(pwl_fleet_t *fleet, const unsigned char *skey,
                                 const pwl_session_t *session,
                                 apr_time_t expires, apr_time_t now,
                                 apr_pool_t *pool)
{
    pwl_remotelease_held_t held;
    pwl_session_t newest = {{0}};
    apr_time_t began = pwl_wire_clock();
    pwl_result_t res =
        pwl_fleet_lease(fleet, skey, TOUCH_LEASE, now, &held, pool);

    if (res.why == PWL_SESSION_LEASED)
        return reason(PWL_OK, NULL);
    if (res.why != PWL_OK)
        return res;
    res = fetch(fleet, skey, 1, now, &newest, pool);
    /* What was read is the newest for as long as the lease is ours. */
    if (res.why == PWL_OK && newest.last_seen < session->last_seen &&
        pwl_wire_clock() - began < TOUCH_LEASE - TOUCH_MARGIN) {
        newest.last_seen = session->last_seen;
        res = pwl_fleet_replace(fleet, skey, &newest, expires, now, pool);
    }
    pwl_fleet_unlease(fleet, skey, &held, now + (pwl_wire_clock() - began),
                      pool);
    return res;
}

pwl_result_t pwl_fleet_touch(pwl_fleet_t *fleet, const unsigned char *skey,
                             const pwl_session_t *session, apr_time_t expires,
                             apr_time_t now, apr_pool_t *pool)
{
    pwl_result_t res =
        pwl_sessions_touch(fleet->table, skey, session->last_seen, expires);

    if (!fleet->remote)
        return res;
    if (pwl_tokens_note(session))
        return touch_tokens(fleet, skey, session, expires, now, pool);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    res = pwl_remote_touch(fleet->remote, skey, session, expires - now, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    if (res.why == PWL_SESSION_UNKNOWN)
        pwl_sessions_remove(fleet->table, skey);
    return res;
}

pwl_result_t pwl_fleet_remove(pwl_fleet_t *fleet, const unsigned char *skey,
                              const pwl_session_t *session, apr_time_t now,
                              apr_pool_t *pool)
{
    pwl_result_t res;

    if (!fleet->remote)
        return pwl_sessions_remove(fleet->table, skey);
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    res = pwl_remote_remove(fleet->remote, skey, session, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    if (res.why == PWL_STORE_FAILED)
        return res;
    pwl_follow_ended(fleet->follow, skey);
    return res;
}

pwl_result_t pwl_fleet_remove_many(pwl_fleet_t *fleet,
                                   const unsigned char *realm, const char *user,
                                   int *ended, apr_time_t now, apr_pool_t *pool)
{
    const pwl_session_whose_t whose = {.realm = realm, .user = user};
    pwl_result_t res;

    *ended = 0;
    if (!fleet->remote)
        return reason(PWL_STORE_FAILED, "sessions are not in Redis");
    if (!pwl_follow_may_ask(fleet->follow, now))
        return pwl_follow_refused();
    res = user ? pwl_remote_remove_whose(fleet->remote, &whose, ended, pool)
               : pwl_remote_remove_all(fleet->remote, realm, ended, pool);
    pwl_follow_note(fleet->follow, res, 0, now);
    /* The table learns it from the log: with the next request. */
    pwl_follow_hurry(fleet->follow, now);
    return res;
}

int pwl_fleet_tidings(pwl_fleet_t *fleet, const char **detail, apr_pool_t *pool)
{
    return fleet->remote ? pwl_follow_tidings(fleet->follow, detail, pool) : 0;
}

int pwl_fleet_stats(const pwl_fleet_t *fleet, pwl_follow_stats_t *out)
{
    if (!fleet->remote)
        return 0;
    pwl_follow_stats(fleet->follow, out);
    return 1;
}
