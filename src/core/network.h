/* SPDX-License-Identifier: Apache-2.0 */
/* The network an IP address stands in, for counting and for lists. */
#ifndef PWL_CORE_NETWORK_H
#define PWL_CORE_NETWORK_H

#include <apr_pools.h>

/**
 * The network of an address.
 *
 * @param v4_bits, v6_bits  how much of an IPv4 or IPv6 address counts; whole
 *                          bytes, at most 32 and 128
 * @param ip  as httpd prints it: IPv4, IPv6 with or without zone, or IPv4
 *            mapped into IPv6, which counts as IPv4
 * @return "192.0.2.0/24", "2001:db8:1::/48", or NULL if it is no address
 */
const char *pwl_network_of(const char *ip, int v4_bits, int v6_bits,
                           apr_pool_t *pool);

#endif
