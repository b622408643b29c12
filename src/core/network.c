/* SPDX-License-Identifier: Apache-2.0 */
#include "core/network.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <string.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0,    0,
                                         0, 0, 0, 0, 0xff, 0xff};

static const char *network(int family, const unsigned char *address, int bits,
                           apr_pool_t *pool)
{
    unsigned char bytes[16] = {0};
    char text[INET6_ADDRSTRLEN];

    memcpy(bytes, address, (size_t)bits / 8);
    if (!inet_ntop(family, bytes, text, sizeof(text)))
        return NULL;
    return apr_psprintf(pool, "%s/%d", text, bits);
}

const char *pwl_network_of(const char *ip, int v4_bits, int v6_bits,
                           apr_pool_t *pool)
{
    unsigned char bytes[16];
    const char *zone;

    if (!ip)
        return NULL;
    zone = strchr(ip, '%');
    if (zone)
        ip = apr_pstrmemdup(pool, ip, (apr_size_t)(zone - ip));
    if (inet_pton(AF_INET, ip, bytes) == 1)
        return network(AF_INET, bytes, v4_bits, pool);
    if (inet_pton(AF_INET6, ip, bytes) != 1)
        return NULL;
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
        return network(AF_INET, bytes + sizeof(mapped), v4_bits, pool);
    return network(AF_INET6, bytes, v6_bits, pool);
}
