/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `httpd -t -D AUTH0_CHECK`: ask the tenant of each host about its settings
 * and say what is wrong with them. tools/auth0-check calls it.
 */
#ifndef PWL_HTTPD_PREFLIGHT_H
#define PWL_HTTPD_PREFLIGHT_H

#include <httpd.h>

/** The test_config hook. Without the Define it does nothing. With it, it ends
 * the process with status 1 when a host's sign-ins cannot work. */
void pwl_preflight_test(apr_pool_t *pconf, server_rec *s);

#endif
