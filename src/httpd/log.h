/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines, one an event, with a reason word to grep for. See docs/reasons.md.
 */
#ifndef PWL_HTTPD_LOG_H
#define PWL_HTTPD_LOG_H

#include <httpd.h>

#include "core/reason.h"

/** A request or a step of a sign-in was refused: level by audience, with the
 * reference that the visitor's page shows. Also sets the notes `pwless-event`
 * and `pwless-reason` for LogFormat. */
void pwl_log_refused(request_rec *r, const char *event, pwl_result_t res);

/** Something went well: info. `fmt` gets no secrets and no full addresses. */
void pwl_log_event(request_rec *r, const char *event, const char *detail);

/** The reference of this request: httpd's log id, made up if there is none. */
const char *pwl_log_reference(request_rec *r);

#endif
