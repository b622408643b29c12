/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One shard of the session table: its lock, and putting it right after whoever
 * held that lock has died.
 */
#ifndef PWL_IO_SESSIONS_SHARD_H
#define PWL_IO_SESSIONS_SHARD_H

#include "io/sessions_layout.h"

/** Lock the shard of `place`; repair it first if its last writer died.
 * @return APR_SUCCESS, APR_TIMEUP or the system's error */
apr_status_t pwl_sessions_shard_lock(const pwl_sessions_place_t *place);

/** The same without waiting. @return APR_EBUSY when the lock is taken */
apr_status_t pwl_sessions_shard_trylock(const pwl_sessions_place_t *place);

void pwl_sessions_shard_unlock(const pwl_sessions_place_t *place);

/** Build the shard anew from the records in it that are provably whole.
 * Under its lock. */
void pwl_sessions_shard_repair(const pwl_sessions_place_t *place);

#endif
