/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client addresses: the network of an address is that of its own first
 * address, and two addresses are in one network only if their first bits are
 * the same.
 */
#include "target.h"

#include <arpa/inet.h>

#include "core/network.h"
#include "input.h"

static void check(const char *ip, int v4_bits, int v6_bits, apr_pool_t *pool)
{
    const char *network = pwl_network_of(ip, v4_bits, v6_bits, pool);
    unsigned char bytes[16];
    char *first;
    int bits;

    if (!network)
        return;
    first = apr_pstrdup(pool, network);
    PROMISE(strchr(first, '/') && strlen(first) <= INET6_ADDRSTRLEN + 4);
    bits = atoi(strchr(first, '/') + 1);
    *strchr(first, '/') = '\0';
    PROMISE(bits == (strchr(first, ':') ? v6_bits : v4_bits));
    PROMISE(inet_pton(strchr(first, ':') ? AF_INET6 : AF_INET, first, bytes) ==
            1);
    for (int i = bits / 8; i < (strchr(first, ':') ? 16 : 4); i++)
        PROMISE(bytes[i] == 0);
    /* "::ffff:0:0" is a network of IPv6 whose address is one of IPv4. */
    if (strncmp(first, "::", 2) != 0)
        PROMISE(strcmp(pwl_network_of(first, v4_bits, v6_bits, pool),
                       network) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = input_pool();
    const char *ip = apr_pstrmemdup(pool, (const char *)data, size);

    check(ip, 24, 48, pool);
    check(ip, 32, 64, pool);
    check(ip, 32, 128, pool);
    apr_pool_destroy(pool);
    return 0;
}
