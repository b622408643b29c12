/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/scriptfile.c: files that are there, that are not, and the largest one.
 */
#include "io/scriptfile.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/limits.h"
#include "tap.h"

#define GOOD "t.passwordlessLogin=f;u(r,\"/co/authenticate\")"

static apr_pool_t *pool;
static char folder[] = "/tmp/pwless-scriptfile-XXXXXX";

/* A file that begins with `text` and goes on with blanks to `bytes`. */
static const char *file_of(const char *name, const char *text, long bytes)
{
    const char *path = apr_pstrcat(pool, folder, "/", name, NULL);
    FILE *out = fopen(path, "wb");

    if (!out || fputs(text, out) < 0)
        abort();
    while (ftell(out) < bytes)
        putc(' ', out);
    fclose(out);
    return path;
}

static const char *read_it(const char *path, const char *hash,
                           pwl_scriptfile_t *file)
{
    return pwl_scriptfile_read(path, hash, PWL_SCRIPT_AUTH0JS, file, pool);
}

static void test_good(void)
{
    const char *path = file_of("auth0.min.js", GOOD, 0);
    pwl_scriptfile_t file = {0};

    tap_ok(!read_it(path, NULL, &file), "a good file is read");
    tap_ok(file.asset.len == strlen(GOOD) &&
               !memcmp(file.asset.data, GOOD, file.asset.len),
           "... all of it, and no more");
    tap_ok(!strncmp(file.asset.name, "auth0.", 6) &&
               strstr(file.asset.etag, file.asset.name),
           "... with a name and an ETag that carry its hash");
    tap_str("... as JavaScript", file.asset.content_type,
            "text/javascript; charset=utf-8");
    tap_ok(!read_it(path, file.hash, &file), "the hash it has is right");
    path = file_of("auth0.min.js", GOOD ";", 0);
    tap_ok(
        !!strstr(read_it(path, file.hash, &file), "not the file of that hash"),
        "one byte more, and it is wrong");
}

static void test_limit(void)
{
    pwl_scriptfile_t file = {0};

    tap_ok(
        !read_it(file_of("large", GOOD, PWL_SCRIPT_MAX_BYTES), NULL, &file) &&
            file.asset.len == PWL_SCRIPT_MAX_BYTES,
        "the largest file there may be");
    tap_ok(!!strstr(read_it(file_of("large", GOOD, PWL_SCRIPT_MAX_BYTES + 1),
                            NULL, &file),
                    "larger than 4 MB"),
           "one byte more is too many");
}

static void test_bad(void)
{
    const char *missing = apr_pstrcat(pool, folder, "/missing.js", NULL);
    pwl_scriptfile_t file = {0};
    const char *said = read_it(missing, NULL, &file);

    tap_ok(!!strstr(said, missing) &&
               strstr(said, "cannot be read (No such file") &&
               strstr(said, "npm pack auth0-js"),
           "a missing file: which, why, and where to get it");
    tap_ok(!!strstr(read_it(folder, NULL, &file), "is no file"), "a folder");
    tap_ok(!!strstr(read_it(file_of("empty", "", 0), NULL, &file), "is empty"),
           "an empty file");
    tap_ok(!!strstr(read_it(file_of("other", "alert(1)", 0), NULL, &file),
                    "is not auth0.js"),
           "something else");
    tap_ok(!file.hash && !file.asset.name, "of none of them is anything kept");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(folder))
        abort();
    test_good();
    test_limit();
    test_bad();
    (void)!system(apr_pstrcat(pool, "rm -r ", folder, NULL));
    return tap_done();
}
