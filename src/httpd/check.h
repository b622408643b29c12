/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `httpd -t` finds: configurations that could not work.
 *
 * Runs in the check_config phase, because post_config is not run by -t. Pure:
 * reads files it is told to read, runs nothing, asks nobody.
 */
#ifndef PWL_HTTPD_CHECK_H
#define PWL_HTTPD_CHECK_H

#include <httpd.h>

int pwl_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *s);

#endif
