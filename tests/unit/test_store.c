/* SPDX-License-Identifier: Apache-2.0 */
/* What is shared: made once, attached to again, moved, in memory and in a
 * file. */
#include "io/store.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sessions_fixture.h"

static apr_pool_t *process;
static char folder[] = "/tmp/pwless-store-XXXXXX";
static const char *path;

/* What a configuration wants, and what it got; the next one ends it. */
typedef struct {
    pwl_store_want_t want;
    pwl_store_kept_t kept;
    pwl_store_t *store;
    apr_pool_t *pool;
    pwl_result_t res;
    int afresh;
} life_t;

static void begin(life_t *life, const char *file, int alone, apr_size_t bytes)
{
    if (life->pool)
        apr_pool_destroy(life->pool);
    apr_pool_create(&life->pool, process);
    life->want = (pwl_store_want_t){bytes, file, alone, NOW, life->afresh};
    life->res = pwl_store_open(&life->want, &life->kept, &life->store,
                               life->pool);
}

/* Sessions were in another place before. */
static void begin_afresh(life_t *life, const char *file, int alone,
                         apr_size_t bytes)
{
    life->afresh = 1;
    begin(life, file, alone, bytes);
    life->afresh = 0;
}

/* The process ends: all it had open is gone. */
static void end(life_t *life)
{
    apr_pool_destroy(life->pool);
    pwl_sessionfile_close(&life->kept.sessions);
    memset(life, 0, sizeof(*life));
}

static int says(const life_t *life, const char *words)
{
    const pwl_store_note_t *notes = (const void *)life->store->notes->elts;

    for (int i = 0; i < life->store->notes->nelts; i++)
        if (strstr(notes[i].text, words))
            return 1;
    return 0;
}

static int has(const life_t *life, unsigned int user)
{
    return fixture_has(life->store->sessions, user, 1, life->pool);
}

static void put(const life_t *life, unsigned int user)
{
    fixture_put(life->store->sessions, user, 1, NOW, NOW + SEC(3600));
}

static void fresh_and_again(void)
{
    apr_size_t bytes = pwl_store_min_bytes();
    unsigned char key[PWL_SEAL_KEY_BYTES];
    unsigned char txn[PWL_TXN_BYTES] = {7};
    life_t life = {.pool = NULL};
    pwl_metrics_t metrics;
    pwl_result_t res;

    begin(&life, NULL, 0, bytes);
    tap_str("memory is made", pwl_reason_word(life.res.why), "ok");
    tap_ok(((apr_size_t)life.kept.segment & 4095) == 0, "on a page");
    memcpy(key, life.store->seal_key, sizeof(key));
    put(&life, 5);
    res = pwl_txns_use_once(life.store->txns, txn, 1, apr_time_from_sec(60));
    tap_str("a state is used", pwl_reason_word(res.why), "ok");
    pwl_counters_add(life.store->counters, PWL_METRIC_SESSIONS_CREATED, 0);

    begin(&life, NULL, 0, bytes);
    tap_ok(memcmp(key, life.store->seal_key, sizeof(key)) == 0,
           "S17: after a graceful restart the key is the same");
    tap_ok(has(&life, 5), "S17: the session is still there");
    res = pwl_txns_use_once(life.store->txns, txn, 1, apr_time_from_sec(60));
    tap_str("O3: and the state still used", pwl_reason_word(res.why),
            "callback-used");
    pwl_counters_read(life.store->counters, &metrics);
    tap_int("S17: counters go on",
            (long long)metrics
                .cell[pwl_metric_cell(PWL_METRIC_SESSIONS_CREATED, 0)],
            1);
    tap_int("and nothing is said", life.store->notes->nelts, 0);

    begin(&life, NULL, 0, bytes * 4);
    tap_int("S17: gracefully the table keeps its size",
            (long long)life.store->session_bytes, (long long)bytes);
    tap_ok(says(&life, "a restart, not a graceful one"), "and the log says so");
    begin(&life, NULL, 1, bytes * 4);
    tap_int("S17: a restart changes it", (long long)life.store->session_bytes,
            (long long)bytes * 4);
    tap_ok(has(&life, 5), "S17: with the sessions");
    tap_ok(says(&life, "1 sessions moved, 0 did not fit"), "and the log says so");
    memset(life.kept.segment, 0, 8);
    begin(&life, NULL, 0, bytes * 4);
    tap_str("a segment of another version is refused",
            pwl_reason_word(life.res.why), "store-failed");
}

static void in_a_file(void)
{
    apr_size_t bytes = pwl_store_min_bytes();
    unsigned char key[PWL_SEAL_KEY_BYTES];
    life_t life = {.pool = NULL};

    begin(&life, path, 0, bytes);
    tap_str("S17: a file is made", pwl_reason_word(life.res.why), "ok");
    memcpy(key, life.store->seal_key, sizeof(key));
    put(&life, 1);
    put(&life, 2);
    fixture_remove(life.store->sessions, 2);
    end(&life);

    begin(&life, path, 0, bytes);
    tap_ok(has(&life, 1), "S17: the session is there after stop and start");
    tap_ok(!has(&life, 2), "S4: the one that was ended is not");
    tap_ok(memcmp(key, life.store->seal_key, sizeof(key)) == 0,
           "S17: and the key is");
    tap_ok(says(&life, "1 sessions found"), "and the log says so");
    begin(&life, path, 0, bytes);
    tap_int("a graceful restart says nothing", life.store->notes->nelts, 0);
    end(&life);

    begin(&life, path, 0, bytes * 2);
    tap_int("S17: a start with another size moves them",
            (long long)life.store->session_bytes, (long long)bytes * 2);
    tap_ok(has(&life, 1), "S17: all of them");
    unlink(path);
    begin(&life, path, 0, bytes * 2);
    tap_ok(says(&life, "its file was removed"), "a removed file is noticed");
    begin(&life, path, 1, bytes * 2);
    tap_ok(has(&life, 1), "S17: and written again by a restart");
    end(&life);
}

static void useless_file(void)
{
    apr_size_t bytes = pwl_store_min_bytes();
    const char *aside = apr_pstrcat(process, path, ".aside", NULL);
    life_t life = {.pool = NULL};
    FILE *file;

    begin(&life, path, 0, bytes);
    memset(life.kept.sessions.table, 0xa5, 64);
    end(&life);
    begin(&life, path, 0, bytes);
    tap_str("S17: a damaged table: the server starts",
            pwl_reason_word(life.res.why), "ok");
    tap_ok(says(&life, "no session table: renamed to"), "and says what happened");
    put(&life, 3);
    tap_ok(has(&life, 3), "S17: with an empty table that works");
    end(&life);

    chmod(path, 0644);
    begin(&life, path, 0, bytes);
    tap_ok(says(&life, "others than its owner") && !has(&life, 3),
           "S17: a file others could read is not used");
    end(&life);

    file = fopen(path, "w");
    fclose(file);
    begin(&life, path, 0, bytes);
    tap_ok(says(&life, "all sessions in it have ended"), "S17: nor an empty one");
    end(&life);
    unlink(aside);
}

static void from_memory_to_file(void)
{
    apr_size_t bytes = pwl_store_min_bytes();
    const char *other = apr_pstrcat(process, path, "2", NULL);
    life_t life = {.pool = NULL};

    unlink(path);
    begin(&life, NULL, 0, bytes);
    put(&life, 4);
    begin(&life, path, 1, bytes);
    tap_ok(has(&life, 4), "S17: sessions move from memory into a file");
    begin(&life, other, 1, bytes);
    tap_ok(has(&life, 4), "S17: and into another");
    end(&life);
    begin(&life, path, 1, bytes);
    tap_ok(!has(&life, 4), "S4: where they were they do not come back");
    end(&life);
    unlink(other);
    unlink(path);
    unlink(apr_pstrcat(process, path, ".aside", NULL));
}

/* As when Auth0SessionStore went from a file to Redis and back: children of the
 * configuration before hold the file open. */
static void elsewhere_and_back(void)
{
    apr_size_t bytes = pwl_store_min_bytes();
    const char *aside = apr_pstrcat(process, path, ".aside", NULL);
    unsigned char key[PWL_SEAL_KEY_BYTES];
    life_t life = {.pool = NULL};
    pwl_sessions_t *old;
    int child;

    begin(&life, path, 0, bytes);
    put(&life, 6);
    memcpy(key, life.store->seal_key, sizeof(key));
    pwl_sessions_attach(life.kept.sessions.table, bytes, &old, process);
    child = dup(life.kept.sessions.fd);
    begin_afresh(&life, NULL, 0, bytes);
    tap_ok(!has(&life, 6), "S4: another place begins with an empty table");
    tap_ok(says(&life, ".aside, all sessions in it have ended: Auth0Session"),
           "and the log says so");
    tap_ok(access(aside, F_OK) == 0, "S4: the file is not where it was");
    tap_ok(fixture_has(old, 6, 1, life.pool), "S17: old children read it yet");

    begin_afresh(&life, path, 0, bytes);
    tap_str("S17: back in the same file", pwl_reason_word(life.res.why), "ok");
    tap_ok(!has(&life, 6), "S4: what was in it does not come back");
    put(&life, 7);
    begin(&life, path, 0, bytes);
    tap_ok(has(&life, 7), "S17: and what is made from now on stays");
    tap_ok(memcmp(key, life.store->seal_key, sizeof(key)) == 0,
           "S17: with the key of this server");
    close(child);
    end(&life);

    /* A file that an earlier server left is as old as one of ours. */
    begin(&life, NULL, 0, bytes);
    memcpy(key, life.store->seal_key, sizeof(key));
    begin_afresh(&life, path, 1, bytes);
    tap_ok(!has(&life, 7) && says(&life, "names another place than before"),
           "S4: nor does what an earlier server left");
    tap_ok(memcmp(key, life.store->seal_key, sizeof(key)) == 0,
           "S17: nor its key");
    end(&life);
    unlink(path);
    unlink(aside);
}

static void apart(void)
{
    life_t one = {.pool = NULL}, two = {.pool = NULL};

    begin(&one, NULL, 0, pwl_store_min_bytes());
    begin(&two, NULL, 0, pwl_store_min_bytes());
    tap_ok(memcmp(one.store->seal_key, two.store->seal_key,
                  PWL_SEAL_KEY_BYTES) != 0,
           "each has a random key of its own");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&process, NULL);
    if (!mkdtemp(folder))
        return 1;
    path = apr_pstrcat(process, folder, "/sessions", NULL);
    fresh_and_again();
    in_a_file();
    useless_file();
    from_memory_to_file();
    elsewhere_and_back();
    apart();
    tap_int("and nothing is left behind", rmdir(folder), 0);
    apr_terminate();
    return tap_done();
}
