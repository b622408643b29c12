/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of Auth0Script, read whole when httpd starts.
 *
 * It is served from memory under a name that carries its hash, so what a page
 * names and what the browser gets cannot differ while httpd runs.
 */
#ifndef PWL_IO_SCRIPTFILE_H
#define PWL_IO_SCRIPTFILE_H

#include <apr_pools.h>

#include "core/assets.h"
#include "core/script.h"

typedef struct {
    pwl_asset_t asset;
    const char *hash; /* for the integrity attribute */
} pwl_scriptfile_t;

/**
 * Read a file and judge it.
 *
 * @param path  absolute
 * @param hash  what it must have, "sha384-…"; NULL: whatever it has
 * @param out   untouched unless it is good
 * @return NULL, or one line that says what is wrong and how to get the right
 *         file: missing, a folder, over PWL_SCRIPT_MAX_BYTES, something else
 */
const char *pwl_scriptfile_read(const char *path, const char *hash,
                                pwl_script_kind_t kind, pwl_scriptfile_t *out,
                                apr_pool_t *pool);

#endif
