/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands, answers, connections.
 *
 *   ask -> take a kept connection that is quiet, or open one: AUTH, SELECT
 *       -> write all commands, read until as many answers are whole
 *       -> give it back; or close it, if anything at all was unexpected
 *
 * What must stay true:
 *  1. a connection goes back only when every byte that was sent to us belonged
 *     to an answer of ours: else the next request would read somebody else's;
 *  2. no password is in a detail or an answer's text;
 *  3. memory taken for an answer is bounded before it is taken.
 */
#include "io/redis.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "io/wire.h"

#define CHUNK 16384
#define KEEP_MAX 64

struct pwl_redis_t {
    pwl_redis_to_t to;
    apr_thread_mutex_t *lock; /* for idle and count */
    int keep;
    int count;
    pwl_wire_t *idle[KEEP_MAX];
};

static const char not_redis[] =
    "what answers there speaks another protocol, or says more than it should: "
    "is this the address of a Redis?";

void pwl_redis_add(pwl_redis_command_t *command, const char *arg,
                   apr_size_t len)
{
    command->arg[command->count] = arg;
    command->len[command->count++] = len ? len : strlen(arg);
}

pwl_redis_command_t pwl_redis_command(const char *first, ...)
{
    pwl_redis_command_t made = {.count = 0};
    const char *word;
    va_list words;

    va_start(words, first);
    for (word = first; word; word = va_arg(words, const char *))
        pwl_redis_add(&made, word, 0);
    va_end(words);
    return made;
}

/* ---- answers: hiredis calls these for each piece it has read ---- */

static pwl_redis_answer_t *place(const redisReadTask *task)
{
    apr_pool_t *pool = task->privdata;
    pwl_redis_answer_t *list = task->parent ? task->parent->obj : NULL;

    return list ? &list->items[task->idx]
                : apr_pcalloc(pool, sizeof(pwl_redis_answer_t));
}

static void *make_text(const redisReadTask *task, char *text, size_t len)
{
    pwl_redis_answer_t *answer = place(task);
    char *copy;

    if (task->type == REDIS_REPLY_ERROR && len > PWL_REDIS_ERROR_MAX)
        len = PWL_REDIS_ERROR_MAX;
    copy = apr_pstrmemdup(task->privdata, text, len);
    answer->kind = PWL_REDIS_TEXT;
    if (task->type == REDIS_REPLY_ERROR) {
        answer->kind = PWL_REDIS_ERROR;
        for (size_t i = 0; i < len; i++)
            if (copy[i] < ' ' || copy[i] > '~')
                copy[i] = '?';
    }
    answer->text = copy;
    answer->len = len;
    return answer;
}

#if HIREDIS_MAJOR >= 1
typedef size_t list_count_t;
#else
typedef int list_count_t;
#endif

static void *make_list(const redisReadTask *task, list_count_t count)
{
    pwl_redis_answer_t *answer;

    if (count > PWL_REDIS_LIST_MAX)
        return NULL; /* which hiredis takes for "memory is out" */
    answer = place(task);
    answer->kind = PWL_REDIS_LIST;
    answer->count = (int)count;
    answer->items =
        apr_pcalloc(task->privdata, (count + 1) * sizeof(*answer->items));
    return answer;
}

static void *make_number(const redisReadTask *task, long long number)
{
    pwl_redis_answer_t *answer = place(task);

    answer->kind = PWL_REDIS_NUMBER;
    answer->number = number;
    return answer;
}

static void *make_nil(const redisReadTask *task)
{
    return place(task); /* zero is PWL_REDIS_NIL */
}

static void forget(void *answer)
{
    /* The pool's. */
}

#if HIREDIS_MAJOR >= 1
/* Of the newer protocol, for which we never ask. */
static void *make_double(const redisReadTask *task, double number, char *text,
                         size_t len)
{
    return NULL;
}

static void *make_bool(const redisReadTask *task, int yes)
{
    return NULL;
}
#endif

static redisReplyObjectFunctions makers = {
    .createString = make_text,
    .createArray = make_list,
    .createInteger = make_number,
    .createNil = make_nil,
    .freeObject = forget,
#if HIREDIS_MAJOR >= 1
    .createDouble = make_double,
    .createBool = make_bool,
#endif
};

/* ---- one exchange on one connection ---- */

static pwl_result_t write_commands(pwl_wire_t *wire,
                                   const pwl_redis_command_t *commands,
                                   int count, apr_time_t deadline)
{
    pwl_result_t res = {PWL_STORE_FAILED, APR_ENOMEM,
                        "no memory for a command"};

    for (int i = 0; i < count; i++) {
        char *bytes = NULL;
        long long len;

        len = redisFormatCommandArgv(&bytes, commands[i].count,
                                     (const char **)commands[i].arg,
                                     commands[i].len);
        if (len < 0)
            return res;
        res = pwl_wire_write(wire, bytes, (apr_size_t)len, deadline);
        memset(bytes, 0, (size_t)len); /* it may have been AUTH */
        redisFreeCommand(bytes);
        if (res.why != PWL_OK)
            return res;
    }
    return res;
}

/* Take what is whole out of the reader. @return 0 for nonsense */
static int take_answers(redisReader *reader, pwl_redis_answer_t *answers,
                        int count, int *have)
{
    while (*have < count) {
        void *one = NULL;

        if (redisReaderGetReply(reader, &one) != REDIS_OK)
            return 0;
        if (!one)
            return 1;
        answers[(*have)++] = *(pwl_redis_answer_t *)one;
    }
    /* Bytes nobody asked for. */
    return reader->pos == reader->len;
}

static pwl_result_t read_answers(pwl_wire_t *wire, pwl_redis_answer_t *answers,
                                 int count, apr_time_t deadline,
                                 apr_pool_t *pool)
{
    pwl_result_t res = {PWL_STORE_FAILED, APR_EGENERAL, not_redis};
    redisReader *reader = redisReaderCreateWithFunctions(&makers);
    apr_size_t total = 0;
    int have = 0;

    if (!reader)
        return res;
    reader->privdata = pool;
    while (have < count) {
        char chunk[CHUNK];
        apr_size_t got = 0;

        res = pwl_wire_read(wire, chunk, sizeof(chunk), &got, deadline);
        if (res.why != PWL_OK)
            break;
        total += got;
        if (total > PWL_REDIS_ANSWER_MAX ||
            redisReaderFeed(reader, chunk, got) != REDIS_OK ||
            !take_answers(reader, answers, count, &have)) {
            res.why = PWL_STORE_FAILED;
            res.rv = APR_EGENERAL;
            res.detail = not_redis;
            break;
        }
    }
    redisReaderFree(reader);
    return res;
}

static pwl_result_t exchange(pwl_wire_t *wire,
                             const pwl_redis_command_t *commands, int count,
                             pwl_redis_answer_t *answers, apr_time_t deadline,
                             apr_pool_t *pool)
{
    pwl_result_t res = write_commands(wire, commands, count, deadline);

    if (res.why == PWL_OK)
        res = read_answers(wire, answers, count, deadline, pool);
    return res;
}

/* ---- connections ---- */

static pwl_result_t greet(const pwl_redis_t *redis, pwl_wire_t *wire,
                          apr_time_t deadline, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_redis_command_t commands[2] = {{.count = 0}};
    pwl_redis_answer_t answers[2];
    int count = 0;

    if (redis->to.password) {
        pwl_redis_add(&commands[count], "AUTH", 0);
        if (redis->to.user)
            pwl_redis_add(&commands[count], redis->to.user, 0);
        pwl_redis_add(&commands[count++], redis->to.password, 0);
    }
    if (redis->to.db) {
        pwl_redis_add(&commands[count], "SELECT", 0);
        pwl_redis_add(&commands[count++], apr_itoa(pool, redis->to.db), 0);
    }
    if (count)
        res = exchange(wire, commands, count, answers, deadline, pool);
    for (int i = 0; i < count && res.why == PWL_OK; i++) {
        if (answers[i].kind == PWL_REDIS_ERROR) {
            res.why = PWL_STORE_FAILED;
            res.rv = APR_EACCES; /* no use of this connection */
            res.detail = pwl_redis_explain(&answers[i]);
        }
    }
    return res;
}

static pwl_result_t open_one(const pwl_redis_t *redis, apr_time_t deadline,
                             pwl_wire_t **wire, apr_pool_t *pool)
{
    pwl_result_t res = pwl_wire_open(redis->to.host, redis->to.port,
                                     redis->to.tls, deadline, wire);

    if (res.why != PWL_OK)
        return res;
    res = greet(redis, *wire, deadline, pool);
    if (res.why != PWL_OK) {
        pwl_wire_close(*wire);
        *wire = NULL;
    }
    return res;
}

/* @return a kept connection that is still good, or NULL */
static pwl_wire_t *take_kept(pwl_redis_t *redis)
{
    for (;;) {
        pwl_wire_t *wire = NULL;

        apr_thread_mutex_lock(redis->lock);
        if (redis->count)
            wire = redis->idle[--redis->count];
        apr_thread_mutex_unlock(redis->lock);
        if (!wire || pwl_wire_is_quiet(wire))
            return wire;
        pwl_wire_close(wire);
    }
}

static void give_back(pwl_redis_t *redis, pwl_wire_t *wire)
{
    apr_thread_mutex_lock(redis->lock);
    if (redis->count < redis->keep) {
        redis->idle[redis->count++] = wire;
        wire = NULL;
    }
    apr_thread_mutex_unlock(redis->lock);
    pwl_wire_close(wire);
}

static apr_status_t close_kept(void *data)
{
    pwl_redis_t *redis = data;

    apr_thread_mutex_lock(redis->lock);
    while (redis->count)
        pwl_wire_close(redis->idle[--redis->count]);
    apr_thread_mutex_unlock(redis->lock);
    return APR_SUCCESS;
}

pwl_redis_t *pwl_redis_make(const pwl_redis_to_t *to, int keep,
                            apr_pool_t *pool)
{
    pwl_redis_t *redis = apr_pcalloc(pool, sizeof(*redis));

    redis->to = *to;
    redis->keep = keep < KEEP_MAX ? keep : KEEP_MAX;
    if (apr_thread_mutex_create(&redis->lock, APR_THREAD_MUTEX_DEFAULT, pool))
        return NULL;
    apr_pool_cleanup_register(pool, redis, close_kept, apr_pool_cleanup_null);
    return redis;
}

pwl_result_t pwl_redis_ask(pwl_redis_t *redis,
                           const pwl_redis_command_t *commands, int count,
                           pwl_redis_answer_t *answers, apr_pool_t *pool)
{
    apr_time_t deadline = pwl_wire_clock() + redis->to.timeout;
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_wire_t *wire = take_kept(redis);

    if (wire) {
        res = exchange(wire, commands, count, answers, deadline, pool);
        if (res.why != PWL_OK) {
            pwl_wire_drop(wire);
            wire = NULL;
            /* The server was restarted meanwhile, perhaps: its other kept
             * connections are dead as well. A deadline is over for good. */
            if (res.rv != APR_EOF && res.rv != ECONNRESET && res.rv != EPIPE)
                return res;
            close_kept(redis);
        }
    }
    if (!wire) {
        res = open_one(redis, deadline, &wire, pool);
        if (res.why != PWL_OK)
            return res;
        res = exchange(wire, commands, count, answers, deadline, pool);
    }
    if (res.why == PWL_OK)
        give_back(redis, wire);
    else
        pwl_wire_drop(wire);
    return res;
}

pwl_result_t pwl_redis_do(pwl_redis_t *redis,
                          const pwl_redis_command_t *commands, int count,
                          pwl_redis_answer_t *answers, apr_pool_t *pool)
{
    pwl_result_t res = pwl_redis_ask(redis, commands, count, answers, pool);

    for (int i = 0; i < count && res.why == PWL_OK; i++) {
        if (answers[i].kind == PWL_REDIS_ERROR) {
            res.why = PWL_STORE_FAILED;
            res.detail = pwl_redis_explain(&answers[i]);
        }
    }
    return res;
}

const char *pwl_redis_millis(apr_interval_time_t life, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT,
                        life > 1000 ? (apr_int64_t)(life / 1000) : 1);
}

const char *pwl_redis_explain(const pwl_redis_answer_t *error)
{
    static const char rights[] =
        "the Redis user may not do this: it needs GET, SET, DEL, MULTI, EXEC, "
        "ZADD, ZREM, ZRANGE, ZREMRANGEBYSCORE, PEXPIRE, XADD, XRANGE, SCAN, "
        "EVAL, EXISTS and TIME on keys of the prefix, and SELECT for a database "
        "other than 0";
    static const struct {
        const char *begins;
        const char *means;
    } known[] = {
        {"NOAUTH", "Redis wants a password: add ?password=file:PATH to its "
                   "address in Auth0SessionStore"},
        {"WRONGPASS", "Redis refused the password or the user name"},
        {"ERR invalid password", "Redis refused the password"},
        {"ERR AUTH", "Redis has no password, and one is configured: take it "
                     "out of Auth0SessionStore"},
        {"ERR Client sent AUTH", "Redis has no password, and one is "
                                 "configured: take it out of "
                                 "Auth0SessionStore"},
        {"ERR DB index", "Redis has no database of this number"},
        {"NOPERM", rights},
        /* Inside of a script: Redis 7, and those before. */
        {"ERR ACL failure in script", rights},
        {"ERR The user executing the script", rights},
        {"LOADING", "Redis is still reading its own file"},
        {"READONLY", "this Redis is a read-only replica: name the primary"},
        {"MISCONF", "Redis cannot write its file, and takes no writes until "
                    "it can"},
        {"OOM", "Redis is out of memory (maxmemory): raise it, and let it "
                "evict nothing (maxmemory-policy noeviction)"},
        {"ERR unknown command", "this Redis lacks a command we need: version 5 "
                                "or later will do"},
    };

    for (apr_size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strncmp(error->text, known[i].begins, strlen(known[i].begins)) == 0)
            return known[i].means;
    }
    return "Redis answered with an error we do not know";
}
