/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the module is doing: `SetHandler auth0-status`, and a section in
 * mod_status. Works on every host, whether it uses the module or not; who may
 * see it is for the administrator's own Require to say.
 */
#ifndef PWL_HTTPD_STATUS_H
#define PWL_HTTPD_STATUS_H

#include <httpd.h>

/** The handler `auth0-status`. */
int pwl_status_handle(request_rec *r);

/** Register the section of mod_status. Call it from register_hooks. */
void pwl_status_register(void);

#endif
