/* SPDX-License-Identifier: Apache-2.0 */
/* io/tablehead.c: what is no table of this kind is not taken for one. */
#include "io/tablehead.h"

#include <apr_general.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

typedef struct {
    pwl_tablehead_t head;
    unsigned char rest[512];
} table_t;

static const pwl_tablekind_t kind = {0x74657374u, 3, sizeof(table_t),
                                     "the tests"};
static table_t table;
static apr_pool_t *pool;

static const char *check(const pwl_tablekind_t *as, apr_size_t bytes)
{
    pwl_result_t res = pwl_tablehead_check(&table, bytes, as, pool);

    return res.why == PWL_OK ? "good" : res.detail;
}

static void test_format(void)
{
    int owner_died;

    memset(&table, 0xa5, sizeof(table));
    tap_str("memory with anything in it", check(&kind, sizeof(table)),
            "memory of another version, or not made for the tests");
    tap_str("too little of it",
            pwl_tablehead_format(&table, sizeof(table) - 1, &kind, pool).detail,
            "too little shared memory for the tests");
    tap_str("none at all", pwl_tablehead_format(NULL, 0, &kind, pool).detail,
            "too little shared memory for the tests");
    tap_int("nothing was written", table.rest[0], 0xa5);
    tap_int("enough",
            pwl_tablehead_format(&table, sizeof(table), &kind, pool).why,
            PWL_OK);
    tap_int("it is empty", table.rest[0] + table.rest[511], 0);
    tap_int("and its lock is free",
            pwl_robust_trylock(&table.head.lock, &owner_died), APR_SUCCESS);
    pwl_robust_unlock(&table.head.lock);
}

static void test_check(void)
{
    static const pwl_tablekind_t others[] = {
        {0x74657375u, 3, sizeof(table_t), "others"},
        {0x74657374u, 4, sizeof(table_t), "others"},
        {0x74657374u, 3, sizeof(table_t) - 8, "others"},
    };

    tap_str("formatted before", check(&kind, sizeof(table)), "good");
    tap_str("in more memory", check(&kind, sizeof(table) * 2), "good");
    tap_str("in less", check(&kind, sizeof(table) - 1),
            "too little shared memory for the tests");
    tap_str("another magic", check(&others[0], sizeof(table)),
            "memory of another version, or not made for others");
    tap_str("another version", check(&others[1], sizeof(table)),
            "memory of another version, or not made for others");
    tap_str("another size", check(&others[2], sizeof(table)),
            "memory of another version, or not made for others");
    tap_str("no memory", pwl_tablehead_check(NULL, 0, &kind, pool).detail,
            "too little shared memory for the tests");
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_format();
    test_check();
    return tap_done();
}
