/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that answers anything at all, in place of a Redis: its bytes come
 * over a wire of memory, in pieces, and then it hangs up. (The functions of
 * io/wire.h are defined here, so that the sockets are not linked.)
 *
 * It may lose sessions, never make any: nothing it says gives a session, a
 * lease that is held twice, or an end that nobody sealed. What it says of
 * itself is short, printable, one line. (D9: of an error's text, too.) The
 * first byte says which call; the last two calls are answered with the input
 * properly sealed, as by a machine of ours that runs another version: then only
 * what has our own shape counts.
 */
#include "target.h"

#include "core/limits.h"
#include "core/record.h"
#include "input.h"
#include "io/remote.h"
#include "io/remotelease.h"
#include "io/remotelogout.h"
#include "io/wire.h"

struct pwl_wire_t {
    int open;
};

static input_t said, whole;
static size_t piece;
static int opened, closed;
static pwl_wire_t the_wire;

apr_time_t pwl_wire_clock(void)
{
    return 1;
}

pwl_result_t pwl_wire_open(const char *host, int port, const pwl_wiretls_t *tls,
                           apr_time_t deadline, pwl_wire_t **out)
{
    *out = &the_wire;
    opened++;
    return (pwl_result_t){.why = PWL_OK};
}

pwl_result_t pwl_wire_write(pwl_wire_t *wire, const char *data, apr_size_t len,
                            apr_time_t deadline)
{
    PROMISE(len > 0 && data[0] == '*' && data[len - 1] == '\n');
    return (pwl_result_t){.why = PWL_OK};
}

pwl_result_t pwl_wire_read(pwl_wire_t *wire, char *out, apr_size_t max,
                           apr_size_t *got, apr_time_t deadline)
{
    *got = input_left(&said) < piece ? input_left(&said) : piece;
    *got = *got < max ? *got : max;
    if (*got == 0)
        return (pwl_result_t){PWL_STORE_FAILED, APR_EOF, "closed"};
    memcpy(out, said.at, *got);
    said.at += *got;
    return (pwl_result_t){.why = PWL_OK};
}

int pwl_wire_is_quiet(const pwl_wire_t *wire)
{
    return input_left(&said) == 0;
}

void pwl_wire_close(pwl_wire_t *wire)
{
    closed += wire != NULL;
}

void pwl_wire_drop(pwl_wire_t *wire)
{
    pwl_wire_close(wire);
}

static void check_line(const char *text, size_t max)
{
    PROMISE(strlen(text) <= max);
    for (; *text; text++)
        PROMISE(*text >= ' ' && *text <= '~');
}

static void check_answer(const pwl_redis_answer_t *answer, int depth)
{
    PROMISE(answer->kind <= PWL_REDIS_ERROR && depth < 10);
    if (answer->kind == PWL_REDIS_TEXT || answer->kind == PWL_REDIS_ERROR)
        PROMISE(answer->len <= PWL_REDIS_ANSWER_MAX &&
                answer->text[answer->len] == '\0');
    if (answer->kind == PWL_REDIS_ERROR) {
        check_line(answer->text, PWL_REDIS_ERROR_MAX);
        check_line(pwl_redis_explain(answer), 500);
    }
    if (answer->kind != PWL_REDIS_LIST)
        return;
    PROMISE(answer->count >= 0 && answer->count <= PWL_REDIS_LIST_MAX);
    for (int i = 0; i < answer->count; i++)
        check_answer(&answer->items[i], depth + 1);
}

static pwl_result_t ask(pwl_redis_t *redis, apr_pool_t *pool)
{
    pwl_redis_command_t commands[2] = {pwl_redis_command("GET", "a", NULL),
                                       pwl_redis_command("GET", "b", NULL)};
    pwl_redis_answer_t answers[2];
    pwl_result_t res = pwl_redis_ask(redis, commands, 2, answers, pool);

    PROMISE(res.why == PWL_OK || (res.why == PWL_STORE_FAILED && res.rv));
    for (int i = 0; res.why == PWL_OK && i < 2; i++)
        check_answer(&answers[i], 0);
    return res;
}

static pwl_result_t of_sessions(pwl_remote_t *remote, int call,
                                apr_pool_t *pool)
{
    static const unsigned char skey[PWL_SKEY_BYTES] = {7};
    const unsigned char realm[PWL_REALM_BYTES] = {1};
    const pwl_field_t field = {PWL_FIELD_STRING, "sub", "email|1"};
    pwl_session_whose_t whose = {realm, "u@example.org", NULL, NULL};
    pwl_session_t session = {{1}, 1, 1, 2, 1, &field};
    apr_interval_time_t hour = apr_time_from_sec(3600);
    int ended = 0;
    pwl_result_t res = {PWL_OK, 0, NULL};

    switch (call) {
    case 0:
        res = pwl_remote_get(remote, skey, &session, pool);
        PROMISE(res.why != PWL_OK); /* nobody but us can seal one */
        break;
    case 1:
        res = pwl_remote_put(remote, skey, &session, 1, hour, hour, pool);
        break;
    case 2:
        res = pwl_remote_touch(remote, skey, &session, hour, pool);
        break;
    case 3:
        res = pwl_remote_remove(remote, skey, &session, pool);
        break;
    case 4:
        res = pwl_remote_remove_whose(remote, &whose, &ended, pool);
        PROMISE(ended == 0); /* what it lists, nobody sealed either */
        break;
    default:
        res = pwl_remote_remove_all(remote, realm, &ended, pool);
        PROMISE(ended == 0);
    }
    return res;
}

/* Is that the id the server gave? It may have written zeros in front. */
static int is_said(pwl_remotelog_cursor_t cursor, apr_pool_t *pool)
{
    apr_uint64_t ms = cursor >> 20, number = cursor & 0xfffff;
    const char *second = apr_psprintf(pool, "%" APR_UINT64_T_FMT, number);
    const char *first = apr_psprintf(pool, "%" APR_UINT64_T_FMT, ms);

    return memmem(whole.at, input_left(&whole), first, strlen(first)) &&
           memmem(whole.at, input_left(&whole), second, strlen(second));
}

static pwl_result_t of_log(pwl_remotelog_t *log, int call, apr_pool_t *pool)
{
    pwl_remotelog_news_t news;
    pwl_remotelog_cursor_t cursor = 1u << 20; /* "1-0" */
    pwl_result_t res;

    if (call == 0) {
        res = pwl_remotelog_begin(log, &cursor, pool);
        PROMISE((res.why == PWL_OK) == (cursor != 0));
        PROMISE(cursor == 0 || is_said(cursor, pool));
        return res;
    }
    res = pwl_remotelog_read(log, cursor, &news, pool);
    PROMISE(news.count == 0 && news.cursor != 0);
    PROMISE(res.why == PWL_OK || news.lost);
    return res;
}

static pwl_result_t of_others(pwl_redis_t *redis, const pwl_seal_keys_t *keys,
                              int call, apr_pool_t *pool)
{
    static const unsigned char key[PWL_SKEY_BYTES] = {7};
    const unsigned char *const both[2] = {key, key};
    pwl_remotelease_t *leases = pwl_remotelease_make(redis, keys, "p:", pool);
    pwl_remotelogout_t *logouts =
        pwl_remotelogout_make(redis, keys, "p:", pool);
    apr_interval_time_t minute = apr_time_from_sec(60);
    pwl_remotelease_held_t held = {0};
    apr_time_t since[2];
    pwl_result_t res;

    switch (call) {
    case 0:
        res = pwl_remotelease_take(leases, key, 5, minute, &held, pool);
        PROMISE((res.why == PWL_OK) == (held.end != 0));
        PROMISE(held.end == 0 || held.end <= 5 + minute);
        break;
    case 1:
        held.end = 1 + minute;
        res = pwl_remotelease_give(leases, key, 1, &held, pool);
        break;
    case 2:
        res = pwl_remotelogout_once(logouts, key, minute, pool);
        break;
    default:
        res = pwl_remotelogout_asked(logouts, both, 2, since, pool);
    }
    return res;
}

/* Let the server say `head`, and what is left of the input, sealed. */
static void say_sealed(const char *head, const char *purpose,
                       const pwl_seal_keys_t *keys, apr_pool_t *pool)
{
    const char *sealed =
        pwl_seal_close(pwl_seal_make(keys, purpose, "p:", pool), said.at,
                       input_left(&said), pool);
    const char *text = apr_psprintf(pool, "%s$%lu\r\n%s\r\n", head,
                                    (unsigned long)strlen(sealed), sealed);

    said.at = (const uint8_t *)text;
    said.end = said.at + strlen(text);
}

static pwl_result_t sealed_end(pwl_remotelog_t *log,
                               const pwl_seal_keys_t *keys, apr_pool_t *pool)
{
    static const char head[] =
        "*2\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nb\r\n$1\r\n1\r\n"
        "*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\ne\r\n";
    input_t key = said;
    pwl_remotelog_news_t news;
    pwl_result_t res;

    say_sealed(head, "redis-log", keys, pool);
    res = pwl_remotelog_read(log, 1u << 20, &news, pool);
    PROMISE(res.why == PWL_OK && !news.lost);
    PROMISE(news.count == (input_left(&key) == PWL_SKEY_BYTES));
    if (news.count)
        PROMISE(memcmp(news.ended[0], key.at, PWL_SKEY_BYTES) == 0);
    return res;
}

static pwl_result_t sealed_session(pwl_remote_t *remote,
                                   const pwl_seal_keys_t *keys,
                                   apr_pool_t *pool)
{
    static unsigned char again[PWL_RECORD_MAX_BYTES];
    unsigned char skey[PWL_SKEY_BYTES] = {0};
    input_t record = said;
    pwl_session_t session;
    pwl_result_t res;
    apr_size_t len;

    if (input_left(&record) > PWL_SKEY_BYTES)
        memcpy(skey, record.at + 1, sizeof(skey));
    say_sealed("", "redis-session", keys, pool);
    res = pwl_remote_get(remote, skey, &session, pool);
    if (res.why == PWL_OK)
        PROMISE(pwl_record_encode(skey, &session, again, &len) == PWL_OK &&
                len == input_left(&record) &&
                memcmp(again, record.at, len) == 0);
    return res;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pwl_seal_keys_t keys = {2, {{1}, {2}}};
    pwl_redis_to_t to = {"r.example.org", 6379, .timeout = 1000};
    apr_pool_t *pool = input_pool();
    pwl_redis_t *redis;
    pwl_remote_t *remote;
    pwl_result_t res;
    unsigned int call;

    said = (input_t){data, data + size};
    opened = closed = 0;
    call = input_byte(&said) % 15;
    piece = 1 + input_byte(&said);
    whole = said;
    to.password = call == 12 ? "password" : NULL;
    redis = pwl_redis_make(&to, 2, pool);
    remote = pwl_remote_make(redis, &keys, "p:", pool);
    if (call < 6)
        res = of_sessions(remote, (int)call, pool);
    else if (call < 8)
        res = of_log(pwl_remote_log(remote), (int)call - 6, pool);
    else if (call < 12)
        res = of_others(redis, &keys, (int)call - 8, pool);
    else if (call == 12)
        res = ask(redis, pool);
    else if (call == 13)
        res = sealed_end(pwl_remote_log(remote), &keys, pool);
    else
        res = sealed_session(remote, &keys, pool);
    if (res.detail)
        check_line(res.detail, 500);
    apr_pool_destroy(pool);
    PROMISE(opened == closed);
    return 0;
}
