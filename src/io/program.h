/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a program for the one line it prints.
 *
 * No shell, nothing on its standard input, the environment and standard error
 * of httpd. There is one deadline for printing and ending; then it is killed.
 */
#ifndef PWL_IO_PROGRAM_H
#define PWL_IO_PROGRAM_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"

/**
 * Split a command into words (quotes and backslashes as in a shell, nothing
 * else) and look whether the first is a program. Runs nothing.
 *
 * @param server_root  where a relative path counts from
 * @param argv         NULL-terminated; argv[0] is a full path
 * @return PWL_OK or PWL_SECRET_COMMAND
 */
pwl_result_t pwl_program_find(const char *command, const char *server_root,
                              char ***argv, apr_pool_t *pool);

/**
 * Run it and keep its first line, with its line end if there is one, cut
 * after PWL_SECRET_MAX_BYTES + 3 bytes. The rest is read and thrown away.
 *
 * @param text  writable, `*len` bytes and a NUL
 * @return PWL_OK if it ended with status 0 in time, else PWL_SECRET_COMMAND
 */
pwl_result_t pwl_program_first_line(char **argv, apr_interval_time_t deadline,
                                    char **text, apr_size_t *len,
                                    apr_pool_t *pool);

#endif
