/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a secret comes from: Auth0ClientSecret, Auth0ClientKey, Auth0SealKey,
 * and the password= and cert= of a Redis.
 *
 *   file:PATH     the file's content without one trailing newline
 *   env:NAME      an environment variable of the httpd that starts
 *   exec:COMMAND  first line the program prints; no shell, 10 s, exit status 0
 *   anything else the secret itself
 *
 * Relative paths count from `server_root`. A file that people outside its
 * owner and group may read or write is refused. `detail` is a sentence with
 * the cure for the person who wrote the configuration; it names the path,
 * variable or program, never the value.
 */
#ifndef PWL_IO_SECRET_H
#define PWL_IO_SECRET_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/assertion.h"
#include "core/reason.h"
#include "core/seal.h"

typedef enum {
    PWL_SECRET_FROM_TEXT,
    PWL_SECRET_FROM_FILE,
    PWL_SECRET_FROM_ENV,
    PWL_SECRET_FROM_EXEC
} pwl_secret_kind_t;

/** @return by the prefix alone */
pwl_secret_kind_t pwl_secret_kind(const char *arg);

/** Is a text that would be the secret itself a path, or a prefix in the wrong
 * letter case? No secret of a tenant looks so.
 * @return NULL, or the cure, which does not quote it */
const char *pwl_secret_slip(const char *arg);

/**
 * Could the secret be read? Runs nothing, so that `httpd -t` may ask.
 *
 * @return PWL_OK, PWL_SECRET_MISSING, _EMPTY, _READABLE, _TOO_LONG (over
 *         PWL_SECRET_MAX_BYTES), _MALFORMED (more than one line, or control
 *         bytes), or _COMMAND (no such program, or not executable)
 */
pwl_result_t pwl_secret_check(const char *arg, const char *server_root,
                              apr_pool_t *pool);

/** Read it. Reasons as above; _COMMAND also for a program that fails, prints
 * nothing or does not end in time. @param out set with PWL_OK only */
pwl_result_t pwl_secret_read(const char *arg, const char *server_root,
                             const char **out, apr_pool_t *pool);

/** pwl_secret_read() with another deadline than 10 s. */
pwl_result_t pwl_secret_read_within(const char *arg, const char *server_root,
                                    apr_interval_time_t deadline,
                                    const char **out, apr_pool_t *pool);

/** May the file at `path` hold a secret? It is looked at, not read.
 * @return PWL_OK, PWL_SECRET_MISSING or PWL_SECRET_READABLE */
pwl_result_t pwl_secret_file(const char *path, apr_pool_t *pool);

/** Read the private key of Auth0ClientKey from the file at `path`.
 * @return as pwl_secret_check() of a file, or PWL_SECRET_KEY */
pwl_result_t pwl_secret_client_key(const char *path, const char *server_root,
                                   pwl_assertion_key_t **out, apr_pool_t *pool);

/** Read one or two lines of base64 (standard or URL alphabet, padded or not),
 * each exactly 32 bytes. `arg` must be file:, env: or exec:.
 * @return as pwl_secret_read(), or PWL_SECRET_KEY */
pwl_result_t pwl_secret_seal_keys(const char *arg, const char *server_root,
                                  pwl_seal_keys_t *out, apr_pool_t *pool);

#endif
