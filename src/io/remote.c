/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of Redis, in Redis's words.
 *
 * What belongs together is sent as one transaction (MULTI ... EXEC): a session
 * that is ended is in the log, one that is in Redis is in its user's list.
 */
#include "io/remote.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <string.h>

#include "core/record.h"
#include "io/remotename.h"

/* Of one user's sessions, for PWL_REDIS_LIST_MAX. */
#define MOST_AT_ONCE 4000
/* Kinds of lists. */
#define USER "user"
#define SID "sid"
#define CALLED 4 /* names sessions may be asked for by */

struct pwl_remote_t {
    pwl_redis_t *redis;
    const char *prefix;
    const pwl_remotename_t *names;
    int count; /* of seal keys, and so of names */
    pwl_seal_t *record_seal;
    pwl_remotelog_t *log;
};

static pwl_result_t reason(pwl_reason_t why)
{
    pwl_result_t res = {why, 0, NULL};

    return res;
}

static pwl_result_t failed(const char *detail)
{
    pwl_result_t res = {PWL_STORE_FAILED, 0, detail};

    return res;
}

pwl_remote_t *pwl_remote_make(pwl_redis_t *redis, const pwl_seal_keys_t *keys,
                              const char *prefix, apr_pool_t *pool)
{
    pwl_remote_t *remote = apr_pcalloc(pool, sizeof(*remote));

    remote->redis = redis;
    remote->prefix = prefix;
    remote->count = keys->count;
    remote->record_seal = pwl_seal_make(keys, "redis-session", prefix, pool);
    remote->log = pwl_remotelog_make(redis, keys, prefix, pool);
    remote->names = pwl_remotename_make(keys, "redis-names", prefix, pool);
    return remote->record_seal && remote->log && remote->names ? remote : NULL;
}

static const char *session_name(const pwl_remote_t *remote, int which,
                                const unsigned char *skey, apr_pool_t *pool)
{
    return pwl_remotename_of(remote->names, which, "session", skey,
                             PWL_SKEY_BYTES, pool);
}

static const char *session_key(const pwl_remote_t *remote, const char *name,
                               apr_pool_t *pool)
{
    return apr_pstrcat(pool, remote->prefix, "s:", name, NULL);
}

/* The list of what is called `who` in a realm, whatever the case. */
static const char *list_key(const pwl_remote_t *remote, int which,
                            const char *kind, const unsigned char *realm,
                            const char *who, apr_pool_t *pool)
{
    apr_size_t len = strlen(who);
    char *both = apr_palloc(pool, PWL_REALM_BYTES + len + 1);

    memcpy(both, realm, PWL_REALM_BYTES);
    memcpy(both + PWL_REALM_BYTES, who, len + 1);
    for (apr_size_t i = PWL_REALM_BYTES; i < PWL_REALM_BYTES + len; i++)
        both[i] = (char)apr_tolower(both[i]);
    return apr_pstrcat(pool, remote->prefix, "u:",
                       pwl_remotename_of(remote->names, which, kind, both,
                                         PWL_REALM_BYTES + len, pool),
                       NULL);
}

/* The lists a session stands in. @return how many of `keys` were set */
static int user_keys(const pwl_remote_t *remote, int which,
                     const pwl_session_t *session, const char *keys[CALLED],
                     apr_pool_t *pool)
{
    static const char *const claims[CALLED][2] = {
        {"sub", USER}, {"email", USER}, {"phone_number", USER}, {"sid", SID}};
    int count = 0;

    for (int i = 0; i < CALLED; i++) {
        const char *who = pwl_session_value(session, claims[i][0]);

        if (who)
            keys[count++] = list_key(remote, which, claims[i][1],
                                     session->realm, who, pool);
    }
    return count;
}

static const char *seal_record(const pwl_remote_t *remote,
                               const unsigned char *skey,
                               const pwl_session_t *session, pwl_reason_t *why,
                               apr_pool_t *pool)
{
    unsigned char plain[PWL_RECORD_MAX_BYTES];
    const char *text = NULL;
    apr_size_t len;

    *why = pwl_record_encode(skey, session, plain, &len);
    if (*why == PWL_OK) {
        text = pwl_seal_close(remote->record_seal, plain, len, pool);
        if (!text)
            *why = PWL_SEAL_FAILED;
    }
    OPENSSL_cleanse(plain, sizeof(plain));
    return text;
}

pwl_result_t pwl_remote_get(pwl_remote_t *remote, const unsigned char *skey,
                            pwl_session_t *out, apr_pool_t *pool)
{
    pwl_redis_command_t get[2];
    pwl_redis_answer_t answer[2];
    pwl_result_t res;
    int i;

    for (i = 0; i < remote->count; i++)
        get[i] = pwl_redis_command(
            "GET",
            session_key(remote, session_name(remote, i, skey, pool), pool),
            NULL);
    res = pwl_redis_do(remote->redis, get, remote->count, answer, pool);
    if (res.why != PWL_OK)
        return res;
    res.why = PWL_SESSION_UNKNOWN;
    for (i = 0; i < remote->count && res.why != PWL_OK; i++) {
        const unsigned char *plain;
        apr_size_t len;

        if (answer[i].kind == PWL_REDIS_NIL)
            continue;
        res.why = PWL_SESSION_DAMAGED;
        if (answer[i].kind == PWL_REDIS_TEXT &&
            pwl_seal_open(remote->record_seal, answer[i].text, answer[i].len,
                          &plain, &len, pool) == PWL_OK)
            res.why = pwl_record_decode(plain, len, skey, out, pool);
    }
    return res;
}

pwl_result_t pwl_remote_put(pwl_remote_t *remote, const unsigned char *skey,
                            const pwl_session_t *session, apr_time_t now,
                            apr_interval_time_t life, apr_interval_time_t most,
                            apr_pool_t *pool)
{
    const char *name = session_name(remote, 0, skey, pool);
    pwl_redis_command_t batch[3 + 3 * CALLED];
    pwl_redis_answer_t answer[3 + 3 * CALLED], *set;
    const char *users[CALLED], *sealed;
    int i, n = 0, count = user_keys(remote, 0, session, users, pool);
    pwl_reason_t why;
    pwl_result_t res;

    sealed = seal_record(remote, skey, session, &why, pool);
    if (!sealed)
        return reason(why);
    batch[n++] = pwl_redis_command("MULTI", NULL);
    batch[n++] =
        pwl_redis_command("SET", session_key(remote, name, pool), sealed, "PX",
                          pwl_redis_millis(life, pool), "NX", NULL);
    for (i = 0; i < count; i++) {
        batch[n++] = pwl_redis_command(
            "ZADD", users[i], pwl_redis_millis(now + most, pool), name, NULL);
        batch[n++] = pwl_redis_command("ZREMRANGEBYSCORE", users[i], "-inf",
                                       pwl_redis_millis(now, pool), NULL);
        batch[n++] = pwl_redis_command("PEXPIRE", users[i],
                                       pwl_redis_millis(most, pool), NULL);
    }
    batch[n++] = pwl_redis_command("EXEC", NULL);
    res = pwl_redis_do(remote->redis, batch, n, answer, pool);
    if (res.why != PWL_OK)
        return res;
    if (answer[n - 1].kind != PWL_REDIS_LIST || answer[n - 1].count != n - 2)
        return failed("Redis did not do what it was told");
    set = answer[n - 1].items;
    if (set->kind == PWL_REDIS_ERROR)
        return failed(pwl_redis_explain(set));
    return set->kind == PWL_REDIS_NIL ? reason(PWL_STORE_FULL) : res;
}

pwl_result_t pwl_remote_touch(pwl_remote_t *remote, const unsigned char *skey,
                              const pwl_session_t *session,
                              apr_interval_time_t life, apr_pool_t *pool)
{
    pwl_redis_command_t set[2];
    pwl_redis_answer_t answer[2];
    const char *sealed;
    pwl_reason_t why;
    pwl_result_t res;
    int i;

    sealed = seal_record(remote, skey, session, &why, pool);
    if (!sealed)
        return reason(why);
    /* XX: a session that was ended meanwhile stays ended. */
    for (i = 0; i < remote->count; i++)
        set[i] = pwl_redis_command(
            "SET",
            session_key(remote, session_name(remote, i, skey, pool), pool),
            sealed, "PX", pwl_redis_millis(life, pool), "XX", NULL);
    res = pwl_redis_do(remote->redis, set, remote->count, answer, pool);
    if (res.why != PWL_OK)
        return res;
    for (i = 0; i < remote->count; i++) {
        if (answer[i].kind != PWL_REDIS_NIL)
            return res;
    }
    return reason(PWL_SESSION_UNKNOWN);
}

pwl_result_t pwl_remote_remove(pwl_remote_t *remote, const unsigned char *skey,
                               const pwl_session_t *session, apr_pool_t *pool)
{
    pwl_redis_command_t batch[3 + 2 * (1 + CALLED)];
    pwl_redis_answer_t answer[3 + 2 * (1 + CALLED)];
    long long found = 0;
    pwl_result_t res;
    int i, n = 0;

    batch[n++] = pwl_redis_command("MULTI", NULL);
    for (i = 0; i < remote->count; i++) {
        const char *name = session_name(remote, i, skey, pool);

        batch[n++] =
            pwl_redis_command("DEL", session_key(remote, name, pool), NULL);
        if (session) {
            const char *users[CALLED];
            int count = user_keys(remote, i, session, users, pool);

            while (count-- > 0)
                batch[n++] =
                    pwl_redis_command("ZREM", users[count], name, NULL);
        }
    }
    if (!pwl_remotelog_entry(remote->log, skey, &batch[n++], pool))
        return reason(PWL_SEAL_FAILED);
    batch[n++] = pwl_redis_command("EXEC", NULL);
    res = pwl_redis_do(remote->redis, batch, n, answer, pool);
    if (res.why != PWL_OK)
        return res;
    if (answer[n - 1].kind != PWL_REDIS_LIST || answer[n - 1].count != n - 2)
        return failed("Redis did not do what it was told");
    for (i = 0; i < n - 2; i++) {
        const pwl_redis_answer_t *one = &answer[n - 1].items[i];

        if (one->kind == PWL_REDIS_ERROR)
            return failed(pwl_redis_explain(one));
        if (strcmp(batch[i + 1].arg[0], "DEL") == 0)
            found += one->number;
    }
    return found ? res : reason(PWL_SESSION_UNKNOWN);
}

/* End the session at a key, if it is one of those.
 * @param there  0: it is over already
 * @return PWL_SESSION_UNKNOWN if it is none of those, or is over */
static pwl_result_t remove_at(pwl_remote_t *remote, const char *at,
                              const pwl_session_whose_t *whose, int *there,
                              apr_pool_t *pool)
{
    pwl_redis_command_t get = pwl_redis_command("GET", at, NULL);
    pwl_redis_answer_t answer;
    const unsigned char *plain;
    pwl_session_t session;
    apr_size_t len;
    pwl_result_t res = pwl_redis_do(remote->redis, &get, 1, &answer, pool);

    if (res.why != PWL_OK)
        return res;
    *there = answer.kind != PWL_REDIS_NIL;
    if (answer.kind != PWL_REDIS_TEXT ||
        pwl_seal_open(remote->record_seal, answer.text, answer.len, &plain,
                      &len, pool) != PWL_OK ||
        len < PWL_RECORD_HEAD ||
        pwl_record_decode(plain, len, pwl_record_key(plain), &session, pool) !=
            PWL_OK ||
        !pwl_session_is_one_of(&session, whose))
        return reason(PWL_SESSION_UNKNOWN);
    return pwl_remote_remove(remote, pwl_record_key(plain), &session, pool);
}

/* Take a name out of a list: it keeps them for as long as a session may live,
 * and most sessions are idle before. */
static pwl_result_t forget(pwl_remote_t *remote, const char *list,
                           const char *name, apr_pool_t *pool)
{
    pwl_redis_command_t command = pwl_redis_command("ZREM", list, name, NULL);
    pwl_redis_answer_t answer;

    return pwl_redis_do(remote->redis, &command, 1, &answer, pool);
}

/* End what stands at these keys; with a list, which has names without what
 * stands before them: at its names. @param gone  so many of them are in the
 * list no more */
static pwl_result_t remove_these(pwl_remote_t *remote, const char *list,
                                 const pwl_redis_answer_t *these,
                                 const pwl_session_whose_t *whose, int *ended,
                                 int *gone, apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    for (int n = 0; n < these->count && res.why == PWL_OK; n++) {
        const char *name = these->items[n].text;
        int there = 1;

        if (these->items[n].kind != PWL_REDIS_TEXT)
            continue;
        res =
            remove_at(remote, list ? session_key(remote, name, scratch) : name,
                      whose, &there, scratch);
        *ended += res.why == PWL_OK;
        /* pwl_remote_remove() takes out what it ends. */
        *gone += res.why == PWL_OK || !there;
        if (res.why == PWL_SESSION_UNKNOWN)
            res = there || !list ? reason(PWL_OK)
                                 : forget(remote, list, name, scratch);
        apr_pool_clear(scratch);
    }
    apr_pool_destroy(scratch);
    return res;
}

/* Go through a whole list, part by part. What stays in it, a session of
 * somebody else or one that cannot be read, is passed over. */
static pwl_result_t remove_list(pwl_remote_t *remote, const char *list,
                                const pwl_session_whose_t *whose, int *ended,
                                apr_pool_t *pool)
{
    pwl_result_t res;
    apr_pool_t *part;
    int first = 0, count;

    apr_pool_create(&part, pool);
    do {
        pwl_redis_command_t range =
            pwl_redis_command("ZRANGE", list, apr_itoa(part, first),
                              apr_itoa(part, first + MOST_AT_ONCE - 1), NULL);
        pwl_redis_answer_t names;
        int gone = 0;

        count = 0;
        res = pwl_redis_do(remote->redis, &range, 1, &names, part);
        if (res.why == PWL_OK && names.kind == PWL_REDIS_LIST) {
            count = names.count;
            res = remove_these(remote, list, &names, whose, ended, &gone, part);
        }
        first += count - gone;
        apr_pool_clear(part);
    } while (res.why == PWL_OK && count == MOST_AT_ONCE);
    apr_pool_destroy(part);
    return res;
}

pwl_result_t pwl_remote_remove_whose(pwl_remote_t *remote,
                                     const pwl_session_whose_t *whose,
                                     int *ended, apr_pool_t *pool)
{
    const char *who = whose->sid    ? whose->sid
                      : whose->user ? whose->user
                                    : whose->sub;
    pwl_result_t res = {PWL_OK, 0, NULL};

    *ended = 0;
    for (int i = 0; i < remote->count && res.why == PWL_OK; i++)
        res = remove_list(remote,
                          list_key(remote, i, whose->sid ? SID : USER,
                                   whose->realm, who, pool),
                          whose, ended, pool);
    return res;
}

pwl_result_t pwl_remote_remove_all(pwl_remote_t *remote,
                                   const unsigned char *realm, int *ended,
                                   apr_pool_t *pool)
{
    const char *all = apr_pstrcat(pool, remote->prefix, "s:*", NULL);
    const pwl_session_whose_t whose = {.realm = realm};
    const char *cursor = "0";
    pwl_result_t res = {PWL_OK, 0, NULL};
    char at[32];
    int gone = 0; /* of no list */

    *ended = 0;
    do {
        apr_pool_t *page;
        pwl_redis_answer_t answer;
        pwl_redis_command_t scan = pwl_redis_command("SCAN", cursor, "MATCH",
                                                     all, "COUNT", "200", NULL);

        apr_pool_create(&page, pool);
        res = pwl_redis_do(remote->redis, &scan, 1, &answer, page);
        if (res.why == PWL_OK &&
            (answer.kind != PWL_REDIS_LIST || answer.count != 2 ||
             answer.items[0].kind != PWL_REDIS_TEXT ||
             answer.items[1].kind != PWL_REDIS_LIST))
            res = failed("Redis did not do what it was told");
        if (res.why == PWL_OK) {
            apr_cpystrn(at, answer.items[0].text, sizeof(at));
            res = remove_these(remote, NULL, &answer.items[1], &whose, ended,
                               &gone, page);
        }
        cursor = at;
        apr_pool_destroy(page);
    } while (res.why == PWL_OK && strcmp(cursor, "0") != 0);
    return res;
}

pwl_remotelog_t *pwl_remote_log(pwl_remote_t *remote)
{
    return remote->log;
}
