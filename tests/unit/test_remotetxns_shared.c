/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/remotetxns.c, used by many at once: machines that write one record at the
 * same time, a Redis that stops in the middle, and an answer that is lost.
 */
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "crowd.h"
#include "redis_signins.h"

/* Another machine, between the reading and the writing. */
static void meddle(pwl_flow_t *flow, void *baton)
{
    unsigned char id[PWL_TXN_BYTES];
    deed_t *deed = baton;

    look(flow, baton);
    if (deed->stop)
        kill(server.pid, SIGSTOP);
    if (deed->runs <= deed->times)
        pwl_remotetxns_newest_set(deed->other, id_of(99, id), id, NOW,
                                  NOW + LIFE, pool);
    flow->tries = 1;
}

static void count_up(pwl_flow_t *flow, void *baton)
{
    flow->began++;
}

/* The same, and what it writes is this record. */
static void lose(pwl_flow_t *flow, void *baton)
{
    unsigned char id[PWL_TXN_BYTES];
    deed_t *deed = baton;

    look(flow, baton);
    count_up(flow, NULL);
    if (deed->runs <= deed->times)
        pwl_remotetxns_with(deed->other, id_of(1, id), 0, NOW, NOW + LIFE,
                            count_up, NULL, pool);
}

static void see_count(pwl_flow_t *flow, void *baton)
{
    *(apr_time_t *)baton = flow->began;
}

static void test_conflict(void)
{
    const pwl_remotetxns_t *here = with_keys(1, 0), *there = with_keys(1, 0);
    deed_t deed = {.other = there, .times = 2};
    apr_time_t count = 0;

    with(here, 1, 1, NOW + LIFE, add_one, NULL);
    tap_str("two others write in between",
            with(here, 1, 0, NOW + LIFE, lose, &deed), "ok");
    tap_int("L15: run again on what they made of it", deed.runs, 3);
    with(here, 1, 0, NOW, see_count, &count);
    tap_int("L15: and nobody's change is lost", count, 3);
    tell("FLUSHALL", NULL, NULL);
    with(here, 1, 1, NOW + LIFE, add_one, NULL);
    deed = (deed_t){.other = there, .times = 1};
    with(here, 1, 0, NOW + LIFE, meddle, &deed);
    tap_int("another key is no reason to run again", deed.runs, 1);

    deed = (deed_t){.other = there, .times = PWL_REDIS_ROUNDS_MAX - 1};
    tap_str("so many losses as there may be",
            with(here, 1, 0, NOW + LIFE, lose, &deed), "ok");
    tap_int("the last round wins", deed.runs, PWL_REDIS_ROUNDS_MAX);
    tell("FLUSHALL", NULL, NULL);
    with(here, 1, 1, NOW + LIFE, add_one, NULL);
    deed = (deed_t){.other = there, .times = PWL_REDIS_ROUNDS_MAX};
    tap_str("one more", with(here, 1, 0, NOW + LIFE, lose, &deed),
            "txns-failed");
    tap_int("and no round more", deed.runs, PWL_REDIS_ROUNDS_MAX);
    deed = (deed_t){.other = there, .times = 1000};
    tap_str("losing for longer than the timeout",
            with(made(redis, 1, 0, MS(20)), 1, 0, NOW + LIFE, lose, &deed),
            "txns-failed");
    tap_ok(deed.runs < PWL_REDIS_ROUNDS_MAX, "ends before that");
    tell("FLUSHALL", NULL, NULL);
}

/* ---- a Redis that stops, and one that loses an answer ---- */

static void test_stopped(void)
{
    const pwl_remotetxns_t *here = made(redis, 1, 0, S(2));
    deed_t deed = {.stop = 1};

    with(here, 1, 1, NOW + LIFE, add_one, NULL);
    tap_str("U9: Redis stops between reading and writing",
            with(here, 1, 0, NOW + LIFE, meddle, &deed), "store-failed");
    tap_str("U9: and does not answer",
            with(here, 1, 0, NOW + LIFE, look, &deed), "store-failed");
    tap_str("U9: nor is anything remembered elsewhere", used(here, 3),
            "store-failed");
    kill(server.pid, SIGCONT);
    usleep(300 * 1000);
    deed = (deed_t){0};
    tap_str("it is back", with(here, 1, 0, NOW + LIFE, look, &deed), "ok");
    tap_str("O3: and has used nothing up meanwhile", used(here, 3), "ok");
    tell("FLUSHALL", NULL, NULL);
}

static void see_tries(pwl_flow_t *flow, void *baton)
{
    *(apr_uint32_t *)baton = flow->tries;
}

static void test_late(void)
{
    const pwl_remotetxns_t *here = made(redis, 1, 0, S(2));
    deed_t deed = {.stop = 1};
    apr_uint32_t tries = 9;

    with(here, 1, 1, NOW + LIFE, add_one, NULL);
    with(here, 1, 0, NOW + LIFE, meddle, &deed);
    kill(server.pid, SIGCONT);
    usleep(300 * 1000);
    with(here, 1, 0, NOW + LIFE, see_tries, &tries);
    tap_int("L17: a write that came too late took nobody's try", tries, 0);
    deed = (deed_t){0};
    with(here, 1, 0, NOW + LIFE, meddle, &deed);
    with(here, 1, 0, NOW + LIFE, see_tries, &tries);
    tap_int("one in time does", tries, 1);
    tell("FLUSHALL", NULL, NULL);
}

/* Passes on what is said both ways; the answer to the first EVAL is kept from
 * who asked, and the connection closed. A process of its own. */
static void pass_on(int client, int port, int *lost)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned short)port)};
    int there = socket(AF_INET, SOCK_STREAM, 0);
    static char bytes[65536];
    ssize_t len;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(there, (void *)&at, sizeof(at)))
        _exit(1);
    while ((len = read(client, bytes, sizeof(bytes) - 1)) > 0) {
        bytes[len] = '\0';
        if (write(there, bytes, (size_t)len) != len)
            break;
        int lose_it = !*lost && strstr(bytes, "EVAL");
        if ((len = read(there, bytes, sizeof(bytes))) <= 0)
            break;
        if (lose_it) {
            *lost = 1;
            break;
        }
        if (write(client, bytes, (size_t)len) != len)
            break;
    }
    close(there);
    close(client);
}

static void test_twice(void)
{
    fake_redis_t proxy;
    int listening = fake_listen(&proxy.port), lost = 0;
    const pwl_remotetxns_t *through;

    fflush(stdout);
    proxy.pid = fork();
    if (proxy.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pass_on(accept(listening, NULL, NULL), server.port, &lost);
    }
    close(listening);
    through = made(to(proxy.port), 1, 0, S(20));
    tap_str("an answer is lost with its connection",
            with(through, 1, 1, NOW + LIFE, add_one, NULL), "ok");
    tap_int("L18: and what was asked is done once", sends(with_keys(1, 0), 1),
            1);
    fake_stop(&proxy);
    tell("FLUSHALL", NULL, NULL);
}

/* ---- fifty at once: as in test_txns_shared.c, over two handles ---- */

static const pwl_remotetxns_t *own; /* of this process */

static void begin_try(pwl_flow_t *flow, void *baton)
{
    try_t *attempt = baton;

    attempt->verdict = pwl_flow_verify(flow, attempt->digest, NOW, &policy);
}

static void end_try(pwl_flow_t *flow, void *baton)
{
    try_t *attempt = baton;

    attempt->told = pwl_flow_verified(flow, attempt->outcome, 0, NULL, 0, NOW);
}

static void send_code(pwl_flow_t *flow, void *baton)
{
    pwl_flow_send(flow, baton, NOW, &policy);
    pwl_flow_sent(flow, PWL_OK, 0, 0, NOW);
}

static void post_code(intptr_t code, pwl_reason_t outcome, apr_pool_t *mine)
{
    unsigned char id[PWL_TXN_BYTES];
    try_t attempt = {.outcome = outcome};
    pwl_flow_verdict_t *v = &attempt.verdict;
    int patience = 500; /* five seconds, then this post fails */

    id_of(1, id);
    memset(attempt.digest, (int)code, sizeof(attempt.digest));
    wait_for_all();
    do {
        if (patience < 500)
            usleep(10000);
        if (pwl_remotetxns_with(own, id, 0, NOW, NOW + LIFE, begin_try,
                                &attempt, mine)
                .why != PWL_OK) {
            add(&tally->failed);
            return;
        }
        apr_pool_clear(mine);
    } while (--patience > 0 &&
             (v->act == PWL_FLOW_DO_JOIN || v->why == PWL_FLOW_BUSY));
    if (!must_call(v))
        return;
    usleep(2000);
    pwl_remotetxns_with(own, id, 0, NOW, NOW + LIFE, end_try, &attempt, mine);
    if (attempt.told == PWL_OK)
        add(&tally->firsts);
}

static apr_pool_t *own_pool(void)
{
    apr_pool_t *mine;

    apr_pool_create(&mine, NULL);
    return mine;
}

static void *guess(void *code)
{
    post_code((intptr_t)code, PWL_TENANT_WRONG_CODE, own_pool());
    return NULL;
}

static void *know(void *code)
{
    post_code(1, PWL_OK, own_pool());
    return NULL;
}

static void *use(void *code)
{
    unsigned char id[PWL_TXN_BYTES];

    id_of(7, id);
    wait_for_all();
    if (pwl_remotetxns_use_once(own, id, NOW, NOW + LIFE, own_pool()).why ==
        PWL_OK)
        add(&tally->firsts);
    return NULL;
}

/* What one writes over another's change is missing in the end. */
static void *change(void *code)
{
    unsigned char id[PWL_TXN_BYTES];

    id_of(2, id);
    wait_for_all();
    if (pwl_remotetxns_with(own, id, 1, NOW, NOW + LIFE, count_up, NULL,
                            own_pool())
            .why != PWL_OK)
        add(&tally->failed);
    return NULL;
}

/* Fifty threads in two processes, each does `work` with a code of its own. */
static void fifty(void *(*work)(void *code))
{
    pthread_t thread[THREADS];
    pid_t child[2];

    tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fflush(stdout);
    for (intptr_t p = 0; p < 2; p++) {
        child[p] = fork();
        if (child[p] != 0)
            continue;
        redis = to(server.port); /* connections do not cross a fork */
        own = with_keys(1, 0);
        for (intptr_t i = 0; i < THREADS; i++)
            pthread_create(&thread[i], NULL, work, (void *)(p * THREADS + i));
        for (int i = 0; i < THREADS; i++)
            pthread_join(thread[i], NULL);
        _exit(0);
    }
    for (int p = 0; p < 2; p++)
        waitpid(child[p], NULL, 0);
    tap_int("all fifty were answered", tally->failed, 0);
}

static void with_code(void)
{
    unsigned char id[PWL_TXN_BYTES];

    tell("FLUSHALL", NULL, NULL);
    pwl_remotetxns_with(with_keys(1, 0), id_of(1, id), 1, NOW, NOW + LIFE,
                        send_code, id, pool);
}

static void test_many(void)
{
    apr_time_t count = 0;

    with_code();
    fifty(guess);
    tap_int("L15: fifty guesses on two machines make three calls", tally->calls,
            3);
    tap_int("L15: and the others are refused", tally->refused, 47);
    with_code();
    fifty(know);
    tap_int("L15: fifty posts of the right code make one call", tally->calls,
            1);
    tap_int("L15: and one session", tally->firsts, 1);
    tap_int("L15: which the others are told of", tally->repeats, 49);
    fifty(use);
    tap_int("O3: of fifty on two machines one uses a state", tally->firsts, 1);
    fifty(change);
    with(with_keys(1, 0), 2, 0, NOW, see_count, &count);
    tap_int("L15: of fifty changes at once none is lost", count, 50);
}

int main(void)
{
    begin();
    test_conflict();
    test_stopped();
    test_late();
    test_twice();
    test_many();
    fake_stop(&server);
    apr_pool_destroy(pool);
    return tap_done();
}
