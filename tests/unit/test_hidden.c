/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is wiped, and memory that no core holds. What was given back is
 * looked at through blocks that live on: a cleanup wipes what it was told to,
 * wherever that is.
 */
#include "core/hidden.h"

#include <apr_general.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static int is_zero(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i])
            return 0;
    }
    return 1;
}

static void test_wipe(apr_pool_t *pool)
{
    char outlives[32] = "a code that lives on";
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    pwl_hidden_wipe_with(outlives, 6, sub);
    pwl_hidden_wipe_with(NULL, 6, sub);
    tap_str("G9: nothing is wiped before its time", outlives,
            "a code that lives on");
    apr_pool_clear(sub);
    tap_ok(is_zero(outlives, 6), "G9: the pool wipes what it was told to");
    tap_str("G9: and no byte more", outlives + 6, " that lives on");
    tap_str("a copy is a copy", pwl_hidden_dup("token", sub), "token");
    tap_ok(pwl_hidden_dup(NULL, sub) == NULL, "of nothing nothing");
    apr_pool_destroy(sub);
}

/* The flags of the mapping `at` is in, as the kernel tells; "" if unknown. */
static void flags_of(const void *at, char *out, size_t max)
{
    FILE *in = fopen("/proc/self/smaps", "r");
    unsigned long begin, end;
    char line[512];
    int here = 0;

    *out = '\0';
    while (in && fgets(line, sizeof(line), in)) {
        if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
            here = (unsigned long)at >= begin && (unsigned long)at < end;
        if (here && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(out, max, "%s", line);
    }
    if (in)
        fclose(in);
}

static void test_alloc(apr_pool_t *pool)
{
    char flags[512];
    apr_pool_t *sub;
    int status = -1;
    char *kept;
    pid_t pid;

    apr_pool_create(&sub, pool);
    kept = pwl_hidden_alloc(5000, sub);
    tap_ok(is_zero(kept, 5000), "pages of our own are zeroed");
    memset(kept, 'k', 5000);
    flags_of(kept, flags, sizeof(flags));
    tap_ok(!*flags || strstr(flags, " dd") != NULL,
           "G6: no core dump holds them");
    pid = fork();
    if (pid == 0) { /* as httpd's children do when they exit */
        apr_pool_clear(sub);
        _exit(kept[0] == 'k' && kept[4999] == 'k' ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "a child that exits does not take them from its threads");
    apr_pool_destroy(sub);
}

static void test_free(void)
{
    char *block = malloc(100), *moved;
    int left, i;

    strcpy(block, "secret");
    moved = pwl_hidden_realloc(block, 100000);
    tap_str("a block that moved is the same", moved, "secret");
    moved = pwl_hidden_realloc(moved, 10);
    tap_str("and one that shrank", moved, "secret");
    pwl_hidden_free(moved);
    pwl_hidden_free(NULL);
    /* The C library hands a block out again at once, as it is but for its head,
     * where a list of free blocks was: any bytes, an 's' now and then. */
    block = malloc(200);
    memset(block, 's', 200);
    pwl_hidden_free(block);
    block = malloc(200);
    for (left = 0, i = 16; i < 200; i++)
        left += block[i] == 's';
    free(block);
    tap_int("G9: what is given back is wiped", left, 0);
    moved = pwl_hidden_realloc(NULL, 10);
    tap_ok(moved != NULL, "of nothing a new block is made");
    pwl_hidden_free(moved);
}

static json_free_t json_frees(void)
{
    json_malloc_t take;
    json_free_t give;

    json_get_alloc_funcs(&take, &give);
    return give;
}

static void test_json(apr_pool_t *pool)
{
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    pwl_hidden_json(sub);
    tap_ok(json_frees() == pwl_hidden_free, "G9: jansson wipes what it frees");
    json_decref(json_pack("{s:s}", "code", "123456"));
    apr_pool_destroy(sub);
    tap_ok(json_frees() == free, "until the child ends");
}

static void *theirs_alloc(size_t bytes)
{
    return malloc(bytes);
}

static void theirs_free(void *block)
{
    free(block);
}

/* Another module of the same httpd, perhaps with blocks that are none of the C
 * library's. */
static void test_json_of_others(apr_pool_t *pool)
{
    apr_pool_t *sub;

    apr_pool_create(&sub, pool);
    json_set_alloc_funcs(theirs_alloc, theirs_free);
    pwl_hidden_json(sub);
    tap_ok(json_frees() == theirs_free, "others' hooks before ours stay");
    apr_pool_clear(sub);
    tap_ok(json_frees() == theirs_free, "when the child ends, too");
    json_set_alloc_funcs(malloc, free);
    pwl_hidden_json(sub);
    json_set_alloc_funcs(theirs_alloc, theirs_free);
    apr_pool_destroy(sub);
    tap_ok(json_frees() == theirs_free, "and so do those after ours");
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_wipe(pool);
    test_alloc(pool);
    test_free();
    test_json(pool);
    test_json_of_others(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
