/* SPDX-License-Identifier: Apache-2.0 */
/* io/messagefile.c: files that are there, that are not, and the largest one. */
#include "io/messagefile.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/limits.h"
#include "tap.h"

static apr_pool_t *pool;
static char folder[] = "/tmp/pwless-messagefile-XXXXXX";

static const char *path_of(const char *name)
{
    return apr_pstrcat(pool, folder, "/", name, NULL);
}

static const char *file_of(const char *name, long bytes)
{
    const char *path = path_of(name);
    FILE *out = fopen(path, "wb");

    if (!out)
        abort();
    while (ftell(out) < bytes)
        putc('x', out);
    fclose(out);
    return path;
}

static const char *read_it(const char *path, apr_size_t *len)
{
    char *text;
    const char *bad = pwl_messagefile_read(path, &text, len, pool);

    if (!bad && strspn(text, "x") != *len)
        abort();
    return bad ? bad : "good";
}

int main(void)
{
    apr_size_t len = 0;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(folder))
        return 1;
    tap_str("a file is read", read_it(file_of("a", 7), &len), "good");
    tap_int("... whole", (int)len, 7);
    tap_str("an empty one", read_it(file_of("empty", 0), &len), "good");
    tap_str("the largest", read_it(file_of("b", PWL_MESSAGES_MAX_BYTES), &len),
            "good");
    tap_int("... whole", (int)len, PWL_MESSAGES_MAX_BYTES);
    tap_str("X7: one byte more",
            read_it(file_of("b", PWL_MESSAGES_MAX_BYTES + 1), &len),
            "is larger than 262144 bytes");
    tap_str("X7: a folder", read_it(folder, &len), "is no file");
    if (mkfifo(path_of("fifo"), 0600) || symlink("a", path_of("link")))
        return 1;
    tap_str("X7: a FIFO is not waited for", read_it(path_of("fifo"), &len),
            "is no file");
    tap_str("X7: a symbolic link", read_it(path_of("link"), &len),
            "is a symbolic link: name the file itself");
    tap_ok(!!strstr(read_it(path_of("none"), &len), "cannot be read (No such"),
           "a file that is not there");
    unlink(path_of("a"));
    unlink(path_of("b"));
    unlink(path_of("empty"));
    unlink(path_of("fifo"));
    unlink(path_of("link"));
    rmdir(folder);
    return tap_done();
}
