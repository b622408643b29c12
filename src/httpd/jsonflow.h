/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of `login`, `code` and `logout` to programs: the steps of a sign-in
 * as JSON. Every function ends the request, as those of httpd/respond.h do.
 */
#ifndef PWL_HTTPD_JSONFLOW_H
#define PWL_HTTPD_JSONFLOW_H

#include "core/page_step.h"
#include "httpd/request.h"

/** A page as a step: step 1. */
pwl_page_step_t pwl_jsonflow_step1(const pwl_realm_t *realm,
                                   const pwl_page_address_t *page);

/** Step 2. */
pwl_page_step_t pwl_jsonflow_step2(const pwl_realm_t *realm,
                                   const pwl_page_code_t *page);

/** Where a page would be shown: the step, by a status that says whether a POST
 * did what it was asked. */
int pwl_jsonflow_tell(request_rec *r, const pwl_realm_t *realm,
                      const pwl_page_step_t *step);

/** Where a browser would be sent on: it is signed in, or out. */
int pwl_jsonflow_done(request_rec *r, const pwl_realm_t *realm, int signed_in,
                      const char *target);

/** Signed out here: `url` is where the browser signs out of the tenant, which
 * leads back to us and on to `target`. */
int pwl_jsonflow_out(request_rec *r, const pwl_realm_t *realm,
                     const char *target, const char *url);

/** On to the tenant's own page at `url`: because it wants more than a code
 * (`asked`), or, with PWL_OK, because this host has no other way in. */
int pwl_jsonflow_hosted(request_rec *r, const pwl_realm_t *realm,
                        pwl_result_t asked, const char *url);

#endif
