/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is looked at before it is opened: opening a FIFO could wait for
 * ever. One byte more than allowed is asked for, so a file that grows while it
 * is read is too large, and is never cut.
 */
#include "io/messagefile.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core/limits.h"

static const char *unreadable(apr_status_t rv, apr_pool_t *pool)
{
    char error[120];

    return apr_pstrcat(pool, "cannot be read (",
                       apr_strerror(rv, error, sizeof(error)), ")", NULL);
}

const char *pwl_messagefile_read(const char *path, char **text, apr_size_t *len,
                                 apr_pool_t *pool)
{
    apr_finfo_t info;
    apr_file_t *file;
    apr_status_t rv;

    rv = apr_stat(&info, path, APR_FINFO_TYPE | APR_FINFO_LINK, pool);
    if (rv == APR_SUCCESS && info.filetype == APR_LNK)
        return "is a symbolic link: name the file itself";
    if (rv == APR_SUCCESS && info.filetype != APR_REG)
        return "is no file";
    if (rv == APR_SUCCESS)
        rv = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY,
                           APR_OS_DEFAULT, pool);
    if (rv != APR_SUCCESS)
        return unreadable(rv, pool);
    *text = apr_palloc(pool, PWL_MESSAGES_MAX_BYTES + 2);
    rv = apr_file_read_full(file, *text, PWL_MESSAGES_MAX_BYTES + 1, len);
    apr_file_close(file);
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EOF(rv))
        return unreadable(rv, pool);
    (*text)[*len] = '\0';
    return *len > PWL_MESSAGES_MAX_BYTES
               ? apr_psprintf(pool, "is larger than %d bytes",
                              PWL_MESSAGES_MAX_BYTES)
               : NULL;
}
