/* SPDX-License-Identifier: Apache-2.0 */
/* io/resolve.c with the resolver of fake_dns.h. */
#include <apr_errno.h>

#include "fake_dns.h"
#include "io/resolve.h"
#include "io/wire.h"
#include "tap.h"

static apr_time_t took;

static apr_status_t resolve(const char *host, struct addrinfo **found)
{
    apr_time_t began = pwl_wire_clock();
    apr_status_t rv =
        pwl_resolve(host, 6379, began + apr_time_from_msec(200), found);

    took = pwl_wire_clock() - began;
    return rv;
}

int main(void)
{
    struct addrinfo *found = NULL;

    tap_int("a name", resolve("tenant.test", &found), APR_SUCCESS);
    tap_ok(found && found->ai_family == AF_INET &&
               ((struct sockaddr_in *)found->ai_addr)->sin_port == htons(6379),
           "with the port");
    freeaddrinfo(found);
    tap_int("two addresses", resolve("both.test", &found), APR_SUCCESS);
    tap_ok(found && found->ai_next, "both are there");
    freeaddrinfo(found);
    tap_int("no such name", resolve("none.test", &found), APR_EGENERAL);
    tap_int("a resolver that gives up", resolve("again.test", &found),
            APR_EGENERAL);
    tap_int("D10: one that takes five seconds", resolve("slow.test", &found),
            APR_TIMEUP);
    tap_ok(took < apr_time_from_sec(2),
           "D10: is waited for until the deadline");
    for (int i = 0; i < 20; i++)
        resolve("slow.test", &found);
    tap_ok(took < apr_time_from_sec(2), "D10: however often");
    /* Threads left behind find their record, and end with it. */
    sleep(6);
    tap_int("and others are found meanwhile", resolve("tenant.test", &found),
            APR_SUCCESS);
    freeaddrinfo(found);
    return tap_done();
}
