/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines, one an event, with a reason word to grep for. See docs/reasons.md.
 */
#ifndef PWL_HTTPD_LOG_H
#define PWL_HTTPD_LOG_H

#include <httpd.h>

#include "core/reason.h"
#include "httpd/realm.h"

/** A request or a step of a sign-in was refused: level by audience, with the
 * reference that the visitor's page shows. Also sets the notes `pwless-event`
 * and `pwless-reason` for LogFormat. */
void pwl_log_refused(request_rec *r, const char *event, pwl_result_t res);

/** Something went well: info. `fmt` gets no secrets and no full addresses. */
void pwl_log_event(request_rec *r, const char *event, const char *detail);

/** A page view by plain http is sent to the https address of its host: info. A
 * warning, once a minute in each child, if a proxy says that the browser did
 * use https: it will be back at once. The header decides nothing else. */
void pwl_log_plain(request_rec *r, const pwl_realm_t *realm);

/** The tenant took longer than Auth0MinSendTime over an address: a warning,
 * once a minute in each child. */
void pwl_log_slow(request_rec *r, const pwl_realm_t *realm);

/** The reference of this request: httpd's log id, made up if there is none. */
const char *pwl_log_reference(request_rec *r);

#endif
