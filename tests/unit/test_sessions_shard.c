/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shard whose writer was killed: stopped at chosen instructions by ptrace,
 * and at random under load. The others go on, all sessions that were confirmed
 * are there, none that was ended is, and none is half of one and half of
 * another.
 */
#include "io/sessions_shard.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sessions_record.h"
#include "sessions_fixture.h"

static apr_pool_t *pool;

/* One word changed in a whole table: check must say what is wrong. */
typedef struct {
    pwl_sessions_t *table;
    pwl_sessions_place_t place; /* of user 1 */
    pwl_sessions_block_t *head, *more;
} whole_t;

static void open_bucket(whole_t *it)
{
    it->place.bucket->sequence++;
}
static void lose_record(whole_t *it)
{
    it->place.bucket->head = 0;
}
static void wrong_bucket(whole_t *it)
{
    pwl_sessions_bucket_t *other = it->place.buckets;

    other += other == it->place.bucket;
    *other = *it->place.bucket;
    it->place.bucket->head = 0;
}
static void circle(whole_t *it)
{
    it->head->head.link =
        pwl_sessions_link(it->place.bucket->head, it->place.bucket->head,
                          (apr_uint32_t)(it->head->head.link >> 48));
}
static void bad_link(whole_t *it)
{
    it->head->head.link ^= 1;
}
static void bad_field(whole_t *it)
{
    it->more->more.fields[2] ^= 1;
}
static void no_end(whole_t *it)
{
    it->more->more.next = 1;
}
static void miscount_live(whole_t *it)
{
    it->place.shard->live++;
}
static void miscount_used(whole_t *it)
{
    it->place.shard->used++;
}
static void lose_free(whole_t *it)
{
    it->place.shard->free =
        pwl_sessions_block(&it->place, it->place.shard->free)->more.next;
}
static void free_used(whole_t *it)
{
    it->place.shard->free = it->place.bucket->head;
}
static void free_outside(whole_t *it)
{
    it->place.shard->free = it->place.shard->fresh + 1;
}
static void unwiped(whole_t *it)
{
    pwl_sessions_block(&it->place, it->place.shard->free)->words[9] = 1;
}
static void marked_free(whole_t *it)
{
    pwl_sessions_block(&it->place, it->place.shard->free)->more.owner = 1;
}
static void too_fresh(whole_t *it)
{
    it->place.shard->fresh = it->table->block_count + 1;
}

static void make_whole(whole_t *it, void *memory, apr_size_t bytes)
{
    unsigned char skey[PWL_SKEY_BYTES];
    apr_uint64_t key[4];
    pwl_sessions_hit_t hit;

    pwl_sessions_format(memory, bytes, &it->table, pool);
    fixture_put(it->table, 2, 0, NOW, NOW);
    fixture_put(it->table, 1, 0, NOW, NOW);
    fixture_remove(it->table, 2); /* for a free list */
    fixture_key(1, skey);
    memcpy(key, skey, sizeof(key));
    pwl_sessions_place_key(&it->place, it->table, key);
    if (pwl_sessions_record_find(&it->place, &hit) != PWL_OK)
        abort();
    it->head = pwl_sessions_block(&it->place, hit.number);
    it->more = it->head;
    while (it->more->more.next)
        it->more = pwl_sessions_block(&it->place, it->more->more.next);
}

static void test_check(void)
{
    /* clang-format off */
    static const struct { void (*change)(whole_t *); const char *want; } cases[] = {
        {open_bucket,   "a bucket was left open"},
        {lose_record,   "the count of records is wrong"},
        {wrong_bucket,  "a record is in a bucket it does not belong to"},
        {circle,        "a record shares a block, or does not end"},
        {bad_link,      "a bucket's chain is not whole"},
        {bad_field,     "a record is not whole"},
        {no_end,        "a record shares a block, or does not end"},
        {miscount_live, "the count of records is wrong"},
        {miscount_used, "the count of blocks is wrong"},
        {lose_free,     "a block is on no list"},
        {free_used,     "a block is on two lists"},
        {free_outside,  "the free list leads out of its shard"},
        {unwiped,       "a free block was not wiped"},
        {marked_free,   "a block on the free list is in use"},
        {too_fresh,     "more blocks were used than there are"},
    };
    /* clang-format on */
    apr_size_t bytes = pwl_sessions_min_bytes();
    void *memory = fixture_map(bytes);
    whole_t it;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *what = NULL;
        char sentence[128];

        make_whole(&it, memory, bytes);
        cases[i].change(&it);
        pwl_sessions_check(it.table, &what);
        snprintf(sentence, sizeof(sentence), "check finds that %s",
                 cases[i].want);
        tap_str(sentence, what, cases[i].want);
        pwl_sessions_shard_repair(&it.place);
        snprintf(sentence, sizeof(sentence), "repair mends that %s",
                 cases[i].want);
        fixture_check(it.table, sentence);
    }
    make_whole(&it, memory, bytes);
    it.place.shard->busy = 1;
    tap_ok(fixture_put(it.table, 3, 0, NOW, NOW) == PWL_OK &&
               it.place.shard->repaired == 1 && !it.place.shard->busy,
           "S16: a shard marked busy is repaired by the next to lock it");
}

/* A whole record, in a shard that its key does not belong to. */
static void test_other_shard(void)
{
    pwl_sessions_t *table = fixture_table(524288, pool);
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    pwl_session_t meta = {{0}}, out;
    pwl_sessions_place_t place;
    pwl_sessions_block_t copy;

    pwl_sessions_put(table, skey, &meta, NOW, (unsigned char *)"", 0);
    pwl_sessions_place_shard(&place, table, table->shards[1].fresh);
    copy = *pwl_sessions_block(&place, place.first);
    pwl_sessions_remove(table, skey);
    pwl_sessions_place_shard(&place, table, !table->shards[1].fresh);
    *pwl_sessions_block(&place, place.first) = copy;
    place.shard->fresh = 1;
    pwl_sessions_shard_repair(&place);
    fixture_check(table, "S11: a record strayed into another shard is dropped");
    tap_int("S11: and not shown", pwl_sessions_get(table, skey, &out, pool).why,
            PWL_SESSION_UNKNOWN);
}

/* What a killed child was doing, to user 5 of 1 to 9. */
#define VICTIM 5
#define BYSTANDERS 9
#define LONGEST_STEP 150000 /* only a build for ThreadSanitizer has more */

typedef struct {
    const char *what;
    void (*run)(pwl_sessions_t *table);
    unsigned int before, after; /* version of the victim; 0: not there */
} step_t;

static void run_put(pwl_sessions_t *table)
{
    fixture_put(table, VICTIM, 2, NOW, NOW + SEC(9));
}
static void run_remove(pwl_sessions_t *table)
{
    fixture_remove(table, VICTIM);
}
static void run_sweep(pwl_sessions_t *table)
{
    pwl_sessions_sweep(table, NOW + SEC(1));
}
static void run_repair(pwl_sessions_t *table)
{
    table->shards[0].busy = 1;
    fixture_remove(table, 1000);
}

/* Stop a child before it does its step. @return its id, or 0: no ptrace here */
static pid_t start_stopped(const step_t *step, pwl_sessions_t *table)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(1);
        raise(SIGSTOP);
        step->run(table);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFSTOPPED(status) ? pid : 0;
}

static void setup_step(const step_t *step, pwl_sessions_t *table)
{
    for (unsigned int user = 1; user <= BYSTANDERS; user++)
        if (user != VICTIM)
            fixture_put(table, user, 3, NOW, NOW + SEC(99));
    if (step->before)
        fixture_put(table, VICTIM, step->before, NOW, NOW + SEC(1));
    fixture_put(table, 2000, 3, NOW, NOW); /* for a free list */
    fixture_remove(table, 2000);
}

/* Is everybody there, and the victim as before or as after? */
static int is_well(const step_t *step, pwl_sessions_t *table)
{
    pwl_session_t session;
    const char *what;
    pwl_reason_t why = fixture_get(table, VICTIM, &session, pool);

    if (why == PWL_OK &&
        !(step->before && fixture_is(&session, VICTIM, step->before)) &&
        !(step->after && fixture_is(&session, VICTIM, step->after)))
        return 0;
    if (why != PWL_OK &&
        (why != PWL_SESSION_UNKNOWN || (step->before && step->after)))
        return 0;
    for (unsigned int user = 1; user <= BYSTANDERS; user++)
        if (user != VICTIM && !fixture_has(table, user, 3, pool))
            return 0;
    return pwl_sessions_check(table, &what) == PWL_OK;
}

/* Had the process and all others died now, and the memory been used again:
 * with new locks, so that only the busy mark tells. */
static int is_well_again(const step_t *step, void *copy, apr_size_t bytes)
{
    pwl_sessions_t *table;
    int good;

    pwl_sessions_attach(copy, bytes, &table, pool);
    for (unsigned int i = 0; i < table->shard_count; i++)
        pwl_robust_init(&table->shards[i].lock);
    good = is_well(step, table);
    apr_pool_clear(pool);
    return good;
}

/* Let a child do its step one instruction at a time, and look at a copy of the
 * memory after each instruction that has changed something. */
static void test_step(const step_t *step)
{
    apr_size_t bytes = pwl_sessions_min_bytes();
    void *memory = fixture_map(bytes), *copy = fixture_map(bytes);
    void *last = malloc(bytes);
    int status, length, changes = 0, good = 0;
    pwl_sessions_t *table;
    char sentence[128];
    pid_t pid;

    pwl_sessions_format(memory, bytes, &table, pool);
    setup_step(step, table);
    memcpy(last, memory, bytes);
    snprintf(sentence, sizeof(sentence),
             "S16: stopped for ever at any instruction of %s", step->what);
    fflush(stdout);
    pid = start_stopped(step, table);
    if (pid == 0) {
        printf("ok %d - %s # SKIP no ptrace here\n", ++tap_count, sentence);
        return;
    }
    for (length = 0; length < LONGEST_STEP &&
                     ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0 &&
                     waitpid(pid, &status, 0) == pid && WIFSTOPPED(status);
         length++) {
        if (memcmp(last, memory, bytes) == 0)
            continue;
        memcpy(last, memory, bytes);
        memcpy(copy, memory, bytes);
        good += is_well_again(step, copy, bytes);
        changes++;
    }
    tap_int(sentence, good, changes);
    if (length == LONGEST_STEP) { /* stopped still */
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    tap_ok(changes > 10, "and there were changes to look at");
    printf("# %d changes by %d instructions\n", changes, length);
    munmap(memory, bytes);
    munmap(copy, bytes);
    free(last);
}

static void test_instructions(void)
{
    static const step_t steps[] = {
        {"a put of a new session", run_put, 0, 2},
        {"a put in place of another", run_put, 1, 2},
        {"a removal", run_remove, 1, 0},
        {"a sweep", run_sweep, 1, 0},
        {"a repair", run_repair, 1, 1},
    };

    for (size_t i = 0; i < COUNT(steps); i++)
        test_step(&steps[i]);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_check();
    test_other_shard();
    test_instructions();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
