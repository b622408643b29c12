/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Percent-encoded bytes, as in forms, queries and paths.
 *
 * Whoever decodes loops over the text himself: what a broken sequence means
 * differs from place to place, what a good one means does not.
 */
#ifndef PWL_CORE_PERCENT_H
#define PWL_CORE_PERCENT_H

/**
 * Read the byte that "%XX" at `p` stands for.
 *
 * @param p    at a '%'
 * @param end  one past the last byte that may be read
 * @return 0 to 255, or -1 unless two hex digits follow
 */
int pwl_percent_read(const char *p, const char *end);

#endif
