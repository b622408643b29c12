/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/redis.c and io/wire.c, against servers that do everything wrong and one
 * that is a Redis. Covers: wire
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <errno.h>

#include "core/limits.h"
#include "fake_redis.h"
#include "io/redis.h"
#include "io/wire.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TIMEOUT apr_time_from_sec(1)

static apr_pool_t *pool;

static pwl_redis_t *to(int port, const char *password, int db)
{
    pwl_redis_to_t there = {.host = "127.0.0.1",
                            .port = port,
                            .password = password,
                            .db = db,
                            .timeout = TIMEOUT};

    return pwl_redis_make(&there, 4, pool);
}

static pwl_result_t ping(pwl_redis_t *redis, pwl_redis_answer_t *answer)
{
    pwl_redis_command_t command = pwl_redis_command("PING", NULL);

    return pwl_redis_ask(redis, &command, 1, answer, pool);
}

static char long_error[400] = "-ERR \x1b[2J";

/* Each script answers one PING. */
static const struct {
    const char *what;
    fake_script_t script;
    pwl_reason_t want;
    pwl_redis_kind_t kind;
} answers[] = {
    {"a status", {"+PONG\r\n"}, PWL_OK, PWL_REDIS_TEXT},
    {"a number", {":42\r\n"}, PWL_OK, PWL_REDIS_NUMBER},
    {"nil", {"$-1\r\n"}, PWL_OK, PWL_REDIS_NIL},
    {"a nil list", {"*-1\r\n"}, PWL_OK, PWL_REDIS_NIL},
    {"an empty list", {"*0\r\n"}, PWL_OK, PWL_REDIS_LIST},
    {"a list with a hole",
     {"*2\r\n$-1\r\n$1\r\nx\r\n"},
     PWL_OK,
     PWL_REDIS_LIST},
    {"an error", {long_error}, PWL_OK, PWL_REDIS_ERROR},
    {"another protocol", {"HTTP/1.1 200 OK\r\n\r\n"}, PWL_STORE_FAILED, 0},
    {"two answers to one question", {"+A\r\n+B\r\n"}, PWL_STORE_FAILED, 0},
    {"half an answer more", {"+A\r\n+"}, PWL_STORE_FAILED, 0},
    {"a list of a billion",
     {"*1000000000\r\n", .stays = 1},
     PWL_STORE_FAILED,
     0},
    {"lists in lists in lists", {"*1\r\n", .times = 64}, PWL_STORE_FAILED, 0},
    {"a length below zero", {"$-2\r\n"}, PWL_STORE_FAILED, 0},
    {"a length of letters", {"$abc\r\n"}, PWL_STORE_FAILED, 0},
    {"a newer protocol's types", {"#t\r\n"}, PWL_STORE_FAILED, 0},
    {"half an answer, then the end",
     {"$5\r\nab", .one_command = 1},
     PWL_STORE_FAILED,
     0},
    {"silence", {"", .stays = 1}, PWL_STORE_FAILED, 0},
    {"a byte every 100 ms",
     {"x", .times = 100, .pause_ms = 100},
     PWL_STORE_FAILED,
     0},
    {"a good beginning and a byte every 100 ms",
     {"$1", .times = 100, .pause_ms = 100},
     PWL_STORE_FAILED,
     0},
};

static void test_answers(void)
{
    memset(long_error + 9, 'e', 300);
    memcpy(long_error + 309, "\r\n", 3);
    for (size_t i = 0; i < COUNT(answers); i++) {
        fake_redis_t fake = fake_start(&answers[i].script);
        pwl_redis_answer_t answer = {0};
        apr_time_t began = pwl_wire_clock();
        pwl_result_t res = ping(to(fake.port, NULL, 0), &answer);

        tap_str(apr_psprintf(pool, "D10: %s", answers[i].what),
                pwl_reason_word(res.why), pwl_reason_word(answers[i].want));
        tap_ok(res.why == PWL_OK ? answer.kind == answers[i].kind
                                 : res.detail && res.rv != 0,
               "  of that kind, or with a reason");
        tap_ok(pwl_wire_clock() - began < 2 * TIMEOUT, "  within the deadline");
        if (answer.kind == PWL_REDIS_ERROR)
            tap_ok(answer.len == PWL_REDIS_ERROR_MAX &&
                       !strchr(answer.text, '\x1b'),
                   "  cut to its limit, and printable");
        fake_stop(&fake);
    }
}

/* A text of exactly the limit with its frame, and one byte more. */
static void test_size(int more)
{
    static char bytes[PWL_REDIS_ANSWER_MAX + 64];
    int frame = 10 + 2; /* "$1048564\r\n" and "\r\n" */
    int len = PWL_REDIS_ANSWER_MAX - frame + more;
    fake_script_t script = {bytes};
    pwl_redis_answer_t answer = {0};
    fake_redis_t fake;
    pwl_result_t res;
    int head;

    head = snprintf(bytes, sizeof(bytes), "$%d\r\n", len);
    memset(bytes + head, 'x', (size_t)len);
    memcpy(bytes + head + len, "\r\n", 3);
    fake = fake_start(&script);
    res = ping(to(fake.port, NULL, 0), &answer);
    tap_str(more ? "D10: one byte more than the longest answer"
                 : "D10: the longest answer",
            pwl_reason_word(res.why),
            pwl_reason_word(more ? PWL_STORE_FAILED : PWL_OK));
    fake_stop(&fake);
}

static void test_list(int more)
{
    char *text = apr_psprintf(pool, "*%d\r\n", PWL_REDIS_LIST_MAX + more);
    fake_script_t script = {NULL};
    pwl_redis_answer_t answer = {0};
    fake_redis_t fake;
    char *all = apr_palloc(pool, 64 + 4 * (PWL_REDIS_LIST_MAX + 2));
    char *end = all + strlen(strcpy(all, text));

    for (int i = 0; i < PWL_REDIS_LIST_MAX + more; i++, end += 4)
        memcpy(end, ":1\r\n", 5);
    script.bytes = all;
    fake = fake_start(&script);
    tap_str(more ? "D10: one element more than the longest list"
                 : "D10: the longest list",
            pwl_reason_word(ping(to(fake.port, NULL, 0), &answer).why),
            pwl_reason_word(more ? PWL_STORE_FAILED : PWL_OK));
    fake_stop(&fake);
}

static void test_unreachable(void)
{
    pwl_redis_answer_t answer;
    pwl_result_t res;
    int port, fd = fake_listen(&port);

    close(fd);
    res = ping(to(port, NULL, 0), &answer);
    tap_ok(res.why == PWL_STORE_FAILED && res.rv == ECONNREFUSED,
           "D10: nobody listens there");
    /* A full queue of connections nobody takes: the kernel drops the rest. */
    fd = fake_listen(&port);
    listen(fd, 0);
    for (int i = 0; i < 4; i++)
        ping(to(port, NULL, 0), &answer);
    res = ping(to(port, NULL, 0), &answer);
    tap_ok(res.why == PWL_STORE_FAILED && res.rv == APR_TIMEUP,
           "D10: connecting has a deadline, too");
    close(fd);
}

/* A server that takes in what was sent only when told to. */
static void test_late(void)
{
    int port, fd = fake_listen(&port), told[2], status = 0;
    pwl_redis_answer_t answer;
    pid_t pid;

    if (pipe(told) != 0)
        abort();
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        char bytes[4096];
        int client = accept(fd, NULL, NULL);
        ssize_t got = read(told[0], bytes, 1);

        while ((got = read(client, bytes, sizeof(bytes))) > 0)
            ;
        _exit(got < 0 && errno == ECONNRESET ? 7 : 0);
    }
    close(fd);
    tap_int("D10: no answer", ping(to(port, NULL, 0), &answer).rv, APR_TIMEUP);
    if (write(told[1], "x", 1) != 1)
        abort();
    waitpid(pid, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 7,
           "L17: a command given up is not delivered afterwards");
    close(told[0]);
    close(told[1]);
}

static void test_real(void)
{
    fake_redis_t real = real_start(0, "opensesame");
    pwl_redis_t *redis = to(real.port, "opensesame", 3);
    pwl_redis_command_t two[2];
    pwl_redis_answer_t answer[2];
    pwl_result_t res;

    two[0] = pwl_redis_command("SET", "k", "v", NULL);
    two[1] = pwl_redis_command("GET", "k", NULL);
    res = pwl_redis_ask(redis, two, 2, answer, pool);
    tap_ok(res.why == PWL_OK && answer[1].kind == PWL_REDIS_TEXT &&
               !strcmp(answer[1].text, "v"),
           "a password, a database, two commands at once");
    res =
        pwl_redis_ask(to(real.port, "opensesame", 0), &two[1], 1, answer, pool);
    tap_ok(res.why == PWL_OK && answer[0].kind == PWL_REDIS_NIL,
           "another database does not have it");
    res = ping(to(real.port, NULL, 0), answer);
    tap_ok(res.why == PWL_OK && answer[0].kind == PWL_REDIS_ERROR &&
               strstr(pwl_redis_explain(answer), "wants a password"),
           "D10: no password: an error with a cure");
    res = ping(to(real.port, "swordfish", 0), answer);
    tap_ok(res.why == PWL_STORE_FAILED && res.rv != 0 &&
               strstr(res.detail, "refused the password") &&
               !strstr(res.detail, "swordfish"),
           "G6: a wrong password: refused, and not repeated");
    res = ping(to(real.port, "opensesame", 99), answer);
    tap_ok(res.why == PWL_STORE_FAILED && strstr(res.detail, "database"),
           "D10: a database that is not there");

    fake_stop(&real);
    real = real_start(real.port, "opensesame");
    tap_int("D10: restarted: the kept connection is replaced in silence",
            ping(redis, answer).why, PWL_OK);
    kill(real.pid, SIGSTOP);
    res = ping(redis, answer);
    tap_ok(res.why == PWL_STORE_FAILED && res.rv == APR_TIMEUP,
           "D10: stopped: the deadline is kept");
    kill(real.pid, SIGCONT);
    tap_int("D10: and going on: its late answer is nobody's",
            ping(redis, answer).why, PWL_OK);
    tap_str("  this one is ours", answer[0].text, "PONG");
    fake_stop(&real);
}

/* What a script is refused comes in other words than what a client is. */
static void test_rights(void)
{
    static const char *const told[] = {
        "NOPERM this user has no permissions to run the 'eval' command",
        "ERR ACL failure in script: User default has no permissions to run the",
        "ERR The user executing the script can't run this command",
    };

    for (int i = 0; i < 3; i++) {
        pwl_redis_answer_t error = {.kind = PWL_REDIS_ERROR, .text = told[i]};

        tap_ok(strstr(pwl_redis_explain(&error), "it needs GET, SET") != NULL,
               "D10: a right that is missing is told with the cure");
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    signal(SIGPIPE, SIG_IGN);
    test_answers();
    test_size(0);
    test_size(1);
    test_list(0);
    test_list(1);
    test_unreachable();
    test_late();
    test_rights();
    test_real();
    apr_pool_destroy(pool);
    return tap_done();
}
