/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/gather.c: an answer is counted before it is kept.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/limits.h"
#include "io/gather.h"
#include "tap.h"

static apr_pool_t *pool;

static void start(pwl_gather_t *gather, pwl_https_answer_t *answer)
{
    memset(gather, 0, sizeof(*gather));
    memset(answer, 0, sizeof(*answer));
    gather->answer = answer;
    gather->pool = pool;
}

static size_t line(pwl_gather_t *gather, const char *text)
{
    char *copy = apr_pstrdup(pool, text);

    return pwl_gather_header(copy, 1, strlen(copy), gather);
}

static void test_values(void)
{
    const char *id64 = apr_psprintf(pool, "%064d", 1);
    const char *v128 = apr_psprintf(pool, "%0128d", 1);
    struct {
        const char *what, *line, *want;
    } cases[] = {
        {"a request id", "x-auth0-requestid: 0a1b\r\n", "0a1b"},
        {"the name in any case, no space", "X-Auth0-RequestID:0a1b\r\n",
         "0a1b"},
        {"spaces around the value go", "x-auth0-requestid: \t0a1b  \r\n",
         "0a1b"},
        {"a name that only begins the same", "x-auth0-requestid2: 0a1b\r\n",
         NULL},
        {"a name cut short", "x-auth0-request: 0a1b\r\n", NULL},
        {"an empty value is none", "x-auth0-requestid:  \r\n", NULL},
        {"control bytes",
         "x-auth0-requestid: 0\x01"
         "b\r\n",
         NULL},
        {"bytes above ASCII",
         "x-auth0-requestid: 0\xe9"
         "b\r\n",
         NULL},
        {"64 characters",
         apr_pstrcat(pool, "x-auth0-requestid: ", id64, "\r\n", NULL), id64},
        {"65 characters",
         apr_pstrcat(pool, "x-auth0-requestid: 1", id64, "\r\n", NULL), NULL},
    };
    pwl_https_answer_t answer;
    pwl_gather_t gather;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(&gather, &answer);
        line(&gather, cases[i].line);
        tap_str(cases[i].what, answer.request_id, cases[i].want);
    }

    start(&gather, &answer);
    line(&gather, apr_pstrcat(pool, "retry-after: ", v128, "\r\n", NULL));
    tap_str("another value of 128 characters", answer.retry_after, v128);
    line(&gather, apr_pstrcat(pool, "date: 1", v128, "\r\n", NULL));
    tap_str("another value of 129 characters", answer.date, NULL);
    line(&gather, "retry-after: 5\r\n");
    tap_str("U18: the second of a name does not count", answer.retry_after,
            v128);
    line(&gather, "HTTP/1.1 200 OK\r\n");
    tap_str("a new status line starts anew", answer.retry_after, NULL);
    line(&gather, "retry-after: 5\r\n");
    tap_str("what follows it counts", answer.retry_after, "5");
}

static void test_header_limit(void)
{
    pwl_https_answer_t answer;
    pwl_gather_t gather;
    char *bytes = calloc(1, PWL_ANSWER_HEADER_BYTES + 1);
    size_t i, kept = 0;

    start(&gather, &answer);
    tap_int("U6: header lines up to the limit together",
            (long)(pwl_gather_header(bytes, 1, 10, &gather) +
                   pwl_gather_header(bytes, 1, PWL_ANSWER_HEADER_BYTES - 10,
                                     &gather)),
            PWL_ANSWER_HEADER_BYTES);
    tap_ok(!gather.too_large, "U6: that is not too large");
    tap_int("U6: one byte more is not taken",
            (long)pwl_gather_header(bytes, 1, 1, &gather), 0);
    tap_ok(gather.too_large, "U6: and is told");

    start(&gather, &answer);
    for (i = 0; i < 10000; i++)
        kept += line(&gather, "X-Y: z\r\n") > 0;
    tap_int("U6: of 10,000 header lines as many as fit", (long)kept,
            PWL_ANSWER_HEADER_BYTES / 8);
    free(bytes);
}

static void test_body(void)
{
    pwl_https_answer_t answer;
    pwl_gather_t gather;
    char *bytes = malloc(PWL_ANSWER_MAX_BYTES + 1);
    size_t i, wrong = 0;

    for (i = 0; i <= PWL_ANSWER_MAX_BYTES; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    start(&gather, &answer);
    for (i = 0; i < PWL_ANSWER_MAX_BYTES; i += 1024)
        pwl_gather_body(bytes + i, 1, 1024, &gather);
    for (i = 0; i < answer.body_len; i++)
        wrong += answer.body[i] != bytes[i];
    tap_int("U6: a body of exactly the limit", (long)answer.body_len,
            PWL_ANSWER_MAX_BYTES);
    tap_ok(wrong == 0 && answer.body[answer.body_len] == '\0',
           "in order, and NUL-terminated");
    tap_int("U6: one byte more is not taken",
            (long)pwl_gather_body(bytes, 1, 1, &gather), 0);
    tap_ok(gather.too_large, "U6: and is told");

    start(&gather, &answer);
    tap_int("U6: one piece over the limit",
            (long)pwl_gather_body(bytes, 1, PWL_ANSWER_MAX_BYTES + 1, &gather),
            0);
    start(&gather, &answer);
    pwl_gather_body(bytes, 1, 0, &gather);
    tap_ok(answer.body_len == 0 && answer.body[0] == '\0',
           "an empty piece is an empty text");
    free(bytes);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_values();
    test_header_limit();
    test_body();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
