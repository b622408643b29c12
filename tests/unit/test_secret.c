/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/secret.c: where secrets come from, and which sources are refused.
 *
 * Each row is asked of pwl_secret_check() and pwl_secret_read(), which must
 * agree, and the detail must never contain the value.
 */
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/limits.h"
#include "io/secret.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LONGEST PWL_SECRET_MAX_BYTES

static apr_pool_t *pool;
static char root[] = "/tmp/pwl-secret-XXXXXX";

static const char *in_root(const char *name)
{
    return apr_pstrcat(pool, root, "/", name, NULL);
}

static void write_bytes(const char *name, mode_t mode, const char *bytes,
                        size_t len)
{
    int fd = open(in_root(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
        abort();
    fchmod(fd, mode);
    close(fd);
}

static void write_text(const char *name, mode_t mode, const char *text)
{
    write_bytes(name, mode, text, strlen(text));
}

static const char *repeat(char c, size_t n)
{
    char *text = apr_pcalloc(pool, n + 1);

    memset(text, c, n);
    return text;
}

static void make_files(void)
{
    write_text("plain", 0600, "s3cr3t");
    write_text("line", 0640, "s3cr3t\n");
    write_text("crlf", 0600, "s3cr3t\r\n");
    write_text("two", 0600, "s3cr3t\nmore\n");
    write_text("blank", 0600, "s3cr3t\n\n");
    write_text("empty", 0600, "");
    write_text("newline", 0600, "\n");
    write_text("world", 0604, "s3cr3t");
    write_text("worldwrite", 0602, "s3cr3t");
    write_text("longest", 0600, repeat('x', LONGEST));
    write_text("longest-crlf", 0600,
               apr_pstrcat(pool, repeat('x', LONGEST), "\r\n", NULL));
    write_text("longer", 0600, repeat('x', LONGEST + 1));
    write_text("longer-nl", 0600,
               apr_pstrcat(pool, repeat('x', LONGEST + 1), "\n", NULL));
    write_text("huge", 0600, repeat('x', LONGEST * 20));
    write_bytes("nul", 0600, "s3cr3t\0x", 8);
    write_text("script", 0700, "#!/bin/sh\necho s3cr3t\n");
    write_text("noexec", 0600, "#!/bin/sh\necho s3cr3t\n");
    write_text("fails", 0700, "#!/bin/sh\necho s3cr3t\nexit 3\n");
    write_text("silent", 0700, "#!/bin/sh\n");
    write_text("tabbed", 0700, "#!/bin/sh\nprintf 's3cr3t\\tx\\n'\n");
    mkdir(in_root("dir"), 0700);
    mkfifo(in_root("fifo"), 0600);
    if (symlink("line", in_root("link")) != 0)
        abort();
    setenv("PWL_TEST_SECRET", "s3cr3t", 1);
    setenv("PWL_TEST_EMPTY", "", 1);
    unsetenv("PWL_TEST_NONE");
}

typedef struct {
    const char *what, *arg;
    pwl_reason_t checked, got;
    const char *want;
} source_t;

static void check_source(const source_t *source)
{
    const char *out = NULL;
    pwl_result_t res = pwl_secret_check(source->arg, root, pool);

    tap_str(source->what, pwl_reason_word(res.why),
            pwl_reason_word(source->checked));
    res = pwl_secret_read(source->arg, root, &out, pool);
    tap_str("  and when it is read", pwl_reason_word(res.why),
            pwl_reason_word(source->got));
    tap_str("  the value", out, source->want);
    tap_ok(res.why == PWL_OK ? !res.detail
                             : res.detail && !strstr(res.detail, "s3cr3t") &&
                                   !strstr(res.detail, "xxxx"),
           "  the detail has a sentence and no value");
}

/* A file that others read: libssl does, for one. */
static void test_looked_at(void)
{
    static const struct {
        const char *what, *name;
        pwl_reason_t want;
    } cases[] = {
        {"G6: looked at: a file", "plain", PWL_OK},
        {"G6: looked at: its group may read", "line", PWL_OK},
        {"G6: looked at: longer than a secret", "huge", PWL_OK},
        {"G6: looked at: world-readable", "world", PWL_SECRET_READABLE},
        {"G6: looked at: world-writable", "worldwrite", PWL_SECRET_READABLE},
        {"G6: looked at: a directory", "dir", PWL_SECRET_MISSING},
        {"G6: looked at: a FIFO", "fifo", PWL_SECRET_MISSING},
        {"G6: looked at: none", "none", PWL_SECRET_MISSING},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        pwl_result_t res = pwl_secret_file(in_root(cases[i].name), pool);

        tap_str(cases[i].what, pwl_reason_word(res.why),
                pwl_reason_word(cases[i].want));
        tap_ok(res.why == PWL_OK || strstr(res.detail, in_root(cases[i].name)),
               "  the detail names it");
    }
}

static void test_files(void)
{
    const source_t cases[] = {
        {"G6: a file without a line end", "file:plain", PWL_OK, PWL_OK,
         "s3cr3t"},
        {"G6: one line end is stripped", "file:line", PWL_OK, PWL_OK, "s3cr3t"},
        {"G6: one CRLF is stripped", "file:crlf", PWL_OK, PWL_OK, "s3cr3t"},
        {"G6: a symbolic link", "file:link", PWL_OK, PWL_OK, "s3cr3t"},
        {"G6: a full path", apr_pstrcat(pool, "file:", in_root("line"), NULL),
         PWL_OK, PWL_OK, "s3cr3t"},
        {"G6: two lines", "file:two", PWL_SECRET_MALFORMED,
         PWL_SECRET_MALFORMED},
        {"G6: a second, empty line", "file:blank", PWL_SECRET_MALFORMED,
         PWL_SECRET_MALFORMED},
        {"G6: NUL inside", "file:nul", PWL_SECRET_MALFORMED,
         PWL_SECRET_MALFORMED},
        {"G6: an empty file", "file:empty", PWL_SECRET_EMPTY, PWL_SECRET_EMPTY},
        {"G6: a line end alone", "file:newline", PWL_SECRET_EMPTY,
         PWL_SECRET_EMPTY},
        {"G6: no such file", "file:none", PWL_SECRET_MISSING,
         PWL_SECRET_MISSING},
        {"G6: a directory", "file:dir", PWL_SECRET_MISSING, PWL_SECRET_MISSING},
        {"G6: a FIFO is not waited for", "file:fifo", PWL_SECRET_MISSING,
         PWL_SECRET_MISSING},
        {"G6: no path", "file:", PWL_SECRET_MISSING, PWL_SECRET_MISSING},
        {"G6: world-readable", "file:world", PWL_SECRET_READABLE,
         PWL_SECRET_READABLE},
        {"G6: world-writable", "file:worldwrite", PWL_SECRET_READABLE,
         PWL_SECRET_READABLE},
        {"G6: a file of the longest length", "file:longest", PWL_OK, PWL_OK,
         repeat('x', LONGEST)},
        {"G6: the same and a line end", "file:longest-crlf", PWL_OK, PWL_OK,
         repeat('x', LONGEST)},
        {"G6: a file one longer", "file:longer", PWL_SECRET_TOO_LONG,
         PWL_SECRET_TOO_LONG},
        {"G6: the same and a line end", "file:longer-nl", PWL_SECRET_TOO_LONG,
         PWL_SECRET_TOO_LONG},
        {"G6: a huge file", "file:huge", PWL_SECRET_TOO_LONG,
         PWL_SECRET_TOO_LONG},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        check_source(&cases[i]);
}

static void test_others(void)
{
    const source_t cases[] = {
        {"G6: a text is itself", "s3cr3t", PWL_OK, PWL_OK, "s3cr3t"},
        {"G6: a text with a colon", "a:b", PWL_OK, PWL_OK, "a:b"},
        {"G6: an empty text", "", PWL_SECRET_EMPTY, PWL_SECRET_EMPTY},
        {"G6: a text of the longest length", repeat('x', LONGEST), PWL_OK,
         PWL_OK, repeat('x', LONGEST)},
        {"G6: a text one longer", repeat('x', LONGEST + 1), PWL_SECRET_TOO_LONG,
         PWL_SECRET_TOO_LONG},
        {"G6: a variable", "env:PWL_TEST_SECRET", PWL_OK, PWL_OK, "s3cr3t"},
        {"G6: an empty variable", "env:PWL_TEST_EMPTY", PWL_SECRET_EMPTY,
         PWL_SECRET_EMPTY},
        {"G6: no such variable", "env:PWL_TEST_NONE", PWL_SECRET_MISSING,
         PWL_SECRET_MISSING},
        {"G6: a program", "exec:script", PWL_OK, PWL_OK, "s3cr3t"},
        {"G6: a program that may not be run", "exec:noexec", PWL_SECRET_COMMAND,
         PWL_SECRET_COMMAND},
        {"G6: no such program", "exec:none -x", PWL_SECRET_COMMAND,
         PWL_SECRET_COMMAND},
        {"G6: the check runs nothing", "exec:fails", PWL_OK,
         PWL_SECRET_COMMAND},
        {"G6: a program that prints nothing", "exec:silent", PWL_OK,
         PWL_SECRET_EMPTY},
        {"G6: a program that prints a tab", "exec:tabbed", PWL_OK,
         PWL_SECRET_MALFORMED},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++)
        check_source(&cases[i]);
}

static void test_cures(void)
{
    static const struct {
        const char *what, *arg, *part;
    } cases[] = {
        {"G6: world-readable tells the command", "file:world", "chmod o-rwx /"},
        {"a missing file is named", "file:none", "/none"},
        {"a missing variable is named", "env:PWL_TEST_NONE", "PWL_TEST_NONE"},
        {"a missing program is named", "exec:none", "/none"},
        {"a program that may not be run", "exec:noexec", "chmod u+x /"},
        {"two lines", "file:two", "one line"},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        pwl_result_t res = pwl_secret_check(cases[i].arg, root, pool);

        tap_ok(res.detail && strstr(res.detail, cases[i].part), cases[i].what);
    }
}

#define K1 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define K2_URL "--__--__--__--__--__--__--__--__--__--__--8"
#define K2_STD "++//++//++//++//++//++//++//++//++//++//++8="

static const struct {
    const char *arg, *cure;
} slips[] = {
    {"/etc/apache2/auth0.secret", "put file: in front"},
    {"conf/auth0.secret", "put file: in front"},
    {".secret", NULL},
    {"auth0.secrets", NULL},
    {"File:auth0.secret", "in lower case"},
    {"FILE:auth0.secret", "in lower case"},
    {"Env:SECRET", "in lower case"},
    {"eXec:/bin/true", "in lower case"},
    {"file:auth0.secret", NULL},
    {"env:SECRET", NULL},
    {"exec:/bin/true", NULL},
    {"files", NULL},
    {"a/b", NULL},
    {"", NULL},
};

static void test_seal_keys(void)
{
    static const struct {
        const char *what, *text;
        pwl_reason_t want;
        int count;
    } cases[] = {
        {"one key", K1 "\n", PWL_OK, 1},
        {"one key without a line end", K1, PWL_OK, 1},
        {"a padded key", K1 "=\n", PWL_OK, 1},
        {"two keys", K1 "\n" K2_URL "\n", PWL_OK, 2},
        {"the standard alphabet", K1 "\r\n" K2_STD "\r\n", PWL_OK, 2},
        {"an empty line between", K1 "\n\n" K2_STD "\n", PWL_OK, 2},
        {"three keys", K1 "\n" K1 "\n" K1 "\n", PWL_SECRET_KEY, 0},
        {"31 bytes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg",
         PWL_SECRET_KEY, 0},
        {"33 bytes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
         PWL_SECRET_KEY, 0},
        {"too much padding", K1 "==", PWL_SECRET_KEY, 0},
        {"a good key and a bad one", K1 "\nx\n", PWL_SECRET_KEY, 0},
        {"not base64", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh!",
         PWL_SECRET_KEY, 0},
        {"spare bits that are not zero",
         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", PWL_SECRET_KEY, 0},
        {"line ends alone", "\n\n", PWL_SECRET_KEY, 0},
        {"an empty file", "", PWL_SECRET_EMPTY, 0},
    };
    pwl_seal_keys_t keys;
    pwl_result_t res;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        write_text("keys", 0600, cases[i].text);
        res = pwl_secret_seal_keys("file:keys", root, &keys, pool);
        tap_str(cases[i].what, pwl_reason_word(res.why),
                pwl_reason_word(cases[i].want));
        tap_int("  how many", keys.count, cases[i].count);
        tap_ok(res.why == PWL_OK || (res.detail && !strstr(res.detail, "AAEC")),
               "  the detail does not show a key");
    }

    write_text("keys", 0600, K1 "\n" K2_STD "\n");
    pwl_secret_seal_keys("file:keys", root, &keys, pool);
    tap_ok(keys.key[0][0] == 0 && keys.key[0][31] == 31 &&
               keys.key[1][0] == 0xfb && keys.key[1][31] == 0xef,
           "the keys' bytes, in the order of the lines");
    write_text("keys", 0644, K1 "\n");
    res = pwl_secret_seal_keys("file:keys", root, &keys, pool);
    tap_int("G6: a world-readable key file", res.why, PWL_SECRET_READABLE);
    res = pwl_secret_seal_keys(K1, root, &keys, pool);
    tap_int("G6: a key in the configuration itself", res.why, PWL_SECRET_KEY);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(root))
        abort();
    make_files();
    tap_int("kind of a file", pwl_secret_kind("file:x"), PWL_SECRET_FROM_FILE);
    tap_int("kind of a variable", pwl_secret_kind("env:"), PWL_SECRET_FROM_ENV);
    tap_int("kind of a program", pwl_secret_kind("exec:/x y"),
            PWL_SECRET_FROM_EXEC);
    tap_int("kind of a text", pwl_secret_kind("File:x"), PWL_SECRET_FROM_TEXT);
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        const char *cure = pwl_secret_slip(slips[i].arg);

        tap_ok(slips[i].cure ? cure && strstr(cure, slips[i].cure) : !cure,
               slips[i].arg);
    }
    test_files();
    test_looked_at();
    test_others();
    test_cures();
    test_seal_keys();
    if (system(apr_pstrcat(pool, "rm -r ", root, NULL)) != 0)
        abort();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
