/* SPDX-License-Identifier: Apache-2.0 */
/* Which network an address is counted and shown as. */
#include "core/network.h"

#include <apr_general.h>

#include "tap.h"

static const struct {
    const char *ip, *network;
} rows[] = {
    {"192.0.2.77", "192.0.2.0/24"},
    {"0.0.0.0", "0.0.0.0/24"},
    {"255.255.255.255", "255.255.255.0/24"},
    {"2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"},
    {"2001:DB8:ffff:ffff::1", "2001:db8:ffff::/48"},
    {"::1", "::/48"},
    {"::ffff:192.0.2.77", "192.0.2.0/24"},
    {"fe80::1%eth0", "fe80::/48"},
    {"", NULL},
    {"192.0.2", NULL},
    {"192.0.2.300", NULL},
    {"192.0.2.1:80", NULL},
    {"[::1]", NULL},
    {"localhost", NULL},
    {"192.0.2.1 ", NULL},
    {NULL, NULL},
};

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        tap_str(rows[i].ip ? rows[i].ip : "nothing",
                pwl_network_of(rows[i].ip, 24, 48, pool), rows[i].network);
    tap_str("one IPv4 client", pwl_network_of("192.0.2.77", 32, 64, pool),
            "192.0.2.77/32");
    tap_str("one IPv6 client",
            pwl_network_of("2001:db8:1:2:3:4:5:6", 32, 64, pool),
            "2001:db8:1:2::/64");
    tap_str("all of it", pwl_network_of("2001:db8::1", 32, 128, pool),
            "2001:db8::1/128");
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
