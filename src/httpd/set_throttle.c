/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setters of what bounds codes: how many, for whom not, and the address that
 * gets none.
 */
#include <apr_network_io.h>
#include <apr_strings.h>

#include "core/address.h"
#include "core/phone.h"
#include "httpd/set.h"

const char *pwl_set_throttle(cmd_parms *cmd, void *dir, const char *arg)
{
    pwl_throttle_limit_t *limits = pwl_set_field(cmd, dir);
    pwl_throttle_limit_t limit = {0, 0};
    pwl_throttle_kind_t kind = PWL_THROTTLE_BY_ADDRESS;
    const char *bad = pwl_throttle_parse(arg, &kind, &limit, cmd->pool);

    if (!bad)
        limits[kind] = limit;
    return pwl_set_complain(cmd, bad);
}

/* Does a network hold both ends of what there is? */
static int covers(apr_ipsubnet_t *network, const char *first, const char *last,
                  apr_pool_t *pool)
{
    const char *const ends[] = {first, last};

    for (int i = 0; i < 2; i++) {
        apr_sockaddr_t *end;

        if (apr_sockaddr_info_get(&end, ends[i], APR_UNSPEC, 0, 0, pool) !=
                APR_SUCCESS ||
            !apr_ipsubnet_test(network, end))
            return 0;
    }
    return 1;
}

static int is_everybody(apr_ipsubnet_t *network, apr_pool_t *pool)
{
    return covers(network, "0.0.0.0", "255.255.255.255", pool) ||
           covers(network, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                  pool);
}

/* As mod_authz_host reads `Require ip`. */
static apr_ipsubnet_t *read_network(cmd_parms *cmd, const char *ip,
                                    const char *mask)
{
    apr_ipsubnet_t *network;

    if (!*ip || (mask && !*mask) ||
        apr_ipsubnet_create(&network, ip, mask, cmd->pool) != APR_SUCCESS)
        return NULL;
    return network;
}

const char *pwl_set_throttle_exempt(cmd_parms *cmd, void *dir, const char *arg)
{
    apr_array_header_t **networks = pwl_set_field(cmd, dir);
    char *ip = apr_pstrdup(cmd->temp_pool, arg);
    char *mask = strchr(ip, '/');
    apr_ipsubnet_t *network;
    int is_all;

    if (mask)
        *mask++ = '\0';
    network = read_network(cmd, ip, mask);
    /* APR reads no "/0", which is no slip of the pen. */
    is_all = network ? is_everybody(network, cmd->temp_pool)
                     : mask && *mask && strspn(mask, "0.") == strlen(mask);
    if (is_all)
        return pwl_set_refuse(cmd, arg,
                              "covers everybody: name the networks that watch "
                              "this site, or say \"Auth0Throttle client=off\"");
    if (!network)
        return pwl_set_refuse(cmd, arg,
                              "is no address or network (try 192.0.2.7, "
                              "10.0.0.0/8 or 2001:db8::/32)");
    if (!*networks)
        *networks = apr_array_make(cmd->pool, 4, sizeof(apr_ipsubnet_t *));
    APR_ARRAY_PUSH(*networks, apr_ipsubnet_t *) = network;
    return NULL;
}

const char *pwl_set_test_address(cmd_parms *cmd, void *dir, const char *arg)
{
    const char **address = pwl_set_field(cmd, dir);

    /* Which of the two Auth0Connection wants is judged by httpd/check.c. */
    if (pwl_address_tidy(arg, address, cmd->pool) == PWL_OK ||
        pwl_phone_tidy(arg, NULL, address, cmd->pool) == PWL_OK)
        return NULL;
    return pwl_set_refuse(cmd, arg,
                          "is neither an e-mail address nor a telephone "
                          "number with its country code (try "
                          "monitor@example.org or +3215555000)");
}
