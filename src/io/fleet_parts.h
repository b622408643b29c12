/* SPDX-License-Identifier: Apache-2.0 */
/* What a fleet is made of: for io/fleet*.c, nobody else. */
#ifndef PWL_IO_FLEET_PARTS_H
#define PWL_IO_FLEET_PARTS_H

#include "io/fleet.h"
#include "io/remotelogout.h"
#include "io/remotethrottle.h"
#include "io/remotetxns.h"

struct pwl_fleet_t {
    pwl_sessions_t *table;
    pwl_remote_t *remote;         /* NULL: the table is all there is */
    pwl_remotelease_t *lease;     /* with `remote` */
    pwl_remotelogout_t *ended;    /* with `remote` */
    pwl_remotethrottle_t *counts; /* with `remote` */
    pwl_remotetxns_t *signins;    /* with `remote` */
    pwl_follow_t *follow;         /* with `remote` */
    pwl_txns_t *txns;             /* of this machine; not used with `remote` */
    pwl_logouts_t *logouts;       /* of this machine; NULL: none are kept */
    pwl_throttles_t *throttles; /* of this machine; NULL: nothing is counted */
    pwl_throttles_t *known;     /* with `throttles`: who has signed in */
    const unsigned char *throttle_key; /* of the digests in both */
    apr_interval_time_t longest;
};

#endif
