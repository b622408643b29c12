/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must stay true: an application is told what it would be told had its
 * URL been asked for by name.
 *
 * Whether the sub-request was given an identity stands in its notes, which are
 * laid over those of the request that becomes it. (Whoever it was, it passed
 * the sub-request's own checks, or there would be no redirect.)
 */
#include "httpd/fastredirect.h"

#include "httpd/gate.h"
#include "httpd/identity.h"
#include "httpd/request.h"
#include "httpd/tokens.h"

#define NOTE "auth0-exported"
#define YES "1"
#define NO "0"

void pwl_fastredirect_judged(request_rec *r)
{
    pwl_request_given(r, r->per_dir_config);
    if (r->main)
        apr_table_setn(r->notes, NOTE, NO);
}

void pwl_fastredirect_exported(request_rec *r)
{
    if (r->main)
        apr_table_setn(r->notes, NOTE, YES);
}

static void export_again(request_rec *r, pwl_request_t *rq,
                         const pwl_dir_conf_t *dir)
{
    if (pwl_request_live_session(r, rq, dir).why == PWL_OK &&
        pwl_identity_export(r, dir, &rq->session).why == PWL_OK)
        pwl_tokens_pass(r, rq, dir);
}

void pwl_fastredirect_settle(request_rec *r)
{
    pwl_request_t *rq = pwl_request_of(r);
    pwl_dir_conf_t dir;
    const char *note;
    int had, has;

    if (!rq || pwl_request_was_given(r) == r->per_dir_config)
        return;
    dir = pwl_conf_dir(r);
    if (pwl_gate_guards(r))
        pwl_tokens_withhold(r, rq, &dir);
    had = has = pwl_identity_is_ours(r);
    /* Without a note its configuration changed in some other way. */
    note = apr_table_get(r->notes, NOTE);
    if (note)
        has = !strcmp(note, YES);
    if (!had && !has)
        return;
    pwl_identity_take_back(r);
    pwl_tokens_take_back(r, rq);
    if (has)
        export_again(r, rq, &dir);
    pwl_request_given(r, r->per_dir_config);
}
