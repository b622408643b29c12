/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over its corpus, a test a file, without a fuzzer.
 *
 * The corpus of fuzz_x is tests/fuzz/corpus/x, found from the program's own
 * name below the current directory. A crash or abort() is the failure; prove
 * sees it by the missing plan. No corpus is a failure, too.
 */
#include "target.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdlib.h>

#include "../unit/tap.h"

static void replay(const char *path, const char *name, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    unsigned char *exact;
    apr_size_t len;

    if (apr_file_open(&file, path, APR_READ | APR_BINARY, 0, pool) ||
        apr_file_info_get(&info, APR_FINFO_SIZE, file)) {
        tap_ok(0, apr_pstrcat(pool, name, " can be read", NULL));
        return;
    }
    len = (apr_size_t)info.size;
    /* Of malloc, exactly as long: a sanitizer sees a byte read past the end. */
    exact = malloc(len ? len : 1);
    if (exact && (len == 0 || !apr_file_read_full(file, exact, len, &len))) {
        LLVMFuzzerTestOneInput(exact, len);
        tap_ok(1, name);
    } else {
        tap_ok(0, apr_pstrcat(pool, name, " can be read", NULL));
    }
    free(exact);
    apr_file_close(file);
}

static const char *corpus_of(const char *program, apr_pool_t *pool)
{
    const char *name = strrchr(program, '/');

    name = name ? name + 1 : program;
    if (!strncmp(name, "lt-", 3)) /* libtool's wrapper runs it by this name */
        name += 3;
    return apr_pstrcat(pool, "tests/fuzz/corpus/", name + strlen("fuzz_"),
                       NULL);
}

int main(int argc, const char *const *argv)
{
    apr_pool_t *pool;
    apr_dir_t *dir;
    apr_finfo_t entry;
    const char *corpus;

    apr_app_initialize(&argc, &argv, NULL);
    apr_pool_create(&pool, NULL);
    corpus = argc > 1 ? argv[1] : corpus_of(argv[0], pool);
    if (apr_dir_open(&dir, corpus, pool) == APR_SUCCESS) {
        while (!apr_dir_read(&entry, APR_FINFO_NAME, dir)) {
            if (entry.name[0] != '.')
                replay(apr_pstrcat(pool, corpus, "/", entry.name, NULL),
                       entry.name, pool);
        }
        apr_dir_close(dir);
    }
    if (tap_count == 0)
        tap_ok(0, apr_pstrcat(pool, "there are files in ", corpus, NULL));
    return tap_done();
}
