/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/floor.h"

#include <openssl/rand.h>

#include "httpd/log.h"
#include "httpd/place.h"
#include "io/wire.h"

static int places = 1; /* of all children */

void pwl_floor_child_init(int workers, int calls)
{
    places = workers * 3 / 4 > calls ? workers * 3 / 4 : calls;
    if (places > PWL_BULKHEAD_PLACES)
        places = PWL_BULKHEAD_PLACES;
}

/* Up to a twentieth more: what the module does after the tenant's answer takes
 * some microseconds more or less for some addresses, too. */
static apr_interval_time_t with_jitter(apr_interval_time_t least)
{
    apr_uint16_t random = 0;

    (void)RAND_bytes((unsigned char *)&random, sizeof(random));
    return least + least / 20 * random / APR_UINT16_MAX;
}

int pwl_floor_enter(pwl_floor_t *floor, const pwl_realm_t *realm,
                    pwl_metric_call_t call)
{
    apr_time_t now = pwl_wire_clock();
    apr_interval_time_t least = realm->min_send;

    floor->until = 0;
    floor->place.at = -1;
    if (least == 0)
        return 1;
    floor->until = now + with_jitter(least);
    floor->place =
        pwl_bulkhead_enter(realm->store->waiting, places, now,
                           floor->until - now + realm->policy.call_limit);
    if (floor->place.at >= 0)
        return 1;
    pwl_counters_call(realm->store->counters, call, PWL_HTTPS_BUSY, 0);
    return 0;
}

void pwl_floor_leave(const pwl_floor_t *floor, request_rec *r,
                     const pwl_realm_t *realm, int hold)
{
    apr_interval_time_t left = floor->until - pwl_wire_clock();

    if (floor->until == 0)
        return;
    if (hold && left > 0)
        apr_sleep(left);
    else if (hold) {
        pwl_counters_add(realm->store->counters, PWL_METRIC_FLOOR_EXCEEDED, 0);
        pwl_log_slow(r, realm);
    }
    pwl_bulkhead_leave(realm->store->waiting, floor->place);
}
