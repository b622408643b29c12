/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for a session table: anonymous, or a mapped file that outlives the
 * server.
 *
 *     first page   magic, version, size, key, checksum
 *     the rest     the table (io/sessions.h)
 *
 * The file belongs to the user who starts httpd (root), mode 0600, and one
 * server at a time has it, by flock. It is on a local disk; its blocks are all
 * allocated when it is made, because a full disk would else end a process that
 * writes to the mapping (SIGBUS).
 *
 * What is in the file is safe from the death of any or all processes at once,
 * the kernel has it. After a crash of the machine the last changes are missing,
 * those since pwl_sessionfile_flush() at worst.
 */
#ifndef PWL_IO_SESSIONFILE_H
#define PWL_IO_SESSIONFILE_H

#include <apr_pools.h>

#include "core/reason.h"
#include "core/seal.h"

/** Longest path, with its NUL. Room for a suffix is kept. */
#define PWL_SESSIONFILE_PATH_MAX 1024

/* How long to wait for another server to let go of the file. */
#define PWL_SESSIONFILE_WAIT_SECONDS 5

typedef struct {
    void *map;        /* all of it; NULL: there is none */
    void *table;      /* where the table goes, page aligned */
    apr_size_t bytes; /* of the table */
    int fd;           /* -1: anonymous memory */
    char path[PWL_SESSIONFILE_PATH_MAX]; /* "": anonymous memory */
} pwl_sessionfile_t;

/**
 * Judge a path, without making or changing anything (httpd -t).
 * @return NULL, or one line that says what is wrong and what to do
 */
const char *pwl_sessionfile_judge(const char *path, apr_pool_t *pool);

/** Memory that is no file's, `bytes` for the table.
 * @return PWL_OK; PWL_STORE_FAILED with rv */
pwl_result_t pwl_sessionfile_anonymous(apr_size_t bytes,
                                       pwl_sessionfile_t *out);

/**
 * Open the file if there is one.
 *
 * What cannot be trusted or used (a symbolic link, another owner, mode, kind,
 * version or size, a damaged first page) is set aside.
 *
 * @param path   absolute
 * @param key    what sealed cookies are sealed with, read from the file
 * @param out    out->map is NULL if there is no such file, or none any more
 * @param aside  NULL, or why a file was set aside
 * @return PWL_OK; PWL_STORE_FAILED with rv and detail: not to be read, in use
 *         by another server, or not to be set aside
 */
pwl_result_t pwl_sessionfile_open(const char *path,
                                  unsigned char key[PWL_SEAL_KEY_BYTES],
                                  pwl_sessionfile_t *out, const char **aside,
                                  apr_pool_t *pool);

/**
 * Make a file of `bytes` for the table. It becomes the file of that path by
 * pwl_sessionfile_replace(), when a table is in it; so what stands at the path
 * is whole at any time.
 * @return PWL_OK; PWL_STORE_FAILED with rv and detail
 */
pwl_result_t pwl_sessionfile_make(const char *path, apr_size_t bytes,
                                  const unsigned char key[PWL_SEAL_KEY_BYTES],
                                  pwl_sessionfile_t *out, apr_pool_t *pool);

/** Write all to disk, then put it at its path.
 * @return PWL_OK; PWL_STORE_FAILED with rv and detail */
pwl_result_t pwl_sessionfile_replace(pwl_sessionfile_t *file);

/** Rename a file that turned out to be useless to PATH.aside, in place of an
 * earlier one, and close it. @return PWL_OK; PWL_STORE_FAILED with rv */
pwl_result_t pwl_sessionfile_set_aside(pwl_sessionfile_t *file);

/** Let go of memory that others still use: it stays mapped. A file is renamed
 * to PATH.aside first; its lock ends when the last process closes it.
 * @return PWL_OK; PWL_STORE_FAILED with rv: it is still at its path */
pwl_result_t pwl_sessionfile_abandon(pwl_sessionfile_t *file);

/** Does the path still lead to this file? Anonymous memory: yes. */
int pwl_sessionfile_in_place(const pwl_sessionfile_t *file);

/** Begin to write what has changed to the disk; does not wait for it. */
void pwl_sessionfile_flush(const pwl_sessionfile_t *file);

/** Unmap and let go; the file stays. */
void pwl_sessionfile_close(pwl_sessionfile_t *file);

#endif
