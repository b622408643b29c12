/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/program.c: a program's first line, and what ends a program.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <unistd.h>

#include "core/limits.h"
#include "io/program.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static apr_pool_t *pool;

static pwl_result_t run(const char *command, apr_interval_time_t deadline,
                        char **text, apr_size_t *len)
{
    char **argv;
    pwl_result_t res = pwl_program_find(command, "/", &argv, pool);

    *text = NULL;
    if (res.why == PWL_OK)
        res = pwl_program_first_line(argv, deadline, text, len, pool);
    return res;
}

static void test_lines(void)
{
    static const struct {
        const char *what, *command;
        pwl_reason_t want;
        const char *line; /* NULL: whatever */
    } cases[] = {
        {"G6: one line", "/bin/echo abc", PWL_OK, "abc\n"},
        {"G6: a line without an end", "/usr/bin/printf abc", PWL_OK, "abc"},
        {"G6: the first of two lines", "/usr/bin/printf 'abc\\\\ndef\\\\n'",
         PWL_OK, "abc\n"},
        {"G6: nothing", "/bin/true", PWL_OK, ""},
        {"G6: quotes make one word", "/usr/bin/printf '%s|' 'a b' \"c d\" e",
         PWL_OK, "a b|c d|e|"},
        {"G6: no shell looks at it", "/bin/echo $HOME;id `id` > /x", PWL_OK,
         "$HOME;id `id` > /x\n"},
        {"G6: relative to the server root", "bin/echo abc", PWL_OK, "abc\n"},
        {"G6: nothing on standard input", "/bin/cat", PWL_OK, ""},
        {"G6: a megabyte after the line does not break it",
         "/bin/sh -c \"echo abc; head -c 1000000 /dev/zero\"", PWL_OK, "abc\n"},
        {"G6: status 1", "/bin/false", PWL_SECRET_COMMAND, NULL},
        {"G6: a line and then status 3", "/bin/sh -c \"echo abc; exit 3\"",
         PWL_SECRET_COMMAND, NULL},
        {"G6: ended by a signal", "/bin/sh -c \"echo abc; kill -9 $$\"",
         PWL_SECRET_COMMAND, NULL},
        {"G6: no such program", "/none abc", PWL_SECRET_COMMAND, NULL},
        {"G6: a directory", "/bin abc", PWL_SECRET_COMMAND, NULL},
        {"G6: not executable", "/etc/passwd", PWL_SECRET_COMMAND, NULL},
        {"G6: no program named", "", PWL_SECRET_COMMAND, NULL},
        {"G6: only spaces", "   ", PWL_SECRET_COMMAND, NULL},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        char *text;
        apr_size_t len = 0;
        pwl_result_t res =
            run(cases[i].command, apr_time_from_sec(5), &text, &len);

        tap_str(cases[i].what, pwl_reason_word(res.why),
                pwl_reason_word(cases[i].want));
        if (cases[i].line)
            tap_str("  the line", text, cases[i].line);
        tap_ok(res.why == PWL_OK || (res.detail && !strstr(res.detail, "abc")),
               "  no output in the detail");
    }
}

static void test_limits(void)
{
    const char *command = apr_psprintf(pool, "/usr/bin/head -c %d /dev/zero",
                                       PWL_SECRET_MAX_BYTES + 99);
    char *text;
    apr_size_t len = 0;
    pwl_result_t res = run(command, apr_time_from_sec(5), &text, &len);

    tap_int("a line without an end is cut", (long)len,
            PWL_SECRET_MAX_BYTES + 3);
    tap_int("  and that is no failure of the program", res.why, PWL_OK);
}

static void test_deadline(void)
{
    static const struct {
        const char *what, *command;
    } cases[] = {
        {"G6: a program that neither prints nor ends", "/bin/sleep 5"},
        {"G6: a program that closes its output and does not end",
         "/bin/sh -c \"exec >&-; exec sleep 5\""},
        {"G6: a program that prints for ever", "/usr/bin/yes abc"},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        apr_time_t began = apr_time_now();
        char *text;
        apr_size_t len;
        pwl_result_t res =
            run(cases[i].command, apr_time_from_msec(200), &text, &len);

        tap_int(cases[i].what, res.why, PWL_SECRET_COMMAND);
        tap_ok(apr_time_now() - began < apr_time_from_sec(2),
               "  is ended at the deadline");
    }
}

int main(void)
{
    int ends[2];

    /* Something a program could read by mistake. */
    if (pipe(ends) != 0 || write(ends[1], "stdin\n", 6) != 6 ||
        dup2(ends[0], 0) != 0)
        return 1;
    close(ends[1]);
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_lines();
    test_limits();
    test_deadline();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
