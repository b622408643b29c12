/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server of tests/unit/test_https.c does, by the path asked for.
 */
#ifndef PWL_TESTS_HTTPS_FAULTS_H
#define PWL_TESTS_HTTPS_FAULTS_H

#include "core/limits.h"
#include "tls_server.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define OK_ANSWER OK_HEAD "Content-Length: 8\r\n\r\n{\"n\": 1}"
#define FORGED OK_HEAD "Content-Length: 8\r\n\r\n{\"n\": 6}"
#define FORGED_CHUNKS                                                          \
    OK_HEAD "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"n\": 6}\r\n0\r\n\r\n"

/** What is simply said, and whether the connection is kept open after it. */
static const struct {
    const char *path, *text;
    int keep;
} fault_texts[] = {
    {"/ok", OK_ANSWER, 1},
    {"/close", OK_ANSWER, 0},
    {"/short", OK_HEAD "Content-Length: 9\r\n\r\n{\"n\": 1}", 0},
    {"/long", OK_HEAD "Content-Length: 8\r\n\r\n{\"n\": 1}FORGED", 1},
    {"/half-head", "HTTP/1.1 200 OK\r\nContent-Ty", 0},
    {"/half-chunk", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n64\r\n{\"n\"",
     0},
    {"/bad-chunk", OK_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 0},
    {"/bad-length", OK_HEAD "Content-Length: -8\r\n\r\n{\"n\": 1}", 0},
    {"/no-head", "{\"n\": 1}\r\n\r\n", 0},
    {"/one-line", "HTTP/1.1 200 OK\r\nX: a\r\n", 0},
    {"/huge-length", OK_HEAD "Content-Length: 104857600\r\n\r\n{", 1},
    {"/two", OK_ANSWER FORGED, 1},
    {"/two-chunked",
     OK_HEAD "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"n\": "
             "1}\r\n0\r\n\r\n" FORGED_CHUNKS,
     1},
    {"/two-empty", "HTTP/1.1 204 No\r\n\r\n" FORGED, 1},
    {"/continue", "HTTP/1.1 100 Continue\r\nretry-after: 9\r\n\r\n" OK_ANSWER,
     1},
    {"/zip", OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
     1},
    {"/cookie",
     OK_HEAD "Set-Cookie: did=s3cr3t; Path=/\r\nContent-Length: 2"
             "\r\n\r\n{}",
     1},
    {"/basic",
     "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n"
     "Content-Length: 2\r\n\r\n{}",
     1},
    {"/values",
     "HTTP/1.1 429 No\r\nContent-Type: application/json\r\n"
     "x-auth0-requestid: 0a1b2c\r\nRetry-After: 7\r\nX-RateLimit-Reset: 99\r\n"
     "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\n\r\n{}",
     1},
    {"/301",
     "HTTP/1.1 301 M\r\nLocation: https://tenant.test/ok\r\n"
     "Content-Length: 0\r\n\r\n",
     1},
    {"/302",
     "HTTP/1.1 302 M\r\nLocation: http://127.0.0.1/ok\r\n"
     "Content-Length: 0\r\n\r\n",
     1},
    {"/303", "HTTP/1.1 303 M\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", 1},
    {"/307",
     "HTTP/1.1 307 M\r\nLocation: file:///etc/passwd\r\n"
     "Content-Length: 0\r\n\r\n",
     1},
    {"/308", "HTTP/1.1 308 M\r\nLocation: /308\r\nContent-Length: 0\r\n\r\n",
     1},
    {"/304", "HTTP/1.1 304 N\r\n\r\n", 1},
    {"/404", "HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n", 1},
    {"/500", "HTTP/1.1 500 N\r\nContent-Length: 0\r\n\r\n", 1},
};

static void fault_body(tls_conn_t *conn, int bytes)
{
    static char body[PWL_ANSWER_MAX_BYTES + 1];
    char head[128];

    memset(body, ' ', sizeof(body));
    snprintf(head, sizeof(head), OK_HEAD "Content-Length: %d\r\n\r\n", bytes);
    tls_say(conn, head);
    tls_write(conn, body, (size_t)bytes);
}

static void fault_headers(tls_conn_t *conn, int lines, int length)
{
    char line[2048];
    int i;

    memset(line, 'x', sizeof(line));
    memcpy(line, "x-y: ", 5);
    line[length - 2] = '\r';
    line[length - 1] = '\n';
    tls_say(conn, OK_HEAD);
    for (i = 0; i < lines; i++)
        tls_write(conn, line, (size_t)length);
    tls_say(conn, "Content-Length: 2\r\n\r\n{}");
}

/** What takes more than a text. @return whether to keep the connection */
static int fault_special(tls_conn_t *conn)
{
    const char *path = conn->path;

    if (strcmp(path, "/max") == 0) {
        fault_body(conn, PWL_ANSWER_MAX_BYTES);
    } else if (strcmp(path, "/max+1") == 0) {
        fault_body(conn, PWL_ANSWER_MAX_BYTES + 1);
    } else if (strcmp(path, "/endless") == 0) {
        tls_say(conn, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n");
        while (conn->ssl && !SSL_get_shutdown(conn->ssl))
            tls_say(conn, "10\r\n0123456789abcdef\r\n");
    } else if (strcmp(path, "/headers-1mb") == 0) {
        fault_headers(conn, 512, 2048);
    } else if (strcmp(path, "/headers-10000") == 0) {
        fault_headers(conn, 10000, 16);
    } else if (strcmp(path, "/drip-head") == 0) {
        tls_drip(conn, OK_ANSWER OK_ANSWER OK_ANSWER, 20000);
    } else if (strcmp(path, "/drip-body") == 0) {
        tls_say(conn, OK_HEAD "Content-Length: 99\r\n\r\n");
        tls_drip(conn, OK_ANSWER OK_ANSWER, 20000);
    } else if (strcmp(path, "/silence") == 0) {
        pause();
    } else if (strcmp(path, "/think") == 0) {
        usleep(1000 * 1000);
        tls_say(conn, OK_ANSWER);
    } else if (strcmp(path, "/cut") == 0) {
        tls_cut(conn);
    } else if (strcmp(path, "/cut-body") == 0) {
        tls_say(conn, OK_HEAD "Content-Length: 9\r\n\r\n{");
        usleep(20000);
        tls_cut(conn);
    } else if (strcmp(path, "/cut-idle") == 0) {
        tls_say(conn, OK_ANSWER);
        usleep(20000);
        tls_cut(conn);
    } else if (strcmp(path, "/late") == 0) {
        tls_say(conn, OK_ANSWER);
        usleep(20000);
        tls_say(conn, FORGED);
        tls_event(conn);
    } else if (strcmp(path, "/die-later") == 0) {
        if (conn->nth > 1)
            return 0; /* read, perhaps worked on, never answered */
        tls_say(conn, OK_ANSWER);
    }
    return 1;
}

static int fault_script(tls_conn_t *conn)
{
    size_t i;

    conn->path[strcspn(conn->path, "?")] = '\0';
    for (i = 0; i < sizeof(fault_texts) / sizeof(fault_texts[0]); i++) {
        if (strcmp(fault_texts[i].path, conn->path) != 0)
            continue;
        tls_say(conn, fault_texts[i].text);
        return fault_texts[i].keep;
    }
    return fault_special(conn);
}

#endif
