/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resolver that needs no network: it takes the place of the C library's in
 * the test program, for libcurl too. Names it does not know do not exist.
 *
 *   tenant.test   127.0.0.1
 *   six.test      ::1 alone
 *   both.test     ::1, then 127.0.0.1
 *   slow.test     127.0.0.1, after 5 s
 *   again.test    a resolver that gives up
 */
#ifndef PWL_TESTS_FAKE_DNS_H
#define PWL_TESTS_FAKE_DNS_H

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** One answer with its address behind it, so that free() takes both. */
static struct addrinfo *dns_answer(int family, const char *service)
{
    struct addrinfo *one =
        calloc(1, sizeof(*one) + sizeof(struct sockaddr_in6));
    in_port_t port = htons((in_port_t)atoi(service ? service : "0"));

    one->ai_family = family;
    one->ai_socktype = SOCK_STREAM;
    one->ai_protocol = IPPROTO_TCP;
    one->ai_addr = (struct sockaddr *)(one + 1);
    if (family == AF_INET) {
        struct sockaddr_in *four = (struct sockaddr_in *)one->ai_addr;

        one->ai_addrlen = sizeof(*four);
        four->sin_family = AF_INET;
        four->sin_port = port;
        four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)one->ai_addr;

        one->ai_addrlen = sizeof(*six);
        six->sin6_family = AF_INET6;
        six->sin6_port = port;
        six->sin6_addr = in6addr_loopback;
    }
    return one;
}

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **out)
{
    if (hints && hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    if (strcmp(name, "again.test") == 0)
        return EAI_AGAIN;
    if (strcmp(name, "slow.test") == 0)
        sleep(5);
    if (strcmp(name, "six.test") == 0) {
        *out = dns_answer(AF_INET6, service);
        return 0;
    }
    if (strcmp(name, "both.test") == 0) {
        *out = dns_answer(AF_INET6, service);
        (*out)->ai_next = dns_answer(AF_INET, service);
        return 0;
    }
    if (strcmp(name, "tenant.test") != 0 && strcmp(name, "slow.test") != 0)
        return EAI_NONAME;
    *out = dns_answer(AF_INET, service);
    return 0;
}

void freeaddrinfo(struct addrinfo *one)
{
    while (one) {
        struct addrinfo *next = one->ai_next;

        free(one);
        one = next;
    }
}

#endif
