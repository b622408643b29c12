/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the calls to the tenant share: a TLS server, and what it was
 * told last. */
#ifndef PWL_TESTS_TENANT_FIXTURE_H
#define PWL_TESTS_TENANT_FIXTURE_H

#include <apr_general.h>
#include <apr_strings.h>

#include "io/tenant.h"
#include "tap.h"
#include "tls_server.h"

#define NOW apr_time_from_sec(APR_INT64_C(1800000000))

static apr_pool_t *pool;
static tls_server_t server;
static pwl_https_t *https;
static pwl_visitor_t visitor = {.now = NOW};

static const char *last_body(void)
{
    const char *end = strstr(server.seen->last, "\r\n\r\n");

    return end ? end + 4 : "";
}

static int said(const char *part)
{
    return strstr(server.seen->last, part) != NULL;
}

/* Runs `tests` with a tenant that `script` answers for. */
static int with_tenant(pwl_tenant_t *tenant, int (*script)(tls_conn_t *conn),
                       void (*tests)(void))
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    tls_setup();
    server = tls_start(TLS_GOOD, script);
    tenant->domain = apr_psprintf(pool, "127.0.0.1:%d", server.port);
    https = pwl_https_make(2, pool);
    tests();
    tls_stop(&server);
    apr_pool_destroy(pool);
    tls_teardown();
    apr_terminate();
    return tap_done();
}

#endif
