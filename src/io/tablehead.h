/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a table of fixed size in shared memory begins: what it is, how large, and
 * its one lock. Tables with many locks and a size from the configuration have
 * heads of their own (io/sessions_layout.h, io/txns.c, io/throttles.c).
 */
#ifndef PWL_IO_TABLEHEAD_H
#define PWL_IO_TABLEHEAD_H

#include <apr_pools.h>

#include "core/reason.h"
#include "io/robust.h"

/** The first member of a table. */
typedef struct {
    apr_uint32_t magic;
    apr_uint32_t version;
    apr_uint64_t bytes;
    pwl_robust_t lock;
} pwl_tablehead_t;

typedef struct {
    apr_uint32_t magic;
    apr_uint32_t version;
    apr_size_t bytes;  /* of the whole table */
    const char *holds; /* for messages: "the leases" */
} pwl_tablekind_t;

/**
 * Clear the table and make its lock. Only where nobody else uses the memory.
 * @param base   NULL is refused as too little memory
 * @param bytes  there are; the table takes kind->bytes of them
 * @return PWL_OK; PWL_STORE_FAILED with `detail` from `pool`
 */
pwl_result_t pwl_tablehead_format(void *base, apr_size_t bytes,
                                  const pwl_tablekind_t *kind,
                                  apr_pool_t *pool);

/** Is this memory a table of this kind, formatted before? Results as above. */
pwl_result_t pwl_tablehead_check(const void *base, apr_size_t bytes,
                                 const pwl_tablekind_t *kind, apr_pool_t *pool);

#endif
