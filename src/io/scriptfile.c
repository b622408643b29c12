/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One byte more than allowed is asked for, so a file that grows while it is
 * read is too large, and is never cut.
 */
#include "io/scriptfile.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>

#include "core/limits.h"

static const char *complain(const char *path, const char *what,
                            pwl_script_kind_t kind, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "\"", path, "\" ", what, ": ",
                       pwl_script_cure(kind), NULL);
}

/* What keeps the file from being read; NULL: it is in `text`. */
static const char *read_whole(const char *path, char **text, apr_size_t *len,
                              apr_pool_t *pool)
{
    char error[120];
    apr_finfo_t info;
    apr_file_t *file;
    apr_status_t rv;

    rv = apr_stat(&info, path, APR_FINFO_TYPE, pool);
    if (rv == APR_SUCCESS && info.filetype != APR_REG)
        return "is no file";
    if (rv == APR_SUCCESS)
        rv = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY,
                           APR_OS_DEFAULT, pool);
    if (rv != APR_SUCCESS)
        return apr_pstrcat(pool, "cannot be read (",
                           apr_strerror(rv, error, sizeof(error)), ")", NULL);
    *text = apr_palloc(pool, PWL_SCRIPT_MAX_BYTES + 2);
    rv = apr_file_read_full(file, *text, PWL_SCRIPT_MAX_BYTES + 1, len);
    apr_file_close(file);
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EOF(rv))
        return apr_pstrcat(pool, "cannot be read (",
                           apr_strerror(rv, error, sizeof(error)), ")", NULL);
    (*text)[*len] = '\0';
    return *len > PWL_SCRIPT_MAX_BYTES ? "is larger than 4 MB" : NULL;
}

/* The file is read into a pool of its own: what is kept has its own size. */
static const char *judge(const char *path, const char *hash,
                         pwl_script_kind_t kind, pwl_scriptfile_t *out,
                         apr_pool_t *pool, apr_pool_t *scratch)
{
    const char *what;
    const char *has;
    apr_size_t len;
    char *text;

    what = read_whole(path, &text, &len, scratch);
    if (!what)
        what = pwl_script_judge(text, len, kind);
    if (what)
        return complain(path, what, kind, pool);
    has = pwl_script_hash(text, len, pool);
    if (!has)
        return "cannot be worked with: libcrypto has no SHA-384";
    if (hash && strcmp(hash, has) != 0)
        return apr_pstrcat(pool, "\"", path,
                           "\" is not the file of that hash, "
                           "its own is ",
                           has, NULL);
    out->hash = has;
    out->asset.base = kind == PWL_SCRIPT_LOCK ? "lock.js" : "auth0.js";
    out->asset.name = pwl_script_name(text, len, kind, pool);
    out->asset.data = apr_pmemdup(pool, text, len);
    out->asset.len = len;
    out->asset.content_type = "text/javascript; charset=utf-8";
    out->asset.etag = apr_pstrcat(pool, "\"", out->asset.name, "\"", NULL);
    return NULL;
}

const char *pwl_scriptfile_read(const char *path, const char *hash,
                                pwl_script_kind_t kind, pwl_scriptfile_t *out,
                                apr_pool_t *pool)
{
    const char *bad;
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    bad = judge(path, hash, kind, out, pool, scratch);
    apr_pool_destroy(scratch);
    return bad;
}
