/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Non-blocking sockets and poll().
 *
 * SO_RCVTIMEO starts anew with each read, so that a server which trickles
 * bytes holds its client for as long as it likes. Here each wait is given
 * what is left of one deadline, rounded up to a millisecond.
 */
#include "io/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/resolve.h"

struct pwl_wire_t {
    int fd;
};

apr_time_t pwl_wire_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (apr_time_t)now.tv_sec * APR_USEC_PER_SEC + now.tv_nsec / 1000;
}

static pwl_result_t failed(apr_status_t rv, const char *detail)
{
    pwl_result_t res = {PWL_STORE_FAILED, rv, detail};

    return res;
}

static pwl_result_t good(void)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    return res;
}

/* Wait until the socket can do `what`. @return APR_SUCCESS, APR_TIMEUP or the
 * system's error */
static apr_status_t wait_for(int fd, short what, apr_time_t deadline)
{
    struct pollfd one = {.fd = fd, .events = what};

    for (;;) {
        apr_time_t left = deadline - pwl_wire_clock();
        int ready;

        if (left <= 0)
            return APR_TIMEUP;
        ready = poll(&one, 1, (int)(left / 1000 + 1));
        if (ready > 0)
            return APR_SUCCESS;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
}

static apr_status_t finish_connect(int fd, apr_time_t deadline)
{
    socklen_t len = sizeof(int);
    apr_status_t rv = wait_for(fd, POLLOUT, deadline);
    int error = 0;

    if (rv != APR_SUCCESS)
        return rv;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    return error;
}

static apr_status_t connect_one(const struct addrinfo *to, apr_time_t deadline,
                                int *out)
{
    int fd =
        socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
               to->ai_protocol);
    apr_status_t rv = APR_SUCCESS;
    int on = 1;

    if (fd < 0)
        return errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
        rv = errno == EINPROGRESS ? finish_connect(fd, deadline) : errno;
    if (rv != APR_SUCCESS)
        close(fd);
    else
        *out = fd;
    return rv;
}

pwl_result_t pwl_wire_open(const char *host, int port, apr_time_t deadline,
                           pwl_wire_t **out)
{
    struct addrinfo *found = NULL, *one;
    apr_status_t rv;
    int fd = -1;

    *out = NULL;
    rv = pwl_resolve(host, port, deadline, &found);
    if (rv != APR_SUCCESS)
        return failed(rv, rv == APR_TIMEUP
                              ? "the name of the Redis host could not be "
                                "looked up in time"
                              : "the name of the Redis host is not known");
    rv = APR_EGENERAL;
    for (one = found; one && fd < 0; one = one->ai_next) {
        rv = connect_one(one, deadline, &fd);
        if (rv == APR_TIMEUP)
            break;
    }
    freeaddrinfo(found);
    if (fd < 0)
        return failed(rv, "Redis cannot be reached");
    *out = malloc(sizeof(**out));
    if (!*out) {
        close(fd);
        return failed(APR_ENOMEM, "no memory for a connection to Redis");
    }
    (*out)->fd = fd;
    return good();
}

pwl_result_t pwl_wire_write(pwl_wire_t *wire, const char *data, apr_size_t len,
                            apr_time_t deadline)
{
    while (len > 0) {
        ssize_t sent = send(wire->fd, data, len, MSG_NOSIGNAL);
        apr_status_t rv;

        if (sent >= 0) {
            data += sent;
            len -= (apr_size_t)sent;
            continue;
        }
        if (errno == EINTR)
            continue;
        rv = errno == EAGAIN ? wait_for(wire->fd, POLLOUT, deadline) : errno;
        if (rv != APR_SUCCESS)
            return failed(rv, "Redis took no request in time");
    }
    return good();
}

pwl_result_t pwl_wire_read(pwl_wire_t *wire, char *out, apr_size_t max,
                           apr_size_t *got, apr_time_t deadline)
{
    for (;;) {
        /* The wait comes first: bytes that are always there must not carry us
         * past the deadline either. */
        apr_status_t rv = wait_for(wire->fd, POLLIN, deadline);
        ssize_t n;

        if (rv != APR_SUCCESS)
            return failed(rv, "Redis did not answer in time");
        n = recv(wire->fd, out, max, 0);
        if (n > 0) {
            *got = (apr_size_t)n;
            return good();
        }
        if (n == 0)
            return failed(APR_EOF, "Redis closed the connection");
        if (errno != EINTR && errno != EAGAIN)
            return failed(errno, "the connection to Redis broke");
    }
}

int pwl_wire_is_quiet(const pwl_wire_t *wire)
{
    struct pollfd one = {.fd = wire->fd, .events = POLLIN};

    return poll(&one, 1, 0) == 0;
}

void pwl_wire_close(pwl_wire_t *wire)
{
    if (!wire)
        return;
    close(wire->fd);
    free(wire);
}
