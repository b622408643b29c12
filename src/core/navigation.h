/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a person looking at this request, or a program?
 *
 * A page view without a session is sent to the sign-in page. Anything else
 * gets 401: a redirect that a program follows hands it HTML with status 200,
 * and a prefetch that starts a sign-in starts it for nobody.
 */
#ifndef PWL_CORE_NAVIGATION_H
#define PWL_CORE_NAVIGATION_H

/** Request headers by name; NULL for one that is absent. */
typedef struct {
    const char *method, *accept, *sec_fetch_mode, *sec_fetch_dest, *sec_purpose,
        *purpose, *x_moz, *x_requested_with, *hx_request, *upgrade;
} pwl_navigation_t;

/** @return true if this is a browser loading a page in a tab: GET or HEAD,
 * not prefetched, not fetched by a script or into a frame, and ready to show
 * HTML rather than JSON */
int pwl_navigation_is_page(const pwl_navigation_t *nav);

/** @return true if `accept` ranks JSON above HTML, or names application/json
 * (or a type ending in "+json") and no HTML at all; false for NULL */
int pwl_navigation_wants_json(const char *accept);

#endif
