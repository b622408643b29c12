/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file of messages; what is in it is core/messages.h's business. */
#ifndef PWL_IO_MESSAGEFILE_H
#define PWL_IO_MESSAGEFILE_H

#include <apr_pools.h>

/**
 * Read a file.
 *
 * @param path  absolute
 * @param text  NUL-terminated, `*len` bytes
 * @return NULL, or what is wrong with it: missing, a folder, FIFO or symbolic
 *         link, over PWL_MESSAGES_MAX_BYTES
 */
const char *pwl_messagefile_read(const char *path, char **text, apr_size_t *len,
                                 apr_pool_t *pool);

#endif
