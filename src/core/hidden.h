/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that holds codes, tokens, secrets and keys: wiped when it is given
 * back, and kept out of core dumps where it lives as long as httpd does.
 *
 * A core of a child is written when something went wrong, and then copied to
 * whoever shall find out why. What the module is working on at that moment is
 * in it; what it has finished with, and what it only keeps, is not.
 */
#ifndef PWL_CORE_HIDDEN_H
#define PWL_CORE_HIDDEN_H

#include <apr_pools.h>

/** Wipe `len` bytes at `data` when `pool` is cleared. They must be of that
 * pool, or live longer. NULL: nothing to do. */
void pwl_hidden_wipe_with(const void *data, apr_size_t len, apr_pool_t *pool);

/** @return a copy of `text` that is wiped with the pool; NULL for NULL */
char *pwl_hidden_dup(const char *text, apr_pool_t *pool);

/**
 * Zeroed memory on pages of its own, which no core dump holds. For what lives
 * long: each call takes a page at least.
 * @return never NULL; wiped and given back with the pool. Where the system has
 *         no such pages, it is the pool's own
 */
void *pwl_hidden_alloc(apr_size_t bytes, apr_pool_t *pool);

/** Have core dumps leave out a mapping that begins on a page's border. */
void pwl_hidden_from_cores(void *map, apr_size_t bytes);

/** free() and realloc() of libraries that copy what they are given: what they
 * give back is wiped first. Blocks may come from any malloc() of the C library.
 * Where nobody can say how long a block is, it is not wiped. */
void pwl_hidden_free(void *block);
void *pwl_hidden_realloc(void *block, size_t bytes);

/**
 * Have jansson wipe what it gives back, until `pool` is cleared: ours must not
 * be called once the module was unloaded. Where another module has told jansson
 * how to allocate, that stays. For a child that has no threads yet.
 */
void pwl_hidden_json(apr_pool_t *pool);

#endif
