/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/handles.c alone, and what it and io/https.c make of kept connections:
 * how many handshakes, how many at once, and what happens when the peer
 * closes one.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <dlfcn.h>

#include "https_faults.h"
#include "io/handles.h"
#include "io/https.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MS(n) apr_time_from_msec(n)

static apr_pool_t *pool;
static tls_server_t server;
static pwl_https_options_t options = {tls_ca_file, NULL, MS(8000), MS(9000)};

/* libcurl, as built where no CA file is known at build time. */
static int no_ca_file;

curl_version_info_data *curl_version_info(CURLversion age)
{
    static curl_version_info_data told;
    curl_version_info_data *(*real)(CURLversion);

    *(void **)&real = dlsym(RTLD_NEXT, "curl_version_info");
    told = *real(age);
    if (no_ca_file)
        told.cainfo = told.capath = NULL;
    return &told;
}

static pwl_result_t send_it(pwl_https_t *https, const char *method,
                            const char *path, pwl_https_answer_t *answer,
                            apr_pool_t *p)
{
    const char *url =
        apr_psprintf(p, "https://127.0.0.1:%d%s", server.port, path);
    int is_post = strcmp(method, "POST") == 0;
    pwl_https_request_t request = {method, url, NULL, is_post ? "x=y" : NULL,
                                   is_post ? 3 : 0};

    return pwl_https_call(https, &options, &request, answer, p);
}

static void test_handles(void)
{
    pwl_handles_t *handles = pwl_handles_make(2, pool);
    pwl_handle_t *a, *b, *again;
    CURL *curl;

    a = pwl_handles_take(handles, "k");
    b = pwl_handles_take(handles, "k");
    tap_ok(a && b && a != b && a->fresh && b->fresh, "two handles, both new");
    tap_ok(!pwl_handles_take(handles, "k"), "U15: the third is refused");
    a->fresh = b->fresh = 0;
    pwl_handles_give(handles, a, 1);
    pwl_handles_give(handles, b, 1);
    again = pwl_handles_take(handles, "k");
    tap_ok(again == b && !again->fresh, "the one given back last comes first");
    pwl_handles_give(handles, again, 1);
    again = pwl_handles_take(handles, "other");
    tap_ok(again == a && again->fresh,
           "for another key the one used longest ago, to be set anew");
    pwl_handles_give(handles, again, 1);
    again = pwl_handles_take(handles, "k");
    tap_ok(again == b && !again->fresh, "the same key finds its handle");
    curl = again->curl;
    pwl_handles_give(handles, again, 0);
    tap_ok(curl && !again->curl, "one that is not kept is closed");
    again = pwl_handles_take(handles, "k");
    tap_ok(again->curl && again->fresh, "and made anew");
    pwl_handles_give(handles, again, 1);
}

static void test_reuse(void)
{
    pwl_https_t *https = pwl_https_make(4, pool);
    pwl_https_answer_t answer;
    long handshakes = 0, good = 0;
    int i;

    tls_forget(&server);
    for (i = 0; i < 100; i++) {
        good += send_it(https, "POST", "/ok", &answer, pool).why == PWL_OK;
        handshakes += answer.handshakes;
    }
    tap_int("a hundred calls one after another are good", good, 100);
    tap_int("  with one handshake by our count", handshakes, 1);
    tap_int("  and by the server's", server.seen->connections, 1);
}

/* One handle, first for a host with a CA file of its own, then for one that
 * names none. */
static void test_trust(void)
{
    pwl_https_t *https = pwl_https_make(1, pool);
    pwl_https_answer_t answer;

    no_ca_file = 1;
    tap_str("a host whose CA file is named",
            pwl_reason_word(send_it(https, "POST", "/ok", &answer, pool).why),
            "ok");
    options.ca_file = NULL;
    tap_str("U4: the next does not trust it, though libcurl names none",
            pwl_reason_word(send_it(https, "POST", "/ok", &answer, pool).why),
            pwl_reason_word(PWL_HTTPS_TLS));
    options.ca_file = tls_ca_file;
    no_ca_file = 0;
}

/** Two calls; the first one's path does something to the connection. */
static void test_closing(void)
{
    static const struct {
        const char *what, *method, *first, *second;
        pwl_reason_t want;
        int connections, requests;
        int ended; /* 1: the server does something when the answer is out */
    } cases[] = {
        {"U11: closed after the answer", "POST", "/close", "/ok", PWL_OK, 2, 2,
         1},
        {"U11: reset while idle", "POST", "/cut-idle", "/ok", PWL_OK, 2, 2, 1},
        {"U18: an answer nobody asked for, while idle", "POST", "/late", "/ok",
         PWL_OK, 2, 2, 1},
        {"U18: two answers at once", "POST", "/two", "/ok", PWL_OK, 2, 2},
        {"U18: more than was announced", "POST", "/long", "/ok", PWL_OK, 2, 2},
        {"U18: two answers in chunks", "POST", "/two-chunked", "/ok", PWL_OK, 0,
         2},
        {"U18: an answer after one without a body", "POST", "/two-empty", "/ok",
         PWL_OK, 0, 2},
        {"a POST that may have been worked on is not sent again", "POST",
         "/die-later", "/die-later", PWL_HTTPS_FAILED, 2, 2},
        {"a GET is", "GET", "/die-later", "/die-later", PWL_OK, 2, 3},
        {"after a deadline the connection is not used again", "POST", "/think",
         "/ok", PWL_OK, 2, 2},
        {"after a redirect it is", "POST", "/303", "/ok", PWL_OK, 1, 2},
        {"after an answer too large it is not", "POST", "/endless", "/ok",
         PWL_OK, 2, 2},
    };
    pwl_https_answer_t answer;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        pwl_https_t *https = pwl_https_make(1, pool);
        pwl_result_t res;

        tls_forget(&server);
        if (strcmp(cases[i].first, "/think") == 0)
            options.timeout = MS(500);
        send_it(https, cases[i].method, cases[i].first, &answer, pool);
        options.timeout = MS(9000);
        tls_await(&server.seen->events, cases[i].ended);
        res = send_it(https, cases[i].method, cases[i].second, &answer, pool);
        tap_str(cases[i].what, pwl_reason_word(res.why),
                pwl_reason_word(cases[i].want));
        tap_ok(res.why != PWL_OK || (answer.status == 200 &&
                                     strcmp(answer.body, "{\"n\": 1}") == 0),
               "  U18: the second call gets its own answer");
        tap_ok(answer.sent, "  sent");
        if (cases[i].connections)
            tap_int("  connections", server.seen->connections,
                    cases[i].connections);
        tap_int("  requests", server.seen->requests, cases[i].requests);
    }
}

static void test_resumption(void)
{
    pwl_https_t *https = pwl_https_make(1, pool);
    pwl_https_answer_t answer;

    tls_forget(&server);
    send_it(https, "POST", "/close", &answer, pool);
    /* Before the connection is closed, the next POST would go out on it. */
    tls_await(&server.seen->events, 1);
    send_it(https, "POST", "/ok", &answer, pool);
    tap_int("a new connection brings the TLS session along",
            server.seen->resumed, 1);
}

/* ---- several at once ---- */

typedef struct {
    pwl_https_t *https;
    apr_pool_t *pool;
    pwl_reason_t why;
} worker_t;

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;
    pwl_https_answer_t answer;

    worker->why =
        send_it(worker->https, "POST", "/think", &answer, worker->pool).why;
    return NULL;
}

static void test_busy(void)
{
    pwl_https_t *https = pwl_https_make(3, pool);
    apr_thread_t *threads[3];
    worker_t workers[3];
    pwl_https_answer_t answer;
    apr_status_t rv;
    apr_time_t began;
    pwl_result_t res;
    int i, good = 0;

    tls_forget(&server);
    for (i = 0; i < 3; i++) {
        workers[i].https = https;
        apr_pool_create(&workers[i].pool, NULL);
        apr_thread_create(&threads[i], NULL, work, &workers[i], pool);
    }
    tls_await(&server.seen->requests, 3);
    began = apr_time_now();
    res = send_it(https, "POST", "/ok", &answer, pool);
    tap_str("U15: one call more than allowed", pwl_reason_word(res.why),
            "https-busy");
    tap_ok(!answer.sent && apr_time_now() - began < MS(2000),
           "  is refused at once, and nothing sent");
    for (i = 0; i < 3; i++) {
        apr_thread_join(&rv, threads[i]);
        good += workers[i].why == PWL_OK;
        apr_pool_destroy(workers[i].pool);
    }
    tap_int("U15: the others are served", good, 3);
    res = send_it(https, "POST", "/ok", &answer, pool);
    tap_int("U15: and then there is room again", res.why, PWL_OK);
    tap_int("U11: on a connection another thread made", answer.handshakes, 0);
}

/* ---- forks and pools ---- */

static void test_fork(void)
{
    pwl_https_t *https = pwl_https_make(1, pool);
    pwl_https_answer_t answer;
    pid_t pid;
    int status = 1;

    send_it(https, "POST", "/ok", &answer, pool);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        pwl_result_t res = send_it(https, "POST", "/ok", &answer, pool);

        _exit(res.why == PWL_OK && answer.handshakes == 1 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    tap_int("U11: a forked child makes its own connection", status, 0);
    send_it(https, "POST", "/ok", &answer, pool);
    tap_int("U11: and leaves its parent's alone", answer.handshakes, 0);
}

static void test_pools(void)
{
    apr_pool_t *first, *second;
    pwl_https_t *one, *two;
    pwl_https_answer_t answer;

    apr_pool_create(&first, NULL);
    apr_pool_create(&second, NULL);
    one = pwl_https_make(1, first);
    two = pwl_https_make(1, second);
    send_it(one, "POST", "/ok", &answer, first);
    apr_pool_destroy(first);
    tap_int("U11: libcurl set up twice and let go once still works",
            send_it(two, "POST", "/ok", &answer, second).why, PWL_OK);
    apr_pool_destroy(second);
}

/* ---- outbound proxy ---- */

static int proxy_script(tls_conn_t *conn)
{
    if (strstr(conn->request, "Proxy-Authorization:"))
        tls_say(conn, "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n");
    else
        tls_say(conn, "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic "
                      "realm=x\r\nContent-Length: 0\r\n\r\n");
    return 0;
}

static void test_proxy(void)
{
    tls_server_t proxy = tls_start(TLS_PLAIN, proxy_script);
    const char *url = apr_psprintf(pool, "http://127.0.0.1:%d", proxy.port);
    struct {
        const char *what, *proxy;
        pwl_reason_t want;
        int asked;
    } cases[] = {
        {"U12: variables of the environment are ignored", NULL, PWL_OK, 0},
        {"U12: a proxy that asks who we are", url, PWL_HTTPS_CONNECT, 1},
        {"U12: a proxy that does not know us",
         apr_psprintf(pool, "http://u:s3cr3t@127.0.0.1:%d", proxy.port),
         PWL_HTTPS_CONNECT, 1},
        {"U12: a proxy that is down", "http://127.0.0.1:1", PWL_HTTPS_CONNECT,
         0},
        {"U12: a proxy URL that is none", "what://u:s3cr3t@x:y",
         PWL_HTTPS_RESOLVE, 0},
    };
    pwl_https_t *https = pwl_https_make(4, pool);
    pwl_https_answer_t answer;
    size_t i;

    setenv("https_proxy", url, 1);
    setenv("HTTPS_PROXY", url, 1);
    setenv("ALL_PROXY", url, 1);
    setenv("no_proxy", "*", 1);
    for (i = 0; i < COUNT(cases); i++) {
        pwl_result_t res;

        tls_forget(&proxy);
        options.proxy = cases[i].proxy;
        res = send_it(https, "POST", "/ok", &answer, pool);
        tap_str(cases[i].what, pwl_reason_word(res.why),
                pwl_reason_word(cases[i].want));
        tap_int("  asked the proxy", proxy.seen->requests > 0, cases[i].asked);
        tap_ok(res.why == PWL_OK ||
                   (!answer.sent && !strstr(res.detail, "s3cr3t")),
               apr_psprintf(pool, "  G2: %s", res.detail ? res.detail : "-"));
    }
    options.proxy = NULL;
    tls_stop(&proxy);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    tls_setup();
    server = tls_start(TLS_GOOD, fault_script);
    test_handles();
    test_reuse();
    test_trust();
    test_closing();
    test_resumption();
    test_busy();
    test_fork();
    test_pools();
    test_proxy();
    tls_stop(&server);
    apr_pool_destroy(pool);
    tls_teardown();
    apr_terminate();
    return tap_done();
}
