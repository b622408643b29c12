/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key sets in shared memory: answers by the clock, and several processes that
 * ask at once, die while they fetch, and die while they write.
 */
#include "io/keysets.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/limits.h"
#include "tap.h"

#define HOST "acme.eu.auth0.com"
#define SET                                                                    \
    "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"AQ\",\"e\":\"AQ\"}]}"
#define SET2                                                                   \
    "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k2\",\"n\":\"AQ\",\"e\":\"AQ\"}]}"
#define START APR_INT64_C(1789000000)
#define SEC(n) ((START + (n)) * APR_USEC_PER_SEC)

#define CHILDREN 8
#define ASKS 500 /* of each child */
#define MOST_KILLS 5000

static apr_pool_t *pool;
static void *memory;
static pwl_keysets_t *keysets;

static void start_afresh(void)
{
    pwl_keysets_format(memory, pwl_keysets_bytes(), &keysets, pool);
}

static const char *state_word(pwl_keysets_state_t state)
{
    static const char *const words[] = {"no", "down", "have", "fetch", "wait"};

    return words[state];
}

static const char *ask(const char *host, const char *kid, apr_time_t now)
{
    pwl_keysets_answer_t answer;
    pwl_result_t res = pwl_keysets_ask(keysets, host, kid, now, &answer, pool);

    if ((answer.state == PWL_KEYSETS_HAVE) != (answer.json != NULL))
        tap_ok(0, "JSON exactly with HAVE");
    return res.why == PWL_OK ? state_word(answer.state)
                             : pwl_reason_word(res.why);
}

static void test_life(void)
{
    pwl_keysets_answer_t answer;

    start_afresh();
    tap_str("the first to ask fetches", ask(HOST, NULL, SEC(0)), "fetch");
    tap_str("the second waits", ask(HOST, "k1", SEC(0)), "wait");
    tap_str("another host has its own turn", ask("b.example", "k1", SEC(0)),
            "fetch");
    pwl_keysets_store(keysets, HOST, SET, SEC(1));
    tap_str("then all have the set", ask(HOST, NULL, SEC(1)), "have");
    tap_str("J17: a kid that is in it", ask(HOST, "k1", SEC(2)), "have");
    pwl_keysets_ask(keysets, HOST, "k1", SEC(2), &answer, pool);
    tap_str("it is the set that was stored", answer.json, SET);
    tap_int("and known since when", answer.fetched, SEC(1));
    tap_str("J15: an unknown kid right after a fetch", ask(HOST, "k2", SEC(2)),
            "no");
    tap_str("J15: and until a second before the minute is over",
            ask(HOST, "k2", SEC(60)), "no");
    tap_str("J17: an unknown kid a minute later", ask(HOST, "k2", SEC(61)),
            "fetch");
    tap_str("others who look for it wait", ask(HOST, "k2", SEC(61)), "wait");
    tap_str("sign-ins with the old kid go on", ask(HOST, "k1", SEC(61)),
            "have");
    pwl_keysets_store(keysets, HOST, SET2, SEC(62));
    tap_str("J17: the new kid is there", ask(HOST, "k2", SEC(62)), "have");
    tap_str("J17: the removed one is not", ask(HOST, "k1", SEC(62)), "no");
    tap_str("J17: a second before its time is up",
            ask(HOST, "k2", SEC(62 + 24 * 3600 - 1)), "have");
    tap_str("J17: a set is fetched anew after a day",
            ask(HOST, NULL, SEC(62 + 24 * 3600)), "fetch");
    tap_str("and nobody uses the old one meanwhile",
            ask(HOST, "k2", SEC(62 + 24 * 3600)), "wait");
}

static void test_kids(void)
{
    start_afresh();
    ask(HOST, NULL, SEC(0));
    pwl_keysets_store(keysets, HOST, SET, SEC(0));
    tap_str("J12: part of a kid is not the kid", ask(HOST, "k", SEC(1)), "no");
    tap_str("J12: a kid with more is not the kid", ask(HOST, "k11", SEC(1)),
            "no");
    tap_str("J12: a kid with a quote to fool the search",
            ask(HOST, "k1\",\"n\":\"AQ", SEC(1)), "no");
    tap_str("J12: the text of another member is no kid",
            ask(HOST, "AQ", SEC(1)), "no");
    tap_str("J12: the empty kid", ask(HOST, "", SEC(1)), "no");
}

static void test_failures(void)
{
    start_afresh();
    ask(HOST, NULL, SEC(0));
    pwl_keysets_failed(keysets, HOST, SEC(5));
    tap_str("J16: after a failure nobody fetches at once",
            ask(HOST, NULL, SEC(6)), "down");
    tap_str("J16: nor a second before PWL_KEYSETS_RETRY is over",
            ask(HOST, "k1", SEC(9)), "down");
    tap_str("J16: but then somebody does, as nobody can sign in without keys",
            ask(HOST, NULL, SEC(10)), "fetch");
    tap_str("J15: a fetcher that vanished is waited for",
            ask(HOST, NULL, SEC(39)), "wait");
    tap_str("J15: and replaced after PWL_KEYSETS_FETCH_LIFE",
            ask(HOST, NULL, SEC(40)), "fetch");
    tap_str("J15: by one", ask(HOST, NULL, SEC(40)), "wait");
    pwl_keysets_store(keysets, HOST, SET, SEC(96));
    ask(HOST, "k2", SEC(200));
    pwl_keysets_failed(keysets, HOST, SEC(201));
    tap_str("J15: a failed refetch leaves the old set",
            ask(HOST, "k1", SEC(202)), "have");
    tap_str("J15: and is not repeated within the minute",
            ask(HOST, "k2", SEC(260)), "no");
    tap_str("J15: only after it", ask(HOST, "k2", SEC(261)), "fetch");
    pwl_keysets_failed(keysets, HOST, SEC(262));
    tap_str("J16: a set that is too old is none",
            ask(HOST, "k1", SEC(96 + 24 * 3600)), "fetch");
    pwl_keysets_failed(keysets, HOST, SEC(97 + 24 * 3600));
    tap_str("J16: nor is it used when no other can be fetched",
            ask(HOST, "k1", SEC(98 + 24 * 3600)), "down");
    tap_str("J16: which is tried again soon",
            ask(HOST, "k1", SEC(102 + 24 * 3600)), "fetch");
}

static void test_clock(void)
{
    start_afresh();
    ask(HOST, NULL, SEC(100));
    pwl_keysets_store(keysets, HOST, SET, SEC(100));
    tap_str("a clock a second behind has the set", ask(HOST, "k1", SEC(99)),
            "have");
    tap_str("and may not fetch again", ask(HOST, "k2", SEC(99)), "no");
    tap_str("a clock set back by an hour does not forbid fetching for one",
            ask(HOST, "k2", SEC(-3500)), "fetch");
    tap_str("a clock set back by two days makes the set old",
            ask(HOST, "k1", SEC(-200000)), "fetch");
}

static void test_limits(void)
{
    char *host = apr_pcalloc(pool, PWL_KEYSETS_HOST_MAX + 2);
    char *json = apr_pcalloc(pool, PWL_JWKS_KEEP_BYTES + 2);
    pwl_keysets_answer_t answer;

    start_afresh();
    memset(host, 'h', PWL_KEYSETS_HOST_MAX);
    tap_str("a host of PWL_KEYSETS_HOST_MAX bytes", ask(host, NULL, SEC(0)),
            "fetch");
    host[PWL_KEYSETS_HOST_MAX] = 'h';
    tap_str("a host one byte longer", ask(host, NULL, SEC(0)), "store-failed");
    tap_str("no host", ask("", NULL, SEC(0)), "store-failed");
    tap_str("NULL for a host", ask(NULL, NULL, SEC(0)), "store-failed");

    memset(json, 'j', PWL_JWKS_KEEP_BYTES);
    tap_str("J16: a set of PWL_JWKS_KEEP_BYTES is kept",
            pwl_reason_word(pwl_keysets_store(keysets, HOST, json, SEC(0)).why),
            "ok");
    pwl_keysets_ask(keysets, HOST, NULL, SEC(1), &answer, pool);
    tap_str("J16: all of it", answer.json, json);
    json[PWL_JWKS_KEEP_BYTES] = 'j';
    tap_str("J16: one byte more is not",
            pwl_reason_word(pwl_keysets_store(keysets, HOST, json, SEC(2)).why),
            "jwks-too-many");
    tap_str("J16: and the old set stays", ask(HOST, NULL, SEC(3)), "have");
}

static void test_many_hosts(void)
{
    start_afresh();
    pwl_keysets_store(keysets, HOST, SET, SEC(0));
    pwl_keysets_store(keysets, "b.example", SET, SEC(0));
    tap_str("two sets that nobody asked for before: the first is there",
            ask(HOST, "k1", SEC(1)), "have");
    tap_str("and the second too", ask("b.example", "k1", SEC(1)), "have");

    start_afresh();
    for (int i = 0; i < PWL_KEYSETS_HOSTS; i++) {
        const char *host = apr_psprintf(pool, "h%d.example", i);

        ask(host, NULL, SEC(i));
        pwl_keysets_store(keysets, host, SET, SEC(i));
    }
    tap_str("PWL_KEYSETS_HOSTS hosts: the first is there",
            ask("h0.example", NULL, SEC(20)), "have");
    tap_str("one host more finds room", ask("more.example", NULL, SEC(21)),
            "fetch");
    tap_str("the one asked for longest ago went",
            ask("h1.example", NULL, SEC(22)), "fetch");
    tap_str("the first, asked for since, did not",
            ask("h0.example", NULL, SEC(23)), "have");
}

static void test_attach(void)
{
    pwl_keysets_t *other;
    pwl_result_t res;

    start_afresh();
    pwl_keysets_store(keysets, HOST, SET, SEC(0));
    res = pwl_keysets_attach(memory, pwl_keysets_bytes(), &keysets, pool);
    tap_str("a table is used again", pwl_reason_word(res.why), "ok");
    tap_str("with what was in it", ask(HOST, "k1", SEC(1)), "have");
    res = pwl_keysets_attach(memory, pwl_keysets_bytes() - 1, &other, pool);
    tap_str("memory that is too small is refused", pwl_reason_word(res.why),
            "store-failed");
    tap_ok(other == NULL && res.detail, "with a detail and no handle");
    res = pwl_keysets_format(memory, pwl_keysets_bytes() - 1, &other, pool);
    tap_str("too small to be made, too", pwl_reason_word(res.why),
            "store-failed");
    memset(memory, 0x55, 8);
    res = pwl_keysets_attach(memory, pwl_keysets_bytes(), &other, pool);
    tap_str("foreign memory is refused", pwl_reason_word(res.why),
            "store-failed");
}

/* Start a process; 0 is returned in it. */
static pid_t start_process(void)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid < 0)
        abort();
    return pid;
}

/* Each child asks for random kids and answers with the number of FETCH. */
static int run_askers(const char *kid_format, apr_time_t now)
{
    pid_t children[CHILDREN];
    int fetches = 0;
    int status;

    for (int i = 0; i < CHILDREN; i++) {
        children[i] = start_process();
        if (children[i] == 0) {
            int mine = 0;

            for (int n = 0; n < ASKS; n++)
                if (strcmp(ask(HOST, apr_psprintf(pool, kid_format, i, n), now),
                           "fetch") == 0)
                    mine++;
            _exit(mine);
        }
    }
    for (int i = 0; i < CHILDREN; i++) {
        waitpid(children[i], &status, 0);
        fetches += WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
    }
    return fetches;
}

static void test_processes(void)
{
    start_afresh();
    tap_int("J15: eight processes, 4,000 sign-ins, no set yet: one fetch",
            run_askers("k1", SEC(0)), 1);
    pwl_keysets_store(keysets, HOST, SET, SEC(1));
    tap_int("J15: 4,000 random kids in the same minute: no fetch",
            run_askers("made-up-%d-%d", SEC(30)), 0);
    tap_int("J15: 4,000 random kids a minute later: one fetch",
            run_askers("made-up-%d-%d", SEC(61)), 1);
    pwl_keysets_failed(keysets, HOST, SEC(62));
    tap_int("J15: and none while the tenant is broken",
            run_askers("made-up-%d-%d", SEC(100)), 0);
    tap_str("J15: login of others is unaffected", ask(HOST, "k1", SEC(100)),
            "have");
}

static void write_forever(const char *a, const char *b)
{
    for (;;) {
        pwl_keysets_store(keysets, HOST, a, SEC(0));
        pwl_keysets_store(keysets, HOST, b, SEC(0));
    }
}

/* What lies there after a writer was killed: all of one set, or nothing. */
static int is_whole(const char *a, const char *b, int *was_cleared)
{
    pwl_keysets_answer_t answer;
    pwl_result_t res;

    res = pwl_keysets_ask(keysets, HOST, NULL, SEC(0), &answer, pool);
    if (res.why != PWL_OK)
        return 0;
    *was_cleared = answer.state == PWL_KEYSETS_FETCH;
    if (*was_cleared)
        return 1;
    return answer.json && (!strcmp(answer.json, a) || !strcmp(answer.json, b));
}

static void test_killed_writers(void)
{
    char *a = apr_pcalloc(pool, PWL_JWKS_KEEP_BYTES + 1);
    char *b = apr_pcalloc(pool, PWL_JWKS_KEEP_BYTES + 1);
    int torn = 0;
    int cleared = 0;
    int kills;

    memset(a, 'a', PWL_JWKS_KEEP_BYTES);
    memset(b, 'b', PWL_JWKS_KEEP_BYTES);
    for (kills = 0; kills < MOST_KILLS && cleared < 5 && !torn; kills++) {
        int was_cleared = 0;
        pid_t child;

        start_afresh();
        pwl_keysets_store(keysets, HOST, a, SEC(0));
        pwl_keysets_store(keysets, "b.example", SET, SEC(0));
        child = start_process();
        if (child == 0)
            write_forever(a, b);
        usleep(200 + (useconds_t)(kills * 37 % 500));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        if (!is_whole(a, b, &was_cleared))
            torn++;
        if (strcmp(ask("b.example", "k1", SEC(1)), "have") != 0)
            torn++;
        cleared += was_cleared;
    }
    tap_int("writers killed at any instruction leave no torn set", torn, 0);
    tap_ok(cleared > 0, "and some of them died in the middle of one");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    memory = mmap(NULL, pwl_keysets_bytes(), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    test_life();
    test_kids();
    test_failures();
    test_clock();
    test_limits();
    test_many_hosts();
    test_attach();
    test_processes();
    test_killed_writers();
    munmap(memory, pwl_keysets_bytes());
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
