/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a tenant about its settings before any visitor does: the calls behind
 * auth0-check. None of them mails anybody, but for the one that is asked for.
 *
 * They leave traces: a failed login of nobody in the tenant's log, and two
 * starts against the limits of two addresses kept for documentation (RFC 5737).
 */
#ifndef PWL_IO_PREFLIGHT_H
#define PWL_IO_PREFLIGHT_H

#include <apr_tables.h>

#include "core/finding.h"
#include "io/tenant.h"

typedef struct {
    const pwl_tenant_t *tenant;
    const char *issuer;
    const char *callback; /* our callback URL */
    int callback_needed;  /* as pwl_finding_callback() */
    const char *logout;   /* our signed-out page; NULL: Auth0Logout local */
    int forward_ip;       /* Auth0ForwardClientIP */
    pwl_alg_t alg;
    apr_interval_time_t skew;
    const char *send_to; /* mail a code to this address; NULL: to nobody */
} pwl_preflight_t;

/**
 * Ask, and judge. A tenant that cannot be reached is asked nothing more. Takes
 * eight timeouts of a call at most.
 * @return array of pwl_finding_t, in the order of asking
 */
apr_array_header_t *pwl_preflight_run(pwl_https_t *https,
                                      const pwl_preflight_t *want,
                                      apr_pool_t *pool);

#endif
