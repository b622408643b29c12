/* SPDX-License-Identifier: Apache-2.0 */
/* The network an IP address stands in, as far as a visitor's identity goes. */
#ifndef PWL_CORE_NETWORK_H
#define PWL_CORE_NETWORK_H

#include <apr_pools.h>

/**
 * The /24 of an IPv4 address or the /48 of an IPv6 one: what one customer of a
 * provider has, more or less, and less than personal data.
 *
 * @param ip  as httpd prints it: IPv4, IPv6 with or without zone, or IPv4
 *            mapped into IPv6, which counts as IPv4
 * @return "192.0.2.0/24", "2001:db8:1::/48", or NULL if it is no address
 */
const char *pwl_network_of(const char *ip, apr_pool_t *pool);

#endif
