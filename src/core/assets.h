/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our stylesheets and scripts, compiled in.
 *
 * assets/embed.sh turns assets/pwless.css, pwless.js, client.js, lock.js,
 * link.js and status.css into core/assets_data.h at build time. A file's public name carries the first
 * 12 hex digits of its SHA-256, so an answer may be cached for ever: other
 * bytes have another name.
 */
#ifndef PWL_CORE_ASSETS_H
#define PWL_CORE_ASSETS_H

#include <apr.h>

typedef struct {
    const char *base; /* "pwless.css" */
    const char *name; /* "pwless.0123456789ab.css" */
    const unsigned char *data;
    apr_size_t len;
    const char *content_type; /* with charset */
    const char *etag;         /* strong, with its quotes */
} pwl_asset_t;

/** @param file_name  the last part of the URL, as name above
 * @return the file, or NULL; an older or made-up hash is not found */
const pwl_asset_t *pwl_assets_find(const char *file_name);

/** @param base  "pwless.css", "pwless.js", "client.js", "lock.js", "link.js" or
 * "status.css"
 * @return its public name, or NULL if we have no such file */
const char *pwl_assets_name(const char *base);

#endif
