/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/https.c against a server that does everything wrong in turn
 * (https_faults.h), with a resolver that does too (fake_dns.h).
 * Covers: https_policy
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "fake_dns.h"
#include "https_faults.h"
#include "io/breaker.h"
#include "io/https.h"
#include "io/wire.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MS(n) apr_time_from_msec(n)
#define SECRET "s3cr3t"
#define BODY "{\"client_secret\":\"" SECRET "\"}"

static apr_pool_t *pool;
static pwl_https_t *https;
static tls_server_t server;
static pwl_https_options_t options = {tls_ca_file, NULL, MS(8000), MS(9000)};

static pwl_result_t call(const char *method, const char *url,
                         pwl_https_answer_t *answer)
{
    static const char *const headers[] = {"x-secret: " SECRET, NULL};
    int is_post = strcmp(method, "POST") == 0;
    pwl_https_request_t request = {method,
                                   url,
                                   is_post ? "application/json" : NULL,
                                   is_post ? BODY : NULL,
                                   is_post ? sizeof(BODY) - 1 : 0,
                                   headers};

    return pwl_https_call(https, &options, &request, answer, pool);
}

static const char *url_of(const char *host, int port, const char *path)
{
    return apr_psprintf(pool, "https://%s:%d%s", host, port, path);
}

static pwl_result_t post(const char *path, pwl_https_answer_t *answer)
{
    return call("POST", url_of("127.0.0.1", server.port, path), answer);
}

/** A call whose outcome is told, without telling what nobody may know. */
static void tell(const char *what, pwl_result_t res, pwl_reason_t want)
{
    tap_str(what, pwl_reason_word(res.why), pwl_reason_word(want));
    if (res.why != PWL_OK && res.why != PWL_HTTPS_BUSY)
        tap_ok(res.detail && *res.detail && !strstr(res.detail, SECRET) &&
                   !strstr(res.detail, "n\": ") && !strchr(res.detail, '?'),
               apr_psprintf(pool, "  G2: only libcurl's text: %s",
                            res.detail ? res.detail : ""));
}

static const struct {
    const char *what, *path;
    pwl_reason_t want;
    int status;
    long body_len; /* -1: whatever came so far */
} faults[] = {
    {"a good answer", "/ok", PWL_OK, 200, 8},
    {"U9: 404 is an answer", "/404", PWL_OK, 404, 0},
    {"U9: 500 is an answer", "/500", PWL_OK, 500, 0},
    {"U12: 401 Basic is not answered with anything", "/basic", PWL_OK, 401, 2},
    {"U5: 301 to another host", "/301", PWL_HTTPS_REDIRECT, 301, 0},
    {"U5: 302 to http", "/302", PWL_HTTPS_REDIRECT, 302, 0},
    {"U5: 303", "/303", PWL_HTTPS_REDIRECT, 303, 0},
    {"U5: 307 to a file", "/307", PWL_HTTPS_REDIRECT, 307, 0},
    {"U5: 308 to itself", "/308", PWL_HTTPS_REDIRECT, 308, 0},
    {"U5: 304", "/304", PWL_HTTPS_REDIRECT, 304, 0},
    {"U6: a body of exactly the limit", "/max", PWL_OK, 200,
     PWL_ANSWER_MAX_BYTES},
    {"U6: one byte more", "/max+1", PWL_HTTPS_TOO_LARGE, 200, -1},
    {"U6: 100 MB announced", "/huge-length", PWL_HTTPS_TOO_LARGE, 200, 0},
    {"U3: a body that never ends", "/endless", PWL_HTTPS_TOO_LARGE, 200, -1},
    {"U6: 1 MB of header lines", "/headers-1mb", PWL_HTTPS_TOO_LARGE, 200, 0},
    {"U6: 10,000 header lines", "/headers-10000", PWL_HTTPS_TOO_LARGE, 200, 0},
    {"U6: gzip is neither asked for nor undone", "/zip", PWL_OK, 200, 3},
    {"U3: less than its Content-Length", "/short", PWL_HTTPS_FAILED, 200, -1},
    {"U3: more than its Content-Length", "/long", PWL_OK, 200, 8},
    {"a Content-Length below zero", "/bad-length", PWL_HTTPS_FAILED, 200, 0},
    {"U2: closed in the header lines", "/half-head", PWL_HTTPS_FAILED, 200, -1},
    {"U2: closed in a chunk", "/half-chunk", PWL_HTTPS_FAILED, 200, -1},
    {"a chunk without a length", "/bad-chunk", PWL_HTTPS_FAILED, 200, 0},
    {"an answer without a status line", "/no-head", PWL_HTTPS_FAILED, 0, -1},
    {"U2: closed after one header line", "/one-line", PWL_HTTPS_FAILED, 200,
     -1},
    {"U2: reset before an answer", "/cut", PWL_HTTPS_FAILED, 0, 0},
    {"U2: reset in the body", "/cut-body", PWL_HTTPS_FAILED, 200, -1},
    {"100 Continue first", "/continue", PWL_OK, 200, 8},
};

static void test_answers(void)
{
    pwl_https_answer_t answer;
    size_t i;

    for (i = 0; i < COUNT(faults); i++) {
        tls_forget(&server);
        tell(faults[i].what, post(faults[i].path, &answer), faults[i].want);
        tap_int("  status", answer.status, faults[i].status);
        if (faults[i].body_len >= 0)
            tap_int("  bytes", (long)answer.body_len, faults[i].body_len);
        tap_ok(answer.sent && server.seen->requests == 1,
               "  U5: it left once, and nothing after it");
    }

    post("/values", &answer);
    tap_str("content type", answer.content_type, "application/json");
    tap_str("request id", answer.request_id, "0a1b2c");
    tap_str("U8: Retry-After", answer.retry_after, "7");
    tap_str("U8: x-ratelimit-reset", answer.ratelimit_reset, "99");
    tap_str("date", answer.date, "Sun, 06 Nov 1994 08:49:37 GMT");
    post("/continue", &answer);
    tap_str("header lines of a 1xx do not count", answer.retry_after, NULL);
}

static void test_request(void)
{
    pwl_https_answer_t answer;
    const char *last = server.seen->last;

    post("/ok?a=b", &answer);
    post("/ok", &answer);
    tap_ok(strncmp(last, "POST /ok HTTP/1.1\r\n", 19) == 0, "HTTP/1.1, POST");
    tap_ok(strstr(last, "\r\nContent-Type: application/json\r\n") != NULL,
           "the content type");
    tap_ok(strstr(last, "\r\nx-secret: " SECRET "\r\n") != NULL, "a header");
    tap_ok(strstr(last, "\r\n\r\n" BODY) != NULL, "the body");
    tap_ok(!strstr(last, "Accept-Encoding") && !strstr(last, "Expect"),
           "U6: no compression is offered, nothing waited for");
    post("/cookie", &answer);
    post("/ok", &answer);
    tap_ok(!strstr(last, "Cookie:") && !strstr(last, "Authorization:"),
           "a cookie is not sent back");
    call("GET", url_of("127.0.0.1", server.port, "/ok"), &answer);
    tap_ok(strncmp(last, "GET /ok HTTP/1.1\r\n", 18) == 0 &&
               !strstr(last, "Content-"),
           "GET after POST has no body");
    call("GET", url_of("tenant.test", server.port, "/ok"), &answer);
    tap_str("U4: SNI is the host", server.seen->sni, "tenant.test");
}

static void test_malformed(void)
{
    static const char *const split[] = {"x: a\r\nHost: evil", NULL};
    const char *good = url_of("127.0.0.1", server.port, "/ok");
    struct {
        const char *what;
        pwl_https_request_t request;
    } cases[] = {
        {"U14: CR LF in the URL",
         {"GET", apr_pstrcat(pool, good, "\r\nX: y", NULL)}},
        {"U14: a space in the URL",
         {"GET", apr_pstrcat(pool, good, " HTTP/1.1", NULL)}},
        {"U14: CR LF in a header", {"GET", good, NULL, NULL, 0, split}},
        {"U14: CR LF in the content type", {"POST", good, "a\r\nb", "x", 1}},
        {"U12: http", {"GET", "http://127.0.0.1/"}},
        {"U12: file", {"GET", "file:///etc/passwd"}},
        {"U14: another method", {"GET /x HTTP/1.1\r\n", good}},
    };
    pwl_https_answer_t answer;
    size_t i;

    tls_forget(&server);
    for (i = 0; i < COUNT(cases); i++) {
        tell(cases[i].what,
             pwl_https_call(https, &options, &cases[i].request, &answer, pool),
             PWL_HTTPS_FAILED);
        tap_ok(!answer.sent, "  nothing was sent");
    }
    tap_int("U14: the server saw nothing of it", server.seen->requests, 0);
}

static int plain_script(tls_conn_t *conn)
{
    tls_say(conn, OK_ANSWER);
    return 0;
}

static void test_certificates(void)
{
    static const struct {
        const char *what;
        tls_kind_t kind;
        pwl_reason_t want;
    } cases[] = {
        {"U4: a good certificate", TLS_GOOD, PWL_OK},
        {"U4: expired", TLS_EXPIRED, PWL_HTTPS_TLS},
        {"U4: self-signed", TLS_SELF_SIGNED, PWL_HTTPS_TLS},
        {"U4: of another host", TLS_WRONG_HOST, PWL_HTTPS_TLS},
        {"U4: of another CA", TLS_WRONG_CA, PWL_HTTPS_TLS},
        {"U4: TLS 1.1", TLS_OLD, PWL_HTTPS_TLS},
        {"U4: a cipher that hides nothing", TLS_NO_SECRECY, PWL_HTTPS_TLS},
        {"U12: no TLS at all", TLS_PLAIN, PWL_HTTPS_TLS},
        {"U2: reset before TLS", TLS_RESET, PWL_HTTPS_TLS},
    };
    pwl_https_answer_t answer;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        tls_server_t other =
            tls_start(cases[i].kind,
                      cases[i].kind == TLS_PLAIN ? plain_script : fault_script);

        tell(cases[i].what,
             call("POST", url_of("127.0.0.1", other.port, "/ok?" SECRET),
                  &answer),
             cases[i].want);
        tap_ok(answer.sent == (cases[i].want == PWL_OK) &&
                   other.seen->requests == answer.sent,
               "  U4: nothing is sent to whom we do not know");
        tls_stop(&other);
    }

    post("/ok", &answer);
    options.ca_file = tls_other_ca_file;
    tell("U4: a kept connection does not serve another CA file",
         post("/ok", &answer), PWL_HTTPS_TLS);
    options.ca_file = "/nonexistent";
    tell("U4: a CA file that does not exist", post("/ok", &answer),
         PWL_HTTPS_TLS);
    options.ca_file = NULL;
    tell("U4: the system's CAs do not know the test's", post("/ok", &answer),
         PWL_HTTPS_TLS);
    options.ca_file = tls_ca_file;
}

static void test_network(void)
{
    int closed = 1; /* nothing listens on port 1 */
    struct {
        const char *what, *host;
        int port;
        pwl_reason_t want;
    } cases[] = {
        {"U1: no such name", "nx.test", closed, PWL_HTTPS_RESOLVE},
        {"U1: the resolver gives up", "again.test", closed, PWL_HTTPS_RESOLVE},
        {"U2: refused", "127.0.0.1", closed, PWL_HTTPS_CONNECT},
        {"U1: IPv6 alone, nobody there", "six.test", server.port,
         PWL_HTTPS_CONNECT},
        {"U1: a wrong address, then the right one", "both.test", server.port,
         PWL_OK},
    };
    pwl_https_answer_t answer;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        tell(cases[i].what,
             call("POST", url_of(cases[i].host, cases[i].port, "/ok"), &answer),
             cases[i].want);
        tap_int("  sent", answer.sent, cases[i].want == PWL_OK);
    }
}

static void test_deadlines(void)
{
    tls_server_t silent = tls_start(TLS_SILENT, fault_script);
    struct {
        const char *what, *url;
        int sent;
    } cases[] = {
        {"U1: a silent resolver", url_of("slow.test", server.port, "/ok"), 0},
        {"U2: silence in the TLS handshake",
         url_of("127.0.0.1", silent.port, "/ok"), 0},
        {"U2: silence after the request",
         url_of("127.0.0.1", server.port, "/silence"), 1},
        {"U3: header lines by drops",
         url_of("127.0.0.1", server.port, "/drip-head"), 1},
        {"U3: a body by drops", url_of("127.0.0.1", server.port, "/drip-body"),
         1},
    };
    pwl_https_answer_t answer;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        apr_time_t began = apr_time_now();

        options.connect_timeout = cases[i].sent ? MS(8000) : MS(150);
        options.timeout = cases[i].sent ? MS(600) : MS(9000);

        tell(cases[i].what, call("POST", cases[i].url, &answer),
             PWL_HTTPS_TIMEOUT);
        tap_int("  sent", answer.sent, cases[i].sent);
        tap_ok(apr_time_now() - began < MS(3000), "  U1: within its deadline");
    }
    options.connect_timeout = MS(8000);
    options.timeout = MS(9000);
    tell("U11: the handle is good afterwards", post("/ok", &answer), PWL_OK);
    tls_stop(&silent);
}

/** A system that allows what we must not: TLS 1.0 and weak ciphers. */
static void weaken_system(void)
{
    static char path[] = "/tmp/pwl-openssl-XXXXXX";
    static const char conf[] = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\n"
                               "system_default = c\n[c]\nMinProtocol = TLSv1\n"
                               "CipherString = DEFAULT@SECLEVEL=0\n";
    int fd = mkstemp(path);

    if (fd < 0 || write(fd, conf, sizeof(conf) - 1) < 0)
        abort();
    close(fd);
    setenv("OPENSSL_CONF", path, 1);
    OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL);
    unlink(path);
}

static void test_guard(void)
{
    pwl_https_t *unguarded = https;
    const char *gone = url_of("127.0.0.1", 1, "/ok");
    const char *cut = url_of("127.0.0.1", server.port, "/half-head");
    const char *good = url_of("127.0.0.1", server.port, "/ok");
    pwl_https_answer_t answer;
    int seen;
    int i;

    https = pwl_https_make(4, pool);
    pwl_https_guard(https, apr_pcalloc(pool, pwl_outages_bytes()));
    for (i = 0; i < PWL_OUTAGES_FAILURES; i++)
        tell("U16: nobody is there", call("POST", gone, &answer),
             PWL_HTTPS_CONNECT);
    tap_int("  which is told with the fifth", answer.tidings, -1);
    tell("U16: the next does not try", call("POST", gone, &answer),
         PWL_HTTPS_DOWN);
    tap_int("  and has sent nothing", answer.sent, 0);
    tell("U16: another tenant is asked", call("POST", good, &answer), PWL_OK);
    for (i = 0; i < PWL_OUTAGES_FAILURES; i++)
        call("POST", cut, &answer);
    seen = server.seen->requests;
    tell("U16: answers that break off count", call("POST", good, &answer),
         PWL_HTTPS_DOWN);
    tap_int("  and nothing left this machine", server.seen->requests, seen);
    apr_sleep(PWL_BREAKER_PAUSE);
    tell("U16: it is back after a while", call("POST", good, &answer), PWL_OK);
    tap_int("  which is told", answer.tidings, 1);
    tell("U16: for all", call("POST", good, &answer), PWL_OK);
    for (i = 0; i < 6; i++) /* handles that were not used are free again */
        tell("U16: no handle is lost", call("POST", good, &answer), PWL_OK);
    https = unguarded;
}

/* Another process has a call under way. */
static void test_share(void)
{
    pwl_bulkhead_t *bulkhead = apr_pcalloc(pool, pwl_bulkhead_bytes());
    pwl_https_t *alone = https;
    const char *good = url_of("127.0.0.1", server.port, "/ok");
    pwl_bulkhead_place_t others;
    pwl_https_answer_t answer;
    int seen = server.seen->requests;
    int i;

    https = pwl_https_make(4, pool);
    pwl_https_share(https, bulkhead, 1);
    others = pwl_bulkhead_enter(bulkhead, 1, pwl_wire_clock(),
                                apr_time_from_sec(60));
    tell("U15: one call in all, and it is another's",
         call("POST", good, &answer), PWL_HTTPS_BUSY);
    tap_int("  nothing left this machine", server.seen->requests, seen);
    pwl_bulkhead_leave(bulkhead, others);
    for (i = 0; i < 3; i++)
        tell("U15: it is over: ours may be made, each after the other",
             call("POST", good, &answer), PWL_OK);
    https = alone;
}

int main(void)
{
    weaken_system();
    apr_initialize();
    apr_pool_create(&pool, NULL);
    tls_setup();
    server = tls_start(TLS_GOOD, fault_script);
    https = pwl_https_make(4, pool);
    test_answers();
    test_request();
    test_malformed();
    test_certificates();
    test_network();
    test_deadlines();
    test_guard();
    test_share();
    tls_stop(&server);
    apr_pool_destroy(pool);
    tls_teardown();
    apr_terminate();
    return tap_done();
}
