/* SPDX-License-Identifier: Apache-2.0 */
/* io/preflight.c: what is asked of a tenant, in which order, and when not. */
#include "io/preflight.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "tap.h"
#include "tls_server.h"

static apr_pool_t *pool;
static pwl_https_t *https;
static tls_server_t server;
static pwl_tenant_t tenant = {
    .client_id = "Cl13nt",
    .client_secret = "s3cr3t",
    .connection = "email",
    .scope = "openid",
    .https = {tls_ca_file, NULL, apr_time_from_sec(8), apr_time_from_sec(9)},
};
static int broken_at; /* the nth call gets 401; read by the server's child */

/* Each child process of the server serves one connection, and we keep one. */
static int script(tls_conn_t *conn)
{
    const char *status = "404 N", *headers = "", *body = "{}";
    char text[1024];

    if (strstr(conn->request, "openid-configuration")) {
        status = "200 O";
        body = "{\"issuer\":\"https://x/\"}";
    } else if (strstr(conn->request, "/oauth/token")) {
        status = "403 F";
        body = "{\"error\":\"invalid_grant\",\"error_description\":\"Wrong\"}";
    } else if (strstr(conn->request, "\"no address\"")) {
        status = "400 B";
        headers = strstr(conn->request, "198.51.100.1")
                      ? "x-ratelimit-remaining: 49\r\n"
                      : "x-ratelimit-remaining: 48\r\n";
        body = "{\"error\":\"bad.email\"}";
    } else if (strstr(conn->request, "/passwordless/start")) {
        status = "200 O";
    } else if (strstr(conn->request, "/authorize")) {
        status = "302 F";
        headers = "Location: https://a.example/cb?error=login_required\r\n";
    }
    if (conn->nth == broken_at) {
        status = "401 U";
        body = "{\"error\":\"access_denied\"}";
    }
    snprintf(text, sizeof(text),
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%s"
             "Content-Length: %d\r\n\r\n%s",
             status, headers, (int)strlen(body), body);
    tls_say(conn, text);
    return 1;
}

/* The words and topics of all findings: "ok reach, ok clock" */
static const char *run(int broken, const char *send_to)
{
    pwl_preflight_t want = {
        .tenant = &tenant,
        .issuer = "https://x/",
        .callback = "https://a.example/cb",
        .callback_needed = 1,
        .forward_ip = 1,
        .alg = PWL_ALG_HS256,
        .skew = apr_time_from_sec(60),
        .send_to = send_to,
    };
    const apr_array_header_t *found;
    const char *out = "";

    broken_at = broken;
    server = tls_start(TLS_GOOD, script);
    tenant.domain = apr_psprintf(pool, "127.0.0.1:%d", server.port);
    https = pwl_https_make(1, pool);
    found = pwl_preflight_run(https, &want, pool);
    for (int i = 0; i < found->nelts; i++) {
        pwl_finding_t one = APR_ARRAY_IDX(found, i, pwl_finding_t);

        out = apr_pstrcat(pool, out, i ? ", " : "", pwl_finding_word(one.level),
                          " ", one.topic, NULL);
    }
    return out;
}

static void ends(int requests)
{
    tap_int("  and so many calls", server.seen->requests, requests);
    tls_stop(&server);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    tls_setup();
    tap_str("all is well", run(0, NULL),
            "ok reach, ? clock, ok issuer, ok keys, ok secret, ok connection, "
            "ok visitor, ok callback");
    ends(6);
    tap_str("and a code is wanted", run(0, "u1@x.org"),
            "ok reach, ? clock, ok issuer, ok keys, ok secret, ok connection, "
            "ok visitor, ok callback, ok mail");
    tap_ok(strstr(server.seen->last, "\"u1@x.org\"") != NULL,
           "  by the last call");
    ends(7);
    tap_str("U10: a tenant that is none: nothing more is asked", run(1, NULL),
            "FAIL reach");
    ends(1);
    tap_str("U10: the secret is refused: no mail", run(3, "u1@x.org"),
            "ok reach, ? clock, ok issuer, ok keys, FAIL secret, ok "
            "connection, ok visitor");
    ends(5);
    tap_str("U10: the connection is refused", run(4, NULL),
            "ok reach, ? clock, ok issuer, ok keys, ok secret, FAIL "
            "connection");
    ends(4);
    tls_teardown();
    apr_terminate();
    return tap_done();
}
