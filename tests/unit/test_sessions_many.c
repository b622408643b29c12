/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session table under many threads of many processes, some of which are
 * killed: nobody is ever shown another one's session, or half a session, or one
 * that has ended, and none that was confirmed is lost.
 */
#include "io/sessions.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sessions_fixture.h"

static apr_pool_t *pool;    /* of tables */
static apr_pool_t *scratch; /* of what a process with one thread reads */

/* Many at once: each thread of each process has its own users, changes them
 * without end, and reads those of everybody in between. A small table makes
 * them use each other's blocks all the time. */
#define PROCESSES 4
#define THREADS 16
#define USERS_EACH 2
#define USERS (PROCESSES * THREADS * USERS_EACH)

typedef struct {
    pwl_sessions_t *table;
    apr_uint64_t *wrong;
    unsigned int first; /* number of the thread's first user */
    int rounds;
} worker_t;

static int is_anybody(const pwl_session_t *session, unsigned int user)
{
    unsigned int version = (unsigned int)(session->expires - NOW - SEC(1));

    return fixture_is(session, user, version);
}

/* Change and read one user of our own. @return how often it was not so */
static int own_round(worker_t *me, unsigned int user, unsigned int version,
                     apr_pool_t *own)
{
    pwl_session_t session;
    int wrong = 0;

    if (fixture_put(me->table, user, version, NOW, NOW + SEC(9)) != PWL_OK)
        return 0; /* full: others hold the room */
    wrong += !fixture_has(me->table, user, version, own);
    wrong += fixture_put(me->table, user, version + 1, NOW, NOW + SEC(9)) ==
                 PWL_OK &&
             !fixture_has(me->table, user, version + 1, own);
    wrong += fixture_remove(me->table, user) != PWL_OK;
    wrong += fixture_get(me->table, user, &session, own) != PWL_SESSION_UNKNOWN;
    return wrong;
}

static void *work(void *arg)
{
    worker_t *me = arg;
    unsigned int random = me->first * 2654435761u + 1;
    apr_uint64_t wrong = 0;
    apr_pool_t *own;

    apr_pool_create(&own, NULL);
    for (int i = 0; i < me->rounds; i++) {
        pwl_session_t session;

        random = random * 1103515245u + 12345;
        wrong +=
            (apr_uint64_t)own_round(me, me->first + random / 65536 % USERS_EACH,
                                    2 * (unsigned int)i, own);
        for (int k = 0; k < 8; k++) {
            unsigned int user;

            random = random * 1103515245u + 12345;
            user = random / 65536 % USERS;
            switch (fixture_get(me->table, user, &session, own)) {
            case PWL_OK:
                wrong += !is_anybody(&session, user);
                break;
            case PWL_SESSION_UNKNOWN:
                break;
            default:
                wrong++;
            }
        }
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    __atomic_fetch_add(me->wrong, wrong, __ATOMIC_RELAXED);
    return NULL;
}

static void work_in_threads(worker_t *like, unsigned int process)
{
    pthread_t threads[THREADS];
    worker_t workers[THREADS];

    for (unsigned int i = 0; i < THREADS; i++) {
        workers[i] = *like;
        workers[i].first = (process * THREADS + i) * USERS_EACH;
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void test_many(apr_size_t bytes, int rounds, const char *size)
{
    worker_t like = {fixture_table(bytes, pool),
                     fixture_map(sizeof(apr_uint64_t)), 0, rounds};
    pwl_sessions_stats_t stats;
    int status, good = 0;
    char what[128];

    fflush(stdout);
    for (unsigned int process = 0; process < PROCESSES; process++)
        if (fork() == 0) {
            work_in_threads(&like, process);
            _exit(0);
        }
    while (wait(&status) > 0)
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    snprintf(what, sizeof(what), "S12: %s: all processes come to an end", size);
    tap_int(what, good, PROCESSES);
    snprintf(what, sizeof(what), "D14: %s: user seen is user sent, always",
             size);
    tap_int(what, (long long)*like.wrong, 0);
    pwl_sessions_stats(like.table, &stats);
    printf("# %s: %ld created, %ld refused, %ld waits\n", size,
           (long)stats.created, (long)stats.refused_full,
           (long)stats.lock_waits);
    snprintf(what, sizeof(what), "S12: %s: nothing had to be repaired", size);
    tap_int(what, (long long)stats.repaired, 0);
    snprintf(what, sizeof(what), "S12: %s: the table is whole", size);
    fixture_check(like.table, what);
}

/* Fifty readers of one session, and its end. */
#define READERS 50

typedef struct {
    pwl_sessions_t *table;
    unsigned int ended; /* users below this number are signed out */
    unsigned int seen_dead;
    int stop;
} ending_t;

static void *read_and_touch(void *arg)
{
    ending_t *ending = arg;
    unsigned char skey[PWL_SKEY_BYTES];
    apr_pool_t *own;

    apr_pool_create(&own, NULL);
    while (!__atomic_load_n(&ending->stop, __ATOMIC_ACQUIRE)) {
        unsigned int ended = __atomic_load_n(&ending->ended, __ATOMIC_ACQUIRE);
        pwl_session_t session;

        /* The one that is being ended, and the last that was. */
        fixture_key(ended, skey);
        if (fixture_get(ending->table, ended, &session, own) == PWL_OK)
            pwl_sessions_touch(ending->table, skey, NOW + 1, NOW + SEC(9));
        if (ended > 0 && fixture_get(ending->table, ended - 1, &session, own) !=
                             PWL_SESSION_UNKNOWN)
            __atomic_fetch_add(&ending->seen_dead, 1, __ATOMIC_RELAXED);
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return NULL;
}

static void test_ending(void)
{
    ending_t ending = {fixture_table(pwl_sessions_min_bytes(), pool), 0, 0, 0};
    pthread_t threads[READERS];
    pwl_sessions_stats_t stats;

    for (int i = 0; i < READERS; i++)
        pthread_create(&threads[i], NULL, read_and_touch, &ending);
    for (unsigned int user = 0; user < 200; user++) {
        fixture_put(ending.table, user, 0, NOW, NOW + SEC(9));
        usleep(1000);
        if (fixture_remove(ending.table, user) != PWL_OK)
            tap_ok(0, "S6: a session is ended under fifty readers");
        __atomic_store_n(&ending.ended, user + 1, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&ending.stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    tap_int("S6: once ended, no reader has seen it again", ending.seen_dead, 0);
    pwl_sessions_stats(ending.table, &stats);
    tap_int("S6: and no touch has brought one back", (long long)stats.live, 0);
    fixture_check(ending.table, "S6: the table is whole");
}

/* Under load. What a worker has done and is about to do stands in shared
 * memory: an odd version is there, an even one was removed. */
#define WORKERS 4
#define LOAD_USERS 24
#define KILLS 300 /* PWL_KILLS in the environment: as many, by hand */

typedef struct {
    apr_uint32_t pending, confirmed;
} state_t;

typedef struct {
    state_t users[WORKERS][LOAD_USERS];
    apr_uint64_t steps[WORKERS];
    apr_uint64_t wrong;
    int stop;
} load_t;

static int is_in_state(pwl_sessions_t *table, unsigned int user,
                       unsigned int version)
{
    pwl_session_t session;

    if (version % 2 == 1)
        return fixture_has(table, user, version, scratch);
    return fixture_get(table, user, &session, scratch) == PWL_SESSION_UNKNOWN;
}

static void work_one(pwl_sessions_t *table, load_t *load, unsigned int user,
                     unsigned int random)
{
    state_t *state = &load->users[user / LOAD_USERS][user % LOAD_USERS];
    unsigned int version = state->confirmed;
    unsigned int next = version + (version % 2 == 1 && random % 3 == 0 ? 2 : 1);

    __atomic_store_n(&state->pending, next, __ATOMIC_SEQ_CST);
    if (next % 2 == 0) {
        load->wrong += fixture_remove(table, user) != PWL_OK;
    } else if (fixture_put(table, user, next, NOW, NOW + SEC(99)) != PWL_OK) {
        next = version;
    }
    __atomic_store_n(&state->confirmed, next, __ATOMIC_SEQ_CST);
    __atomic_store_n(&state->pending, next, __ATOMIC_SEQ_CST);
}

static void work_on(pwl_sessions_t *table, load_t *load, unsigned int worker)
{
    unsigned int random = (unsigned int)getpid();

    while (!__atomic_load_n(&load->stop, __ATOMIC_RELAXED)) {
        pwl_session_t session;
        unsigned int other;

        random = random * 1103515245u + 12345;
        work_one(table, load, worker * LOAD_USERS + random / 65536 % LOAD_USERS,
                 random / 1048576);
        random = random * 1103515245u + 12345;
        other = random / 65536 % (WORKERS * LOAD_USERS);
        if (fixture_get(table, other, &session, scratch) == PWL_OK &&
            !fixture_is(&session, other,
                        (unsigned int)(session.expires - NOW - SEC(1))))
            __atomic_fetch_add(&load->wrong, 1, __ATOMIC_RELAXED);
        if (random / 65536 % 16 == 0)
            pwl_sessions_sweep(table, NOW + SEC(9));
        apr_pool_clear(scratch);
        __atomic_fetch_add(&load->steps[worker], 1, __ATOMIC_RELAXED);
    }
}

static pid_t start_worker(pwl_sessions_t *table, load_t *load,
                          unsigned int worker)
{
    pid_t pid = fork();

    if (pid == 0) {
        work_on(table, load, worker);
        _exit(0);
    }
    return pid;
}

/* Do all but `dead` go on within a second? */
static int others_go_on(load_t *load, unsigned int dead)
{
    apr_time_t until = apr_time_now() + APR_USEC_PER_SEC;
    apr_uint64_t steps[WORKERS];
    int moved;

    for (int i = 0; i < WORKERS; i++)
        steps[i] = __atomic_load_n(&load->steps[i], __ATOMIC_RELAXED);
    do {
        moved = 0;
        usleep(200);
        for (unsigned int i = 0; i < WORKERS; i++)
            moved += i == dead || __atomic_load_n(&load->steps[i],
                                                  __ATOMIC_RELAXED) > steps[i];
    } while (moved < WORKERS && apr_time_now() < until);
    return moved == WORKERS;
}

/* Is each user of that worker as confirmed, or as it was about to be? Then
 * that is what the next worker starts from. */
static int are_confirmed(pwl_sessions_t *table, load_t *load,
                         unsigned int worker)
{
    int good = 0;

    for (unsigned int i = 0; i < LOAD_USERS; i++) {
        state_t *state = &load->users[worker][i];
        unsigned int user = worker * LOAD_USERS + i;

        if (is_in_state(table, user, state->pending)) {
            state->confirmed = state->pending;
            good++;
        } else if (is_in_state(table, user, state->confirmed)) {
            state->pending = state->confirmed;
            good++;
        }
    }
    return good == LOAD_USERS;
}

static void test_load(int kills)
{
    pwl_sessions_t *table = fixture_table(pwl_sessions_min_bytes() * 2, pool);
    load_t *load = fixture_map(sizeof(*load));
    int went_on = 0, confirmed = 0, whole = 0;
    pwl_sessions_stats_t stats;
    pid_t pids[WORKERS];
    const char *what;

    fflush(stdout);
    for (unsigned int i = 0; i < WORKERS; i++)
        pids[i] = start_worker(table, load, i);
    for (int i = 0; i < kills; i++) {
        unsigned int dead = (unsigned int)rand() % WORKERS;

        usleep((unsigned int)rand() % 10000);
        kill(pids[dead], SIGKILL);
        waitpid(pids[dead], NULL, 0);
        went_on += others_go_on(load, dead);
        whole += pwl_sessions_check(table, &what) == PWL_OK;
        confirmed += are_confirmed(table, load, dead);
        apr_pool_clear(scratch);
        pids[dead] = start_worker(table, load, dead);
    }
    __atomic_store_n(&load->stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < WORKERS; i++)
        waitpid(pids[i], NULL, 0);
    pwl_sessions_stats(table, &stats);
    printf("# %d kills, %ld repairs, %ld created, %ld removed, %ld waits\n",
           kills, (long)stats.repaired, (long)stats.created,
           (long)stats.removed, (long)stats.lock_waits);
    tap_int("S16: after each kill the others go on within a second", went_on,
            kills);
    tap_int("S16: after each kill the table is whole", whole, kills);
    tap_int("S16: after each kill all that was confirmed is so", confirmed,
            kills);
    tap_int("S12: nobody saw another one's session", (long long)load->wrong, 0);
    tap_ok(stats.repaired > 0, "S16: some were killed holding the lock");
    for (unsigned int i = 0; i < WORKERS; i++)
        tap_ok(are_confirmed(table, load, i),
               "S16: in the end all users of a worker are as confirmed");
}

int main(void)
{
    const char *by_hand = getenv("PWL_KILLS");
    int kills = by_hand ? atoi(by_hand) : KILLS;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    apr_pool_create(&scratch, pool);
    test_many(pwl_sessions_min_bytes(), 400, "smallest table");
    test_many(1048576, 400, "four shards");
    test_ending();
    test_load(kills);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
