/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Non-blocking sockets and poll().
 *
 * SO_RCVTIMEO starts anew with each read, so that a server which trickles
 * bytes holds its client for as long as it likes. Here each wait is given
 * what is left of one deadline, rounded up to a millisecond. With TLS either
 * direction may have to wait for the other, so the step says for what.
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
    pwl_wiretls_session_t *tls; /* NULL: none */
    int has_answered;
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

static pwl_result_t connect_any(const char *host, int port, apr_time_t deadline,
                                int *fd)
{
    struct addrinfo *found = NULL, *one;
    apr_status_t rv;

    *fd = -1;
    rv = pwl_resolve(host, port, deadline, &found);
    if (rv != APR_SUCCESS)
        return failed(rv, rv == APR_TIMEUP
                              ? "the name of the Redis host could not be "
                                "looked up in time"
                              : "the name of the Redis host is not known");
    rv = APR_EGENERAL;
    for (one = found; one && *fd < 0; one = one->ai_next) {
        rv = connect_one(one, deadline, fd);
        if (rv == APR_TIMEUP)
            break;
    }
    freeaddrinfo(found);
    return *fd < 0 ? failed(rv, "Redis cannot be reached") : good();
}

/* Wait for what a step of TLS wants, or say why there will be no other.
 * @param late  what to say past the deadline */
static pwl_result_t go_on(const pwl_wire_t *wire, pwl_wiretls_step_t step,
                          apr_time_t deadline, const char *late)
{
    apr_status_t rv;

    switch (step) {
    case PWL_WIRETLS_DONE:
        return good();
    case PWL_WIRETLS_END:
        /* With TLS 1.3 a certificate of ours is missed after our handshake is
         * over, and the alert that says so may be lost. */
        return failed(APR_EOF, wire->has_answered
                                   ? "Redis closed the connection"
                                   : "Redis closed the connection unasked: "
                                     "does it want a certificate of ours "
                                     "(cert=FILE in Auth0SessionStore)?");
    case PWL_WIRETLS_BROKEN:
        return failed(APR_EGENERAL, pwl_wiretls_explain(wire->tls));
    default:
        rv = wait_for(wire->fd,
                      step == PWL_WIRETLS_WANTS_WRITE ? POLLOUT : POLLIN,
                      deadline);
        return rv == APR_SUCCESS ? good() : failed(rv, late);
    }
}

static pwl_result_t begin_tls(pwl_wire_t *wire, const pwl_wiretls_t *tls,
                              const char *host, apr_time_t deadline)
{
    pwl_result_t res = good();
    pwl_wiretls_step_t step = PWL_WIRETLS_WANTS_READ;

    wire->tls = pwl_wiretls_begin(tls, wire->fd, host);
    if (!wire->tls)
        return failed(APR_ENOMEM, "no memory for TLS with Redis");
    while (res.why == PWL_OK && step != PWL_WIRETLS_DONE) {
        step = pwl_wiretls_handshake(wire->tls);
        res = go_on(wire, step, deadline,
                    "Redis did not end the TLS handshake in time: is it "
                    "redis:// on this port?");
    }
    return res;
}

pwl_result_t pwl_wire_open(const char *host, int port, const pwl_wiretls_t *tls,
                           apr_time_t deadline, pwl_wire_t **out)
{
    pwl_wire_t *wire;
    int fd;
    pwl_result_t res = connect_any(host, port, deadline, &fd);

    *out = NULL;
    if (res.why != PWL_OK)
        return res;
    wire = calloc(1, sizeof(*wire));
    if (!wire) {
        close(fd);
        return failed(APR_ENOMEM, "no memory for a connection to Redis");
    }
    wire->fd = fd;
    if (tls)
        res = begin_tls(wire, tls, host, deadline);
    if (res.why == PWL_OK)
        *out = wire;
    else
        pwl_wire_close(wire);
    return res;
}

static pwl_result_t write_tls(pwl_wire_t *wire, const char *data,
                              apr_size_t len, apr_time_t deadline)
{
    pwl_result_t res = good();

    while (len > 0 && res.why == PWL_OK) {
        apr_size_t sent = 0;
        pwl_wiretls_step_t step = pwl_wiretls_send(wire->tls, data, len, &sent);

        res = go_on(wire, step, deadline, "Redis took no request in time");
        data += sent;
        len -= sent;
    }
    return res;
}

pwl_result_t pwl_wire_write(pwl_wire_t *wire, const char *data, apr_size_t len,
                            apr_time_t deadline)
{
    if (wire->tls)
        return write_tls(wire, data, len, deadline);
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

static pwl_result_t read_tls(pwl_wire_t *wire, char *out, apr_size_t max,
                             apr_size_t *got, apr_time_t deadline)
{
    pwl_wiretls_step_t step;
    pwl_result_t res;

    do {
        /* Here too bytes that are always there must not carry us past it. */
        if (pwl_wire_clock() >= deadline)
            return failed(APR_TIMEUP, "Redis did not answer in time");
        step = pwl_wiretls_receive(wire->tls, out, max, got);
        res = go_on(wire, step, deadline, "Redis did not answer in time");
    } while (res.why == PWL_OK && step != PWL_WIRETLS_DONE);
    wire->has_answered |= res.why == PWL_OK;
    return res;
}

pwl_result_t pwl_wire_read(pwl_wire_t *wire, char *out, apr_size_t max,
                           apr_size_t *got, apr_time_t deadline)
{
    if (wire->tls)
        return read_tls(wire, out, max, got, deadline);
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
            wire->has_answered = 1;
            return good();
        }
        if (n == 0 || (errno != EINTR && errno != EAGAIN))
            return failed(n == 0 ? APR_EOF : errno,
                          wire->has_answered
                              ? "Redis closed the connection"
                              : "Redis closed the connection unasked: is it "
                                "rediss:// on this port?");
    }
}

int pwl_wire_is_quiet(const pwl_wire_t *wire)
{
    struct pollfd one = {.fd = wire->fd, .events = POLLIN};

    if (wire->tls && !pwl_wiretls_is_quiet(wire->tls))
        return 0;
    return poll(&one, 1, 0) == 0;
}

void pwl_wire_drop(pwl_wire_t *wire)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    pwl_wire_close(wire);
}

void pwl_wire_close(pwl_wire_t *wire)
{
    if (!wire)
        return;
    pwl_wiretls_end(wire->tls);
    close(wire->fd);
    free(wire);
}
