/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libcurl handles of one child process.
 *
 *   handles[0 .. count)   made at some time, busy or free
 *   handles[count .. max) never needed yet
 *
 * The lock covers choosing and marking only. Making and closing a libcurl
 * handle takes longer and happens outside, on a handle already marked busy,
 * which nobody else touches. The search is linear: `max` is a share of the
 * threads of a child, a few dozen.
 */
#include "io/handles.h"

#include <apr_thread_mutex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/hidden.h"

struct pwl_handles_t {
    apr_thread_mutex_t *lock; /* of what follows */
    pid_t pid;
    apr_uint64_t calls;
    int max;
    int count;
    pwl_handle_t *handles;
};

/** Close it, but leave it as busy as it was. */
static void drop(pwl_handle_t *handle)
{
    curl_easy_cleanup(handle->curl);
    free(handle->key);
    handle->curl = NULL;
    handle->key = NULL;
}

static apr_status_t close_free(void *data)
{
    pwl_handles_t *handles = data;
    int i, busy = 0;

    /* In a forked child these are the parent's connections: closing them
     * would say goodbye on its behalf. */
    if (handles->pid != getpid())
        return APR_SUCCESS;
    for (i = 0; i < handles->count; i++) {
        if (handles->handles[i].busy)
            busy++;
        else
            drop(&handles->handles[i]);
    }
    if (!busy)
        curl_global_cleanup();
    return APR_SUCCESS;
}

pwl_handles_t *pwl_handles_make(int max, apr_pool_t *pool)
{
    pwl_handles_t *handles = apr_pcalloc(pool, sizeof(*handles));

    if (apr_thread_mutex_create(&handles->lock, APR_THREAD_MUTEX_DEFAULT,
                                pool) != APR_SUCCESS)
        return NULL;
    /* libcurl counts: other modules may have done the same. It copies bodies,
     * with the secret in them; as the first we can have it wipe them. */
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, pwl_hidden_free,
                             pwl_hidden_realloc, strdup, calloc) != CURLE_OK)
        return NULL;
    handles->max = max > 0 ? max : 1;
    handles->handles =
        apr_pcalloc(pool, sizeof(pwl_handle_t) * (apr_size_t)handles->max);
    handles->pid = getpid();
    apr_pool_cleanup_register(pool, handles, close_free, apr_pool_cleanup_null);
    return handles;
}

/** The best handle that is free, or NULL; under the lock. */
static pwl_handle_t *choose(pwl_handles_t *handles, const char *key)
{
    pwl_handle_t *same = NULL, *oldest = NULL;
    int i;

    for (i = 0; i < handles->count; i++) {
        pwl_handle_t *handle = &handles->handles[i];

        if (handle->busy)
            continue;
        if (handle->key && strcmp(handle->key, key) == 0 &&
            (!same || handle->used > same->used))
            same = handle;
        if (!oldest || handle->used < oldest->used)
            oldest = handle;
    }
    if (same)
        return same;
    if (handles->count < handles->max)
        return &handles->handles[handles->count++];
    return oldest;
}

/** Give the handle this key, and nothing of the one before: where libcurl has
 * no CA file built in, a key without one sets none. Its connection and its TLS
 * session outlive the reset, and libcurl judges whether they fit.
 * @return true, or 0 when memory is out */
static int prepare(pwl_handle_t *handle, const char *key)
{
    handle->fresh = 0;
    if (handle->curl && handle->key && strcmp(handle->key, key) == 0)
        return 1;
    handle->fresh = 1;
    free(handle->key);
    handle->key = strdup(key);
    if (handle->curl)
        curl_easy_reset(handle->curl);
    else
        handle->curl = curl_easy_init();
    return handle->key && handle->curl;
}

pwl_handle_t *pwl_handles_take(pwl_handles_t *handles, const char *key)
{
    pwl_handle_t *handle;

    apr_thread_mutex_lock(handles->lock);
    if (handles->pid != getpid()) {
        handles->pid = getpid();
        handles->count = 0;
        memset(handles->handles, 0,
               sizeof(pwl_handle_t) * (apr_size_t)handles->max);
    }
    handle = choose(handles, key);
    if (handle)
        handle->busy = 1;
    apr_thread_mutex_unlock(handles->lock);

    if (handle && !prepare(handle, key)) {
        pwl_handles_give(handles, handle, 0);
        return NULL;
    }
    return handle;
}

void pwl_handles_give(pwl_handles_t *handles, pwl_handle_t *handle, int keep)
{
    if (!keep)
        drop(handle);
    apr_thread_mutex_lock(handles->lock);
    handle->used = ++handles->calls;
    handle->busy = 0;
    apr_thread_mutex_unlock(handles->lock);
}
