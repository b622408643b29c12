/* SPDX-License-Identifier: Apache-2.0 */
/* Start of the server and of each child. */
#ifndef PWL_HTTPD_SETUP_H
#define PWL_HTTPD_SETUP_H

#include <httpd.h>

int pwl_setup_pre_config(apr_pool_t *pconf, apr_pool_t *plog,
                         apr_pool_t *ptemp);
int pwl_setup_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *s);
int pwl_setup_monitor(apr_pool_t *pool, server_rec *s);
void pwl_setup_child_init(apr_pool_t *pchild, server_rec *s);

#endif
