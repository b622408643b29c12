/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things lie, and what becomes of them from one configuration to the
 * next.
 *
 * The segment is anonymous: no name, no file and no clean-up after SIGKILL, and
 * only descendants of this process can see it. Parts begin on page borders.
 */
#include "io/store.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "io/sessions_walk.h"

#define STORE_MAGIC 0x70776c3141757468ULL
#define PAGE 4096
/* 4,096 sign-ins at once: 15 minutes at four or five a second. */
#define TXN_SLOTS 4096
/* Buckets for 5,000 recipients and clients an hour, each known for hours: half
 * a megabyte. */
#define THROTTLE_SLOTS 16384
/* Who signed in from which network, for 30 days: a megabyte. */
#define KNOWN_SLOTS 32768

typedef struct {
    apr_uint64_t magic;
    apr_uint64_t bytes; /* of the segment: other versions have other parts */
    unsigned char seal_key[PWL_SEAL_KEY_BYTES];
} store_head_t;

static apr_size_t pages(apr_size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

apr_size_t pwl_store_min_bytes(void)
{
    return pages(pwl_sessions_min_bytes());
}

/* Where the parts begin, and the end. */
static void lay_out(unsigned char *base, unsigned char *at[11])
{
    at[0] = base + PAGE;
    at[1] = at[0] + pages(pwl_txns_bytes(TXN_SLOTS));
    at[2] = at[1] + pages(pwl_keysets_bytes());
    at[3] = at[2] + pages(pwl_throttles_bytes(THROTTLE_SLOTS));
    at[4] = at[3] + pages(pwl_counters_bytes());
    at[5] = at[4] + pages(pwl_leases_bytes());
    at[6] = at[5] + pages(pwl_outages_bytes());
    at[7] = at[6] + pages(pwl_logouts_bytes());
    at[8] = at[7] + pages(pwl_bulkhead_bytes());
    at[9] = at[8] + pages(pwl_throttles_bytes(KNOWN_SLOTS));
    at[10] = at[9] + pages(pwl_bulkhead_bytes());
}

static pwl_result_t make_segment(void **kept)
{
    pwl_sessionfile_t memory;
    unsigned char *at[11];
    store_head_t *head;
    pwl_result_t res;

    lay_out(NULL, at);
    res = pwl_sessionfile_anonymous((apr_size_t)at[10], &memory);
    if (res.why != PWL_OK)
        return res;
    head = memory.map;
    if (RAND_bytes(head->seal_key, sizeof(head->seal_key)) != 1) {
        pwl_sessionfile_close(&memory);
        res.why = PWL_STORE_FAILED;
        res.detail = "no random bytes for the key";
        return res;
    }
    head->magic = STORE_MAGIC;
    head->bytes = (apr_uint64_t)at[10];
    *kept = head;
    return res;
}

static pwl_result_t open_segment(pwl_store_kept_t *kept, pwl_store_t *store,
                                 apr_time_t now, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};
    int fresh = !kept->segment;
    store_head_t *head;
    unsigned char *at[11];

    if (fresh)
        res = make_segment(&kept->segment);
    if (res.why != PWL_OK)
        return res;
    lay_out(NULL, at);
    head = kept->segment;
    if (head->magic != STORE_MAGIC || head->bytes != (apr_uint64_t)at[10]) {
        res.why = PWL_STORE_FAILED;
        res.detail = "the kept segment is of another version: stop and start";
        return res;
    }
    store->seal_key = head->seal_key;
    lay_out((unsigned char *)head, at);
    res = (fresh ? pwl_txns_format : pwl_txns_attach)(
        at[0], pwl_txns_bytes(TXN_SLOTS), &store->txns, pool);
    if (res.why == PWL_OK)
        res = (fresh ? pwl_keysets_format : pwl_keysets_attach)(
            at[1], pwl_keysets_bytes(), &store->keysets, pool);
    if (res.why == PWL_OK)
        res = (fresh ? pwl_throttles_format : pwl_throttles_attach)(
            at[2], pwl_throttles_bytes(THROTTLE_SLOTS), &store->throttles,
            pool);
    if (res.why == PWL_OK)
        res = fresh ? pwl_counters_format(at[3], pwl_counters_bytes(), now,
                                          &store->counters, pool)
                    : pwl_counters_attach(at[3], pwl_counters_bytes(),
                                          &store->counters, pool);
    if (res.why == PWL_OK)
        res = (fresh ? pwl_leases_format : pwl_leases_attach)(
            at[4], pwl_leases_bytes(), &store->leases, pool);
    store->outages = (pwl_outages_t *)at[5];
    store->bulkhead = (pwl_bulkhead_t *)at[7];
    store->waiting = (pwl_bulkhead_t *)at[9];
    if (res.why == PWL_OK)
        res = (fresh ? pwl_logouts_format : pwl_logouts_attach)(
            at[6], pwl_logouts_bytes(), &store->logouts, pool);
    if (res.why == PWL_OK)
        res = (fresh ? pwl_throttles_format : pwl_throttles_attach)(
            at[8], pwl_throttles_bytes(KNOWN_SLOTS), &store->known, pool);
    if (res.why != PWL_OK && fresh)
        kept->segment = NULL;
    return res;
}

static void note(pwl_store_t *store, int warn, const char *text)
{
    pwl_store_note_t *it = apr_array_push(store->notes);

    it->warn = warn;
    it->text = text;
}

/* An empty table where it is wanted. It is at its path after
 * pwl_sessionfile_replace(), when what belongs in it is in it. */
static pwl_result_t make_sessions(const pwl_store_want_t *want,
                                  pwl_store_t *store, pwl_sessionfile_t *out,
                                  apr_pool_t *pool)
{
    pwl_result_t res =
        want->file
            ? pwl_sessionfile_make(want->file, pages(want->session_bytes),
                                   store->seal_key, out, pool)
            : pwl_sessionfile_anonymous(pages(want->session_bytes), out);

    if (res.why != PWL_OK)
        return res;
    res = pwl_sessions_format(out->table, out->bytes, &store->sessions, pool);
    if (res.why != PWL_OK)
        pwl_sessionfile_close(out);
    return res;
}

static pwl_result_t put_in_place(pwl_sessionfile_t *file)
{
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};

    return file->fd < 0 ? res : pwl_sessionfile_replace(file);
}

/* Is the table of `file` the one that is wanted? */
static int is_wanted(const pwl_store_want_t *want,
                     const pwl_sessionfile_t *file)
{
    return file->bytes == pages(want->session_bytes) &&
           strcmp(file->path, want->file ? want->file : "") == 0 &&
           pwl_sessionfile_in_place(file);
}

/* Move the sessions of `old`, whose handle is `from`, to where they are
 * wanted. On failure all is as it was. */
static pwl_result_t move_sessions(const pwl_store_want_t *want,
                                  pwl_store_t *store, pwl_sessions_t *from,
                                  pwl_sessionfile_t *old, apr_pool_t *pool)
{
    apr_uint64_t moved, left;
    pwl_sessionfile_t made;
    pwl_result_t res = make_sessions(want, store, &made, pool);

    if (res.why != PWL_OK)
        return res;
    left = pwl_sessions_move(from, store->sessions, want->now, &moved);
    res = put_in_place(&made);
    if (res.why != PWL_OK) {
        pwl_sessionfile_close(&made);
        return res;
    }
    note(store, left != 0,
         apr_psprintf(pool,
                      "the session table has another size or place now: "
                      "%" APR_UINT64_T_FMT " sessions moved, %" APR_UINT64_T_FMT
                      " did not fit and have ended",
                      moved, left));
    /* A file left behind would bring them back one day, ended ones too. */
    if (old->fd >= 0 && strcmp(old->path, made.path) != 0 &&
        pwl_sessionfile_in_place(old))
        pwl_sessionfile_set_aside(old);
    pwl_sessionfile_close(old);
    *old = made;
    return res;
}

/* Take over the table of a file, which an earlier server left.
 * @return PWL_OK, and old->map is NULL if it was of no use */
static pwl_result_t recover_sessions(const pwl_store_want_t *want,
                                     pwl_store_t *store, pwl_sessionfile_t *old,
                                     apr_pool_t *pool)
{
    pwl_sessions_t *found;
    pwl_sessions_stats_t stats;
    pwl_result_t res =
        pwl_sessions_recover(old->table, old->bytes, &found, pool);

    if (res.why != PWL_OK) {
        note(store, 1,
             apr_psprintf(pool,
                          "%s: %s: renamed to %s.aside, all sessions in "
                          "it have ended",
                          old->path, res.detail, old->path));
        return pwl_sessionfile_set_aside(old);
    }
    store->sessions = found;
    pwl_sessions_stats(found, &stats);
    note(store, 0,
         apr_psprintf(pool, "%s: %" APR_UINT64_T_FMT " sessions found",
                      old->path, stats.live));
    return is_wanted(want, old) ? res
                                : move_sessions(want, store, found, old, pool);
}

/* Sessions that ended in the place where they were meanwhile would come back
 * with a file that is left where it lies. */
static void note_afresh(pwl_store_t *store, const char *path, apr_pool_t *pool)
{
    note(store, 1,
         apr_psprintf(pool,
                      "%s: renamed to %s.aside, all sessions in it have ended: "
                      "Auth0SessionStore names another place than before",
                      path, path));
}

/* The table of another place: old children go on using it. */
static void leave_sessions(pwl_store_t *store, pwl_sessionfile_t *old,
                           apr_pool_t *pool)
{
    const char *path = apr_pstrdup(pool, old->path);
    int is_file = old->fd >= 0 && pwl_sessionfile_in_place(old);

    if (pwl_sessionfile_abandon(old).why != PWL_OK)
        note(store, 1,
             apr_psprintf(pool,
                          "%s: cannot be renamed: remove it, it would bring "
                          "its sessions back",
                          path));
    else if (is_file)
        note_afresh(store, path, pool);
}

/* A file of an earlier server goes the same way, and its key with it. */
static pwl_result_t clear_path(const pwl_store_want_t *want,
                               pwl_store_t *store, apr_pool_t *pool)
{
    unsigned char key[PWL_SEAL_KEY_BYTES];
    pwl_sessionfile_t found;
    const char *aside;
    pwl_result_t res =
        pwl_sessionfile_open(want->file, key, &found, &aside, pool);

    OPENSSL_cleanse(key, sizeof(key));
    if (res.why == PWL_OK && found.map)
        res = pwl_sessionfile_set_aside(&found);
    else if (res.why != PWL_OK || !aside)
        return res; /* in use by another server, or nothing there */
    if (res.why == PWL_OK)
        note_afresh(store, want->file, pool);
    return res;
}

static pwl_result_t first_sessions(const pwl_store_want_t *want,
                                   pwl_store_kept_t *kept, pwl_store_t *store,
                                   apr_pool_t *pool)
{
    store_head_t *head = kept->segment;
    pwl_sessionfile_t *file = &kept->sessions;
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};
    const char *aside;

    if (want->file && want->afresh) {
        res = clear_path(want, store, pool);
    } else if (want->file) {
        res = pwl_sessionfile_open(want->file, head->seal_key, file, &aside,
                                   pool);
        if (aside)
            note(store, 1,
                 apr_psprintf(pool,
                              "%s: renamed to %s.aside, all sessions in "
                              "it have ended",
                              aside, want->file));
        if (res.why == PWL_OK && file->map)
            res = recover_sessions(want, store, file, pool);
    }
    if (res.why != PWL_OK || file->map)
        return res;
    res = make_sessions(want, store, file, pool);
    if (res.why == PWL_OK)
        res = put_in_place(file);
    if (res.why != PWL_OK)
        pwl_sessionfile_close(file);
    return res;
}

static pwl_result_t open_sessions(const pwl_store_want_t *want,
                                  pwl_store_kept_t *kept, pwl_store_t *store,
                                  apr_pool_t *pool)
{
    pwl_sessionfile_t *file = &kept->sessions;
    pwl_result_t res;

    if (file->map && want->afresh)
        leave_sessions(store, file, pool);
    if (!file->map)
        return first_sessions(want, kept, store, pool);
    res = pwl_sessions_attach(file->table, file->bytes, &store->sessions, pool);
    if (res.why != PWL_OK || is_wanted(want, file))
        return res;
    if (want->alone)
        return move_sessions(want, store, store->sessions, file, pool);
    note(store, 1,
         "Auth0SessionStore has another size or place now, or its file was "
         "removed: a restart, not a graceful one, moves the sessions");
    return res;
}

pwl_result_t pwl_store_open(const pwl_store_want_t *want,
                            pwl_store_kept_t *kept, pwl_store_t **out,
                            apr_pool_t *pool)
{
    pwl_store_t *store = apr_pcalloc(pool, sizeof(*store));
    pwl_result_t res;

    store->notes = apr_array_make(pool, 2, sizeof(pwl_store_note_t));
    res = open_segment(kept, store, want->now, pool);
    if (res.why == PWL_OK)
        res = open_sessions(want, kept, store, pool);
    if (res.why != PWL_OK)
        return res;
    store->session_bytes = kept->sessions.bytes;
    store->file = &kept->sessions;
    *out = store;
    return res;
}
