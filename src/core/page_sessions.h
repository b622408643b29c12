/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `SetHandler auth0-sessions` shows an operator: who is signed in, in
 * three formats of one content. English, like the log.
 */
#ifndef PWL_CORE_PAGE_SESSIONS_H
#define PWL_CORE_PAGE_SESSIONS_H

#include "core/page.h"

typedef enum {
    PWL_PAGE_SESSIONS_HTML,
    PWL_PAGE_SESSIONS_TEXT, /* one line a session, columns parted by TAB */
    PWL_PAGE_SESSIONS_JSON
} pwl_page_sessions_format_t;

typedef struct {
    const char *ref;     /* names the session, opens nothing */
    const char *user;    /* masked */
    const char *network; /* where it was signed in from, or NULL */
    apr_time_t created, last_seen;
} pwl_page_sessions_row_t;

typedef struct {
    const pwl_page_sessions_row_t *rows;
    int count;
    apr_uint64_t total; /* of this host; more than count if some are left out */
    apr_time_t now;
    const char *style; /* URL of status.css, or NULL */
} pwl_page_sessions_t;

/** @return `len` bytes, NUL-terminated, from `pool` */
const char *pwl_page_sessions(const pwl_page_site_t *site,
                              const pwl_page_sessions_t *page,
                              pwl_page_sessions_format_t format,
                              apr_pool_t *pool, apr_size_t *len);

#endif
