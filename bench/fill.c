/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fill a session file with copies of one session, for measurements.
 *
 *     fill FILE BYTES COOKIE COUNT GIVE
 *
 * FILE is one that httpd made with BYTES for its table; no server may be using
 * it. COOKIE is the cookie of a session in it, of a real sign-in: its realm,
 * claims and times are those of the copies, each of which has an id of its own.
 * Goes on until COUNT sessions are there, or the table is full. Prints the
 * cookies of GIVE of them, spread evenly over what was added, then a line
 *
 *     live N used BYTES total BYTES
 *
 * Everything goes through io/store.h, as httpd itself does it.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "io/store.h"

/* Ids whose shard is full, one after another, until we call the table full:
 * with 64 shards at most, one with room was among them. */
#define FULL_AFTER 1000

typedef struct {
    pwl_sessions_t *table;
    pwl_session_t session; /* what is copied */
    unsigned char data[PWL_SESSION_MAX_BYTES];
    apr_size_t len;
    apr_time_t hint;
} copier_t;

static int complain(const char *what, pwl_result_t res)
{
    fprintf(stderr, "fill: %s: %s%s%s\n", what, pwl_reason_word(res.why),
            res.detail ? ": " : "", res.detail ? res.detail : "");
    return 1;
}

/* The session of a cookie, as a copier has it. */
static pwl_result_t find(pwl_sessions_t *table, const char *cookie,
                         copier_t *out, apr_pool_t *pool)
{
    unsigned char skey[PWL_SKEY_BYTES];
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};

    out->table = table;
    res.why = pwl_session_key(cookie, strlen(cookie), skey);
    if (res.why == PWL_OK)
        res = pwl_sessions_get(table, skey, &out->session, pool);
    if (res.why == PWL_OK)
        res.why =
            pwl_session_encode(out->session.fields, out->session.field_count,
                               out->data, &out->len);
    return res;
}

/* One more copy, under an id whose shard has room. */
static pwl_result_t copy(copier_t *copier, char *sid)
{
    pwl_result_t res = {PWL_STORE_FULL, APR_SUCCESS, NULL};
    unsigned char skey[PWL_SKEY_BYTES];
    int tries;

    for (tries = 0; tries < FULL_AFTER && res.why == PWL_STORE_FULL; tries++) {
        res.why = pwl_session_new_id(sid, skey);
        if (res.why == PWL_OK)
            res = pwl_sessions_put(copier->table, skey, &copier->session,
                                   copier->hint, copier->data, copier->len);
    }
    return res;
}

static pwl_result_t fill(copier_t *copier, apr_uint64_t missing,
                         apr_uint64_t give)
{
    apr_uint64_t step = give ? missing / give : 0;
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};
    char sid[PWL_SID_CHARS + 1];
    apr_uint64_t done;

    for (done = 0; done < missing; done++) {
        res = copy(copier, sid);
        if (res.why != PWL_OK)
            break;
        if (step && done % step == 0 && done / step < give)
            puts(sid);
    }
    if (res.why == PWL_STORE_FULL)
        res.why = PWL_OK;
    return res;
}

int main(int argc, char **argv)
{
    pwl_store_kept_t kept;
    pwl_store_want_t want;
    pwl_sessions_stats_t stats;
    pwl_store_t *store;
    pwl_result_t res;
    copier_t copier;
    apr_pool_t *pool;
    apr_uint64_t count;

    if (argc != 6) {
        fputs("usage: fill FILE BYTES COOKIE COUNT GIVE\n", stderr);
        return 2;
    }
    apr_initialize();
    apr_pool_create(&pool, NULL);
    memset(&kept, 0, sizeof(kept));
    memset(&want, 0, sizeof(want));
    want.file = argv[1];
    want.session_bytes = (apr_size_t)apr_atoi64(argv[2]);
    want.alone = 1;
    want.now = apr_time_now();
    res = pwl_store_open(&want, &kept, &store, pool);
    if (res.why != PWL_OK)
        return complain(argv[1], res);
    res = find(store->sessions, argv[3], &copier, pool);
    if (res.why != PWL_OK)
        return complain("the session to copy", res);
    copier.hint = want.now + apr_time_from_sec(8 * 3600);
    count = (apr_uint64_t)apr_atoi64(argv[4]);
    pwl_sessions_stats(store->sessions, &stats);
    if (stats.live < count)
        res = fill(&copier, count - stats.live,
                   (apr_uint64_t)apr_atoi64(argv[5]));
    if (res.why != PWL_OK)
        return complain("a copy", res);
    pwl_sessions_stats(store->sessions, &stats);
    printf("live %" APR_UINT64_T_FMT " used %" APR_UINT64_T_FMT
           " total %" APR_UINT64_T_FMT "\n",
           stats.live, stats.bytes_used, stats.bytes_total);
    pwl_sessionfile_close(&kept.sessions);
    return 0;
}
