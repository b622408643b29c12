/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compare and set, with the text as what is compared: a sealed one has its
 * nonce, so each writing is another text, and one that was sent twice
 * (io/redis.h) finds itself and is told that it was done.
 */
#include "io/remotetxns.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/b64.h"
#include "core/flowrecord.h"
#include "core/limits.h"
#include "io/remotename.h"
#include "io/wire.h"

#define NAMES PWL_REMOTENAME_MAX
#define PAUSE_MAX 8 /* milliseconds between two rounds */
#define WORD_BYTES 16
#define UNSENT_LIFE apr_time_from_sec(PWL_REDIS_UNSENT_SECONDS)

/* KEYS: the names of one thing. ARGV: until when this is good, in
 * microseconds of Redis's clock; the new text; its life; what each name must
 * have now, "" for nothing. Answers 1: written; 0: somebody else wrote; 2: too
 * late. */
static const char write_script[] =
    "local t = redis.call('TIME')\n"
    "if t[1] * 1000000 + t[2] > tonumber(ARGV[1]) then return 2 end\n"
    "for i, key in ipairs(KEYS) do\n"
    "  local v = redis.call('GET', key) or ''\n"
    "  if v == ARGV[2] then return 1 end\n"
    "  if v ~= ARGV[3 + i] then return 0 end\n"
    "end\n"
    "for _, key in ipairs(KEYS) do\n"
    "  redis.call('SET', key, ARGV[2], 'PX', ARGV[3])\n"
    "end\n"
    "return 1\n";

enum { LOST = 0, WRITTEN = 1 };

_Static_assert(3 + NAMES + 3 + NAMES <= PWL_REDIS_ARGS_MAX,
               "EVAL, script, count; names; three more; what they have");

_Static_assert(sizeof(pwl_flow_t) == 6 * 4 + 6 * 8 + 3 * 16 + PWL_SID_BYTES,
               "memcmp() compares records: no byte between fields");

struct pwl_remotetxns_t {
    pwl_redis_t *redis;
    const char *prefix;
    apr_interval_time_t timeout;
    const pwl_remotename_t *names;
    pwl_seal_t *seal;
};

/* What lay under the names of one thing when it was read. */
typedef struct {
    const char *key[NAMES];
    const char *text[NAMES]; /* "": nothing */
    apr_size_t len[NAMES];
    int has[NAMES];   /* something, be it empty */
    int found;        /* under any of them */
    apr_time_t clock; /* Redis's, then */
} seen_t;

static pwl_result_t reason(pwl_reason_t why, const char *detail)
{
    pwl_result_t res = {why, 0, detail};

    return res;
}

pwl_remotetxns_t *pwl_remotetxns_make(pwl_redis_t *redis,
                                      const pwl_seal_keys_t *keys,
                                      const char *prefix,
                                      apr_interval_time_t timeout,
                                      apr_pool_t *pool)
{
    pwl_remotetxns_t *txns = apr_pcalloc(pool, sizeof(*txns));

    txns->redis = redis;
    txns->prefix = prefix;
    txns->timeout = timeout;
    txns->names = pwl_remotename_make(keys, "redis-signins", prefix, pool);
    txns->seal = pwl_seal_make(keys, "redis-signin", prefix, pool);
    return txns->names && txns->seal ? txns : NULL;
}

static const char *key_of(const pwl_remotetxns_t *txns, int which,
                          const char *kind, const unsigned char *id,
                          apr_pool_t *pool)
{
    return apr_pstrcat(
        pool, txns->prefix, kind,
        pwl_remotename_of(txns->names, which, kind, id, PWL_TXN_BYTES, pool),
        NULL);
}

static pwl_result_t nonsense(void)
{
    return reason(PWL_STORE_FAILED, "Redis did not do what it was told");
}

/* TIME: seconds and microseconds. @return 0 when it is nothing like it */
static apr_time_t clock_of(const pwl_redis_answer_t *time)
{
    const apr_int64_t max = APR_INT64_MAX / APR_USEC_PER_SEC / 2;
    apr_int64_t seconds, rest;

    if (time->kind != PWL_REDIS_LIST || time->count != 2 ||
        time->items[0].kind != PWL_REDIS_TEXT ||
        time->items[1].kind != PWL_REDIS_TEXT)
        return 0;
    seconds = apr_atoi64(time->items[0].text);
    rest = apr_atoi64(time->items[1].text);
    if (seconds < 0 || seconds > max || rest < 0 || rest >= APR_USEC_PER_SEC)
        return 0;
    return apr_time_from_sec(seconds) + rest;
}

static pwl_result_t read_there(const pwl_remotetxns_t *txns, const char *kind,
                               const unsigned char *id, seen_t *seen,
                               apr_pool_t *pool)
{
    pwl_redis_command_t command[1 + NAMES];
    pwl_redis_answer_t answer[1 + NAMES];
    int count = pwl_remotename_count(txns->names);
    pwl_result_t res;

    memset(seen, 0, sizeof(*seen));
    command[0] = pwl_redis_command("TIME", NULL);
    for (int i = 0; i < count; i++) {
        seen->key[i] = key_of(txns, i, kind, id, pool);
        command[1 + i] = pwl_redis_command("GET", seen->key[i], NULL);
    }
    res = pwl_redis_do(txns->redis, command, 1 + count, answer, pool);
    if (res.why != PWL_OK)
        return res;
    seen->clock = clock_of(&answer[0]);
    if (seen->clock == 0)
        return nonsense();
    for (int i = 0; i < count; i++) {
        const pwl_redis_answer_t *got = &answer[1 + i];

        seen->text[i] = "";
        if (got->kind == PWL_REDIS_NIL)
            continue;
        if (got->kind != PWL_REDIS_TEXT)
            return nonsense();
        seen->text[i] = got->text;
        seen->len[i] = got->len;
        seen->has[i] = seen->found = 1;
    }
    return res;
}

/* @param done  with PWL_OK: WRITTEN, or LOST to somebody else */
static pwl_result_t write_there(const pwl_remotetxns_t *txns,
                                const seen_t *seen, const char *text,
                                apr_interval_time_t life, long long *done,
                                apr_pool_t *pool)
{
    int count = pwl_remotename_count(txns->names);
    pwl_redis_command_t command =
        pwl_redis_command("EVAL", write_script, apr_itoa(pool, count), NULL);
    pwl_redis_answer_t answer;
    pwl_result_t res;

    for (int i = 0; i < count; i++)
        pwl_redis_add(&command, seen->key[i], 0);
    pwl_redis_add(
        &command,
        apr_psprintf(pool, "%" APR_TIME_T_FMT, seen->clock + txns->timeout), 0);
    pwl_redis_add(&command, text, 0);
    pwl_redis_add(&command, pwl_redis_millis(life, pool), 0);
    for (int i = 0; i < count; i++)
        pwl_redis_add(&command, seen->text[i], seen->len[i]);
    res = pwl_redis_do(txns->redis, &command, 1, &answer, pool);
    if (res.why != PWL_OK)
        return res;
    if (answer.kind != PWL_REDIS_NUMBER)
        return nonsense();
    *done = answer.number;
    return *done == WRITTEN || *done == LOST
               ? res
               : reason(PWL_STORE_FAILED, "Redis took too long to write");
}

/* ---- records ---- */

/* Of all names; of two records the later one. One that does not open is damage,
 * whatever the other name has: it may be the later one.
 * @param out  all zero when there is none; serials begin at 1 */
static pwl_reason_t open_record(const pwl_remotetxns_t *txns,
                                const unsigned char *txn, const seen_t *seen,
                                pwl_flowrecord_t *out, apr_pool_t *pool)
{
    const unsigned char *plain;
    pwl_flowrecord_t one;
    apr_size_t len;

    memset(out, 0, sizeof(*out));
    for (int i = 0; i < pwl_remotename_count(txns->names); i++) {
        pwl_reason_t why = PWL_FLOW_DAMAGED;

        if (!seen->has[i])
            continue;
        if (pwl_seal_open(txns->seal, seen->text[i], seen->len[i], &plain, &len,
                          pool) == PWL_OK) {
            why = pwl_flowrecord_decode(plain, len, txn, &one);
            OPENSSL_cleanse((void *)plain, len);
        }
        if (why != PWL_OK)
            return why;
        if (one.serial > out->serial)
            *out = one;
    }
    return PWL_OK;
}

/* Nothing was ever sent, and nothing is under way: a limit or the tenant said
 * no. Of this strangers can have as many as they like. */
static apr_interval_time_t life_of(const pwl_flowrecord_t *record,
                                   apr_time_t now)
{
    apr_interval_time_t life = record->expires - now;

    return record->flow.state == PWL_FLOW_STATE_NONE && life > UNSENT_LIFE
               ? UNSENT_LIFE
               : life;
}

static pwl_result_t write_record(const pwl_remotetxns_t *txns,
                                 const unsigned char *txn, const seen_t *seen,
                                 const pwl_flowrecord_t *next, apr_time_t now,
                                 long long *done, apr_pool_t *pool)
{
    unsigned char plain[PWL_FLOWRECORD_MAX_BYTES];
    apr_size_t len = pwl_flowrecord_encode(txn, next, plain);
    const char *text = pwl_seal_close(txns->seal, plain, len, pool);

    OPENSSL_cleanse(plain, sizeof(plain));
    if (!text)
        return reason(PWL_SEAL_FAILED, NULL);
    return write_there(txns, seen, text, life_of(next, now), done, pool);
}

/* A record that is only looked at need not be written for the sake of a life
 * that is a little longer. */
static int must_write(const pwl_flowrecord_t *was, const pwl_flowrecord_t *next,
                      apr_time_t now)
{
    return was->serial == 0 ||
           memcmp(&was->flow, &next->flow, sizeof(next->flow)) != 0 ||
           next->expires - was->expires > (next->expires - now) / 8;
}

/* Those who lost go on at different times, later the more often they lost. */
static int pause_between(int round)
{
    unsigned char random;

    if (RAND_bytes(&random, 1) != 1)
        return 0;
    if (round >= PAUSE_MAX)
        round = PAUSE_MAX - 1;
    apr_sleep(apr_time_from_msec(round + 1) * random / 256);
    return 1;
}

static pwl_result_t rounds(const pwl_remotetxns_t *txns,
                           const unsigned char *txn, int create, apr_time_t now,
                           apr_time_t expires, pwl_txns_fn_t *fn, void *baton,
                           apr_pool_t *pool)
{
    apr_time_t give_up = pwl_wire_clock() + txns->timeout;
    pwl_flowrecord_t was, next;
    long long done = LOST;
    pwl_result_t res;
    seen_t seen;

    for (int round = 0; round < PWL_REDIS_ROUNDS_MAX; round++) {
        res = read_there(txns, "f:", txn, &seen, pool);
        if (res.why == PWL_OK)
            res.why = open_record(txns, txn, &seen, &was, pool);
        if (res.why == PWL_OK && !seen.found && !create)
            res.why = PWL_FLOW_UNKNOWN;
        if (res.why != PWL_OK)
            return res;
        next = was;
        next.serial++;
        if (next.expires < expires)
            next.expires = expires;
        fn(&next.flow, baton);
        if (!must_write(&was, &next, now))
            return res;
        res = write_record(txns, txn, &seen, &next, now, &done, pool);
        if (res.why != PWL_OK || done == WRITTEN)
            return res;
        if (pwl_wire_clock() >= give_up || !pause_between(round))
            break;
    }
    return reason(PWL_TXNS_FAILED, "too many requests for one sign-in");
}

pwl_result_t pwl_remotetxns_with(const pwl_remotetxns_t *txns,
                                 const unsigned char *txn, int create,
                                 apr_time_t now, apr_time_t expires,
                                 pwl_txns_fn_t *fn, void *baton,
                                 apr_pool_t *pool)
{
    apr_pool_t *scratch;
    pwl_result_t res;

    /* Who waits for another's call looks again and again. */
    apr_pool_create(&scratch, pool);
    res = rounds(txns, txn, create, now, expires, fn, baton, scratch);
    if (res.detail)
        res.detail = apr_pstrdup(pool, res.detail);
    apr_pool_destroy(scratch);
    return res;
}

/* ---- what is used once, and who is the newest ---- */

pwl_result_t pwl_remotetxns_use_once(const pwl_remotetxns_t *txns,
                                     const unsigned char *id, apr_time_t now,
                                     apr_time_t expires, apr_pool_t *pool)
{
    unsigned char random[WORD_BYTES];
    long long done = LOST;
    pwl_result_t res;
    seen_t seen;

    if (RAND_bytes(random, sizeof(random)) != 1)
        return reason(PWL_SEAL_FAILED, NULL);
    res = read_there(txns, "c:", id, &seen, pool);
    if (res.why == PWL_OK && !seen.found)
        res = write_there(txns, &seen,
                          pwl_b64_encode(random, sizeof(random), pool),
                          expires - now, &done, pool);
    if (res.why == PWL_OK && done != WRITTEN)
        res.why = PWL_CALLBACK_USED;
    return res;
}

pwl_result_t pwl_remotetxns_newest_set(const pwl_remotetxns_t *txns,
                                       const unsigned char *who,
                                       const unsigned char *txn, apr_time_t now,
                                       apr_time_t expires, apr_pool_t *pool)
{
    unsigned char plain[PWL_FLOWRECORD_NEWEST_BYTES];
    int count = pwl_remotename_count(txns->names);
    pwl_redis_command_t command[NAMES];
    pwl_redis_answer_t answer[NAMES];
    const char *text;

    pwl_flowrecord_newest_encode(who, now, txn, plain);
    text = pwl_seal_close(txns->seal, plain, sizeof(plain), pool);
    if (!text)
        return reason(PWL_SEAL_FAILED, NULL);
    for (int i = 0; i < count; i++)
        command[i] = pwl_redis_command(
            "SET", key_of(txns, i, "n:", who, pool), text, "PX",
            pwl_redis_millis(expires - now, pool), NULL);
    return pwl_redis_do(txns->redis, command, count, answer, pool);
}

pwl_result_t pwl_remotetxns_newest_get(const pwl_remotetxns_t *txns,
                                       const unsigned char *who,
                                       unsigned char *txn, apr_pool_t *pool)
{
    int count = pwl_remotename_count(txns->names);
    pwl_redis_command_t command[NAMES];
    pwl_redis_answer_t answer[NAMES];
    unsigned char one[PWL_TXN_BYTES];
    apr_time_t when, latest = 0;
    pwl_reason_t why = PWL_FLOW_UNKNOWN;
    pwl_result_t res;

    for (int i = 0; i < count; i++)
        command[i] =
            pwl_redis_command("GET", key_of(txns, i, "n:", who, pool), NULL);
    res = pwl_redis_do(txns->redis, command, count, answer, pool);
    for (int i = 0; i < count && res.why == PWL_OK; i++) {
        const unsigned char *plain;
        apr_size_t len;

        if (answer[i].kind == PWL_REDIS_NIL)
            continue;
        if (answer[i].kind != PWL_REDIS_TEXT ||
            pwl_seal_open(txns->seal, answer[i].text, answer[i].len, &plain,
                          &len, pool) != PWL_OK ||
            pwl_flowrecord_newest_decode(plain, len, who, &when, one) != PWL_OK)
            return reason(PWL_FLOW_DAMAGED, NULL);
        if (why == PWL_FLOW_UNKNOWN || when > latest) {
            latest = when;
            memcpy(txn, one, sizeof(one));
        }
        why = PWL_OK;
    }
    return res.why == PWL_OK ? reason(why, NULL) : res;
}
