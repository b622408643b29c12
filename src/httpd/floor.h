/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least time of an answer that must not tell what the tenant knows of an
 * address (Auth0MinSendTime, ux.md B.2): a code asked for, a code that is not
 * right. How long the tenant thinks about an address it knows and about one it
 * does not is seen by nobody who waits for both as long.
 *
 *   enter -> the call to the tenant -> leave: sleep until the time is over
 *
 * A worker that sleeps serves nobody. So one has to have a place before it
 * calls, of as many as three quarters of all workers of all children, and no
 * fewer than may call at once: pages of the site have the last quarter.
 */
#ifndef PWL_HTTPD_FLOOR_H
#define PWL_HTTPD_FLOOR_H

#include "httpd/realm.h"
#include "io/bulkhead.h"

/** An answer under way. */
typedef struct {
    apr_time_t until; /* of pwl_wire_clock(); 0: at once */
    pwl_bulkhead_place_t place;
} pwl_floor_t;

/** Tell this child, before its threads.
 * @param workers  of all children together
 * @param calls    to the tenant that all children may make at once */
void pwl_floor_child_init(int workers, int calls);

/** Take a place, and note the time.
 * @param call  what is going to be called
 * @return 0: all are taken; make no call (it is counted as one that was not
 *         made), and answer PWL_HTTPS_BUSY. Else pwl_floor_leave() follows */
int pwl_floor_enter(pwl_floor_t *floor, const pwl_realm_t *realm,
                    pwl_metric_call_t call);

/** Give the place back.
 * @param hold  the answer looks the same for all addresses: sleep first. An
 *              answer that took longer is counted and logged */
void pwl_floor_leave(const pwl_floor_t *floor, request_rec *r,
                     const pwl_realm_t *realm, int hold);

#endif
