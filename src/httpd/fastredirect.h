/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that became another one on its way (ap_internal_fast_redirect).
 *
 *   GET /one/ -> access is checked for the folder, identity exported
 *             -> mod_dir or mod_negotiation asks for /one/index.cgi by a
 *                sub-request: checked and exported anew, by its own sections
 *             -> the folder's request takes over file and configuration of the
 *                sub-request, lays its variables on top, keeps its own headers
 *
 * So the application would be told what the folder allows, whatever stands in
 * <Files>. Before the handler runs, identity and token are exported once more,
 * by the configuration that holds now, if it is not the one they were exported
 * by; that is one comparison for all requests to which nothing happened.
 */
#ifndef PWL_HTTPD_FASTREDIRECT_H
#define PWL_HTTPD_FASTREDIRECT_H

#include <httpd.h>

/** Access to this request is judged by its configuration of now; nothing has
 * been exported yet. */
void pwl_fastredirect_judged(request_rec *r);

/** Identity was exported to it. */
void pwl_fastredirect_exported(request_rec *r);

/** insert_filter: export again if the configuration is another by now. */
void pwl_fastredirect_settle(request_rec *r);

#endif
