/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/wiretls.c, by way of io/wire.c: whom it talks to over TLS and whom not,
 * and that no peer holds it past its deadline.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <errno.h>
#include <sys/stat.h>

#include "io/wire.h"
#include "tap.h"
#include "tls_server.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TIMEOUT apr_time_from_sec(2)
#define LONG_ANSWER 300000

static apr_pool_t *pool;

static pwl_result_t open_to(const tls_server_t *server, const char *ca,
                            const char *host, pwl_wire_t **wire)
{
    pwl_wiretls_t *tls;
    pwl_result_t res = pwl_wiretls_make(ca, NULL, &tls, pool);

    if (res.why != PWL_OK)
        return res;
    return pwl_wire_open(host, server->port, tls, pwl_wire_clock() + TIMEOUT,
                         wire);
}

/* What the script does is the request's path. */
static int serve(tls_conn_t *conn)
{
    static char block[1000];

    if (!strcmp(conn->path, "/cut"))
        tls_cut(conn);
    if (!strcmp(conn->path, "/end"))
        return 0;
    if (!strcmp(conn->path, "/gone"))
        _exit(0); /* no goodbye */
    if (!strcmp(conn->path, "/silence"))
        pause();
    if (!strcmp(conn->path, "/drip"))
        tls_drip(conn, "a long answer, a byte at a time", 30 * 1000);
    if (!strcmp(conn->path, "/long")) {
        memset(block, 'x', sizeof(block));
        for (int i = 0; i < LONG_ANSWER / (int)sizeof(block); i++)
            tls_write(conn, block, sizeof(block));
        return 1;
    }
    tls_say(conn,
            strcmp(conn->path, "/two") ? "+PONG\r\n" : "+PONG\r\n+MORE\r\n");
    return 1;
}

static pwl_result_t ask(pwl_wire_t *wire, const char *what)
{
    return pwl_wire_write(wire, what, strlen(what), pwl_wire_clock() + TIMEOUT);
}

/* Read `want` bytes, or until it fails. */
static pwl_result_t take(pwl_wire_t *wire, apr_size_t want, apr_size_t *total)
{
    apr_time_t deadline = pwl_wire_clock() + TIMEOUT;
    pwl_result_t res = {.why = PWL_OK};
    char some[5]; /* less than a record: the rest stays in libssl */

    for (*total = 0; *total < want && res.why == PWL_OK;) {
        apr_size_t got = 0;

        res = pwl_wire_read(wire, some, sizeof(some), &got, deadline);
        *total += got;
    }
    return res;
}

/* clang-format off */
static const struct {
    const char *what;
    tls_kind_t kind;
    const char *host, *says; /* part of the detail; NULL: it is taken */
} peers[] = {
    {"a good certificate",        TLS_GOOD,        "127.0.0.1", NULL},
    {"for another name",          TLS_GOOD,        "localhost", "for another name"},
    {"for another address",       TLS_WRONG_HOST,  "127.0.0.1", "for another name"},
    {"expired",                   TLS_EXPIRED,     "127.0.0.1", "has expired"},
    {"signed by itself",          TLS_SELF_SIGNED, "127.0.0.1", "signed by nobody we trust"},
    {"signed by another CA",      TLS_WRONG_CA,    "127.0.0.1", "signed by nobody we trust"},
    {"TLS 1.1",                   TLS_OLD,         "127.0.0.1", "TLS with Redis failed"},
    {"no encryption",             TLS_NO_SECRECY,  "127.0.0.1", "TLS with Redis failed"},
    {"no word",                   TLS_SILENT,      "127.0.0.1", "in time"},
    {"a reset",                   TLS_RESET,       "127.0.0.1", "closed the connection"},
};
/* clang-format on */

static void test_peers(void)
{
    for (size_t i = 0; i < COUNT(peers); i++) {
        tls_server_t server = tls_start(peers[i].kind, serve);
        apr_time_t began = pwl_wire_clock();
        pwl_wire_t *wire;
        pwl_result_t res = open_to(&server, tls_ca_file, peers[i].host, &wire);

        tap_ok(peers[i].says ? res.why != PWL_OK && !wire &&
                                   strstr(res.detail, peers[i].says) != NULL
                             : res.why == PWL_OK && wire,
               apr_pstrcat(pool, peers[i].what, ": ",
                           res.detail ? res.detail : "taken", NULL));
        tap_ok(pwl_wire_clock() - began < 2 * TIMEOUT,
               apr_pstrcat(pool, peers[i].what, ": within the deadline", NULL));
        pwl_wire_close(wire);
        tls_stop(&server);
    }
}

static void test_plain(void)
{
    tls_server_t server = tls_start(TLS_PLAIN, serve);
    pwl_wire_t *wire;
    pwl_result_t res = open_to(&server, tls_ca_file, "127.0.0.1", &wire);

    tap_str("no TLS at all", res.detail,
            "what answers there speaks no TLS: is it redis:// on this port?");
    tls_stop(&server);
}

static void test_talk(void)
{
    tls_server_t server = tls_start(TLS_GOOD, serve);
    pwl_wire_t *wire;
    apr_size_t got;

    open_to(&server, tls_ca_file, "127.0.0.1", &wire);
    tap_str("an address is not sent as a name", server.seen->sni, "");
    for (int i = 0; i < 3; i++) {
        ask(wire, "GET /ping\r\n\r\n");
        tap_int("an answer", take(wire, 7, &got).why, PWL_OK);
        tap_int("whole", (long)got, 7);
        tap_int("and nothing behind it", pwl_wire_is_quiet(wire), 1);
    }
    ask(wire, "GET /two\r\n\r\n");
    take(wire, 7, &got);
    tap_int("S: bytes of a next answer make it no quiet connection",
            pwl_wire_is_quiet(wire), 0);
    take(wire, 7, &got);
    ask(wire, "GET /long\r\n\r\n");
    take(wire, LONG_ANSWER, &got);
    tap_int("a long answer", (long)got, LONG_ANSWER);
    ask(wire, "GET /drip\r\n\r\n");
    tap_int("a byte now and then gains no time", take(wire, 1000, &got).rv,
            APR_TIMEUP);
    pwl_wire_close(wire);
    tls_stop(&server);
}

static void test_ends(void)
{
    static const char *const ways[] = {"/end", "/gone", "/cut"};
    tls_server_t server = tls_start(TLS_GOOD, serve);
    pwl_wire_t *wire;
    apr_size_t got;

    for (size_t i = 0; i < COUNT(ways); i++) {
        pwl_result_t res;
        char request[64];

        open_to(&server, tls_ca_file, "127.0.0.1", &wire);
        snprintf(request, sizeof(request), "GET %s\r\n\r\n", ways[i]);
        ask(wire, request);
        res = take(wire, 7, &got);
        tap_int("S: the peer's end is told as such", res.rv, APR_EOF);
        tap_int("S: such a connection is not quiet", pwl_wire_is_quiet(wire),
                0);
        for (int n = 0; n < 4 && res.why != PWL_OK; n++)
            res = ask(wire, "GET /ping\r\n\r\n"); /* raises no signal */
        pwl_wire_close(wire);
    }
    open_to(&server, tls_ca_file, "127.0.0.1", &wire);
    ask(wire, "GET /silence\r\n\r\n");
    tap_int("silence", take(wire, 7, &got).rv, APR_TIMEUP);
    pwl_wire_close(wire);
    tls_stop(&server);
}

static void test_files(void)
{
    char none[] = "/tmp/pwl-none-XXXXXX";
    pwl_wiretls_t *tls;

    close(mkstemp(none));

    tap_str("no CA file",
            pwl_wiretls_make("/nowhere/ca.pem", NULL, &tls, pool).detail,
            "ca= names no readable PEM file of certificates");
    tap_str("a CA file that is none",
            pwl_wiretls_make("/etc/passwd", NULL, &tls, pool).detail,
            "ca= names no readable PEM file of certificates");
    tap_str("no certificate", pwl_wiretls_make(NULL, none, &tls, pool).detail,
            "cert= names no readable PEM file that begins with a certificate");
    chmod(tls_ca_file, 0644);
    tap_str("G6: a file with a key that anybody may read",
            pwl_wiretls_make(NULL, tls_ca_file, &tls, pool).detail,
            apr_pstrcat(pool,
                        "cert= names a file that cannot be used: anybody "
                        "may read or write ",
                        tls_ca_file,
                        "; run: chmod "
                        "o-rwx ",
                        tls_ca_file, NULL));
    tap_int("G6: of a CA anybody may read",
            pwl_wiretls_make(tls_ca_file, NULL, &tls, pool).why, PWL_OK);
    tap_str("no such file",
            pwl_wiretls_make(NULL, "/nowhere/us.pem", &tls, pool).detail,
            "cert= names a file that cannot be used: cannot read "
            "/nowhere/us.pem");
    chmod(tls_ca_file, 0640);
    tap_str("G6: one its group may read: a certificate without its key",
            pwl_wiretls_make(NULL, tls_ca_file, &tls, pool).detail,
            "cert= names a file without the certificate's private key, or with "
            "a passphrase on it");
    tap_ok(tls == NULL, "nothing comes of it");
    tap_int("the system's authorities",
            pwl_wiretls_make(NULL, NULL, &tls, pool).why, PWL_OK);
    unlink(none);
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    tls_setup();
    signal(SIGPIPE, SIG_DFL); /* whoever raises it ends the test */
    test_peers();
    test_plain();
    test_talk();
    test_ends();
    test_files();
    tls_teardown();
    apr_pool_destroy(pool);
    return tap_done();
}
