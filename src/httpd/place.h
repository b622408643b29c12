/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where sessions are: from Auth0SessionStore to one io/fleet.h a child.
 */
#ifndef PWL_HTTPD_PLACE_H
#define PWL_HTTPD_PLACE_H

#include <httpd.h>

#include "httpd/conf.h"
#include "io/fleet.h"
#include "io/store.h"

/** What is wrong with the main server's Auth0SessionStore and what it needs,
 * in one line without secrets; NULL when nothing is. For httpd -t. */
const char *pwl_place_check(const pwl_server_conf_t *conf, apr_pool_t *pool);

/** What pwl_store_open() keeps between configurations. */
pwl_store_kept_t *pwl_place_kept(void);

/** Note where sessions are, for the next configuration.
 * @return have they moved to Redis, from it, or to another one? */
int pwl_place_compare(const pwl_server_conf_t *conf, apr_pool_t *pool);

/**
 * Read secrets and look whether Redis answers; that it does not is logged,
 * and no reason not to start.
 * @return PWL_OK, or what failed
 */
pwl_result_t pwl_place_open(server_rec *s, pwl_store_t *store, apr_pool_t *pool,
                            apr_pool_t *temp);

/** Make this child's. @return 0 when libcrypto or a mutex fails */
int pwl_place_child_init(apr_pool_t *pool);

/** The store of the current configuration, or NULL before there is one. */
const pwl_store_t *pwl_place_store(void);

/** This child's; made before its threads. */
pwl_fleet_t *pwl_place_fleet(void);

/** Log that Redis failed or came back, once for all children. */
void pwl_place_tell(server_rec *s, apr_pool_t *pool);

#endif
