/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of io/txns.c share: a table in memory that children inherit. */
#ifndef PWL_TESTS_TXNS_FIXTURE_H
#define PWL_TESTS_TXNS_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "io/txns.h"

static apr_pool_t *pool;

static void *shared(apr_size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (base == MAP_FAILED)
        abort();
    return base;
}

static pwl_txns_t *table_of(apr_size_t slots)
{
    pwl_txns_t *txns;
    apr_size_t bytes = pwl_txns_bytes(slots);

    if (pwl_txns_format(shared(bytes), bytes, &txns, pool).why != PWL_OK)
        abort();
    return txns;
}

/* The id of 16 bytes that is made of a number. */
static const unsigned char *id_of(unsigned n, unsigned char *id)
{
    memset(id, 0, PWL_TXN_BYTES);
    memcpy(id, &n, sizeof(n));
    return id;
}

#endif
