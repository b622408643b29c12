/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many calls to tenants all children together make at once, in shared
 * memory. It is for servers whose children do one thing at a time (prefork):
 * there a bound for each child (io/handles.h) leaves no child for the pages of
 * the site.
 *
 *     free --enter--> held, with an end --leave--> free
 *                          |
 *                          '--its end passes--> free
 *
 * Who is killed with a place in hand keeps it no longer than its call could
 * have taken. All words are changed by atomic instructions.
 */
#ifndef PWL_IO_BULKHEAD_H
#define PWL_IO_BULKHEAD_H

#include <apr.h>
#include <apr_time.h>

/** As many as Auth0MaxCalls can say. */
#define PWL_BULKHEAD_PLACES 10000

typedef struct pwl_bulkhead_t pwl_bulkhead_t;

/** A place that is held. */
typedef struct {
    int at; /* -1: none */
    apr_time_t until;
} pwl_bulkhead_place_t;

/** Bytes of a table; zeroed memory, aligned for a 64-bit number, is a new
 * one. */
apr_size_t pwl_bulkhead_bytes(void);

/**
 * Take one of the first `max` places.
 * @param max   up to PWL_BULKHEAD_PLACES
 * @param now   of a clock that nobody sets, the same for all processes
 * @param life  what the call takes at most
 * @return the place; at == -1: all are held
 */
pwl_bulkhead_place_t pwl_bulkhead_enter(pwl_bulkhead_t *bulkhead, int max,
                                        apr_time_t now,
                                        apr_interval_time_t life);

/** Give it back. One that ran out meanwhile, and is somebody else's by now,
 * stays theirs. */
void pwl_bulkhead_leave(pwl_bulkhead_t *bulkhead, pwl_bulkhead_place_t place);

#endif
