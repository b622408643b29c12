/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libcurl handles of one child process: at most so many, taken and given
 * back, each with one idle connection, a TLS session and a CA store.
 *
 * A handle is made for a key: the text of everything its connection and CA
 * store depend on. Of the free ones with the same key the one used last is
 * taken, so that few connections are kept busy instead of many kept warm;
 * else a new one is made; else the one used longest ago changes its key.
 *
 * A handle belongs to one thread between take and give. After a fork the
 * child starts with none: two processes must not write to one TLS connection.
 */
#ifndef PWL_IO_HANDLES_H
#define PWL_IO_HANDLES_H

#include <apr_pools.h>
#include <curl/curl.h>

typedef struct pwl_handles_t pwl_handles_t;

typedef struct {
    CURL *curl; /* never NULL between take and give */
    int fresh;  /* key or handle are new: the caller gives it settings
                 * and clears this */
    /* What follows is io/handles.c's own. */
    char *key;
    int busy;
    apr_uint64_t used; /* the greater, the later */
} pwl_handle_t;

/** @return NULL when libcurl or the mutex cannot be set up; handles that are
 * free are closed with `pool` */
pwl_handles_t *pwl_handles_make(int max, apr_pool_t *pool);

/** @return a handle of this caller alone; NULL when all `max` are in use, or
 * memory is out. Never waits. */
pwl_handle_t *pwl_handles_take(pwl_handles_t *handles, const char *key);

/** @param keep  0: close it and forget its settings */
void pwl_handles_give(pwl_handles_t *handles, pwl_handle_t *handle, int keep);

#endif
