/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/tenant.c: what our calls look like on the wire, and what becomes of their
 * answers. Beside it: test_tenant_tokens.c, test_tenant_recordings.c.
 */
#include <jansson.h>
#include <openssl/pem.h>

#include "signing.h"
#include "tenant_fixture.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define HEAD "Content-Type: application/json\r\nx-auth0-requestid: 0a1b2c\r\n"

static pwl_tenant_t tenant = {
    .client_id = "Cl13nt",
    .client_secret = "s3cr3t&=\"",
    .connection = "email",
    .scope = "openid profile email",
    .https = {tls_ca_file, NULL, apr_time_from_sec(8), apr_time_from_sec(9)},
};

/* A word in the request chooses the answer. */
static const struct {
    const char *word, *status, *headers, *body;
} answers[] = {
    {"say-limit", "429 L", "Retry-After: 7\r\n",
     "{\"error\":\"too_many_requests\"}"},
    {"say-reset", "429 L", "x-ratelimit-reset: 1800000030\r\n", ""},
    {"say-left-0", "200 O", "X-RateLimit-Remaining: 0\r\n", "OK"},
    {"say-left-9", "200 O", "x-ratelimit-remaining: 9\r\n", "OK"},
    {"say-left-max", "200 O", "x-ratelimit-remaining: 999999\r\n", "OK"},
    {"say-left-more", "200 O", "x-ratelimit-remaining: 1000000\r\n", "OK"},
    {"say-left-ten", "200 O", "x-ratelimit-remaining: 4294967296\r\n", "OK"},
    {"say-left-long", "200 O", "x-ratelimit-remaining: 11111111111\r\n", "OK"},
    {"say-left-minus", "200 O", "x-ratelimit-remaining: -1\r\n", "OK"},
    {"say-left-word", "200 O", "x-ratelimit-remaining: 9 of 10\r\n", "OK"},
    {"say-left-none", "200 O", "x-ratelimit-remaining: \r\n", "OK"},
    {"say-closed", "400 B", "",
     "{\"error\":\"bad.connection\",\"error_description\":\"Public signup is "
     "disabled\"}"},
    {"say-gateway", "400 B", "",
     "{\"error\":\"sms_provider_error\",\"error_description\":\"Timeout\"}"},
    {"say-grant", "403 F", "", "{\"error\":\"unauthorized_client\"}"},
    {"say-denied", "403 F", "", "{\"error\":\"access_denied\"}"},
    {"say-audience", "403 F", "",
     "{\"error\":\"access_denied\",\"error_description\":\"Service not "
     "found: x\"}"},
    {"say-secret", "401 U", "", "{\"error\":\"access_denied\"}"},
    {"say-wrong", "403 F", "", "{\"error\":\"invalid_grant\"}"},
    {"say-blocked", "429 L", "", "{\"error\":\"too_many_attempts\"}"},
    {"say-down", "503 D", "", ""},
    {"say-moved", "302 M", "Location: https://evil.example/\r\n", ""},
    {"say-empty", "200 O", "", ""},
};

static int script(tls_conn_t *conn)
{
    static const char good[] =
        "{\"_id\":\"66f0\",\"keys\":[],\"id_token\":\"a.b.c\",\"access_token\":"
        "\"o\",\"scope\":\"openid\",\"token_type\":\"Bearer\",\"expires_in\":"
        "86400}";
    const char *status = "200 O", *headers = "", *body = good;
    char answer[1024];
    size_t i;

    if (strstr(conn->request, "say-lost"))
        return 0;
    for (i = 0; i < COUNT(answers); i++) {
        if (!strstr(conn->request, answers[i].word))
            continue;
        status = answers[i].status;
        headers = answers[i].headers;
        body = answers[i].body;
    }
    snprintf(answer, sizeof(answer),
             "HTTP/1.1 %s\r\n" HEAD "%sContent-Length: %d\r\n\r\n%s", status,
             headers, (int)strlen(body), body);
    tls_say(conn, answer);
    return 1;
}

/** One JSON member of the last body, or NULL. */
static const char *member(const char *key)
{
    json_t *root = json_loads(last_body(), JSON_REJECT_DUPLICATES, NULL);
    const char *value = json_string_value(json_object_get(root, key));
    const char *copy = apr_pstrdup(pool, value);

    json_decref(root);
    return copy;
}

static void test_requests(void)
{
    static const pwl_tenant_link_t link = {"u1@x.org", "https://a/cb", "S",
                                           "N"};
    pwl_tenant_reply_t reply;
    pwl_result_t res;
    const char *json;
    apr_size_t len;

    res = pwl_tenant_start(https, &tenant, &visitor, "u1@x.org", &reply, pool);
    tap_int("start", res.why, PWL_OK);
    tap_str("  the body", last_body(),
            "{\"client_id\":\"Cl13nt\",\"client_secret\":\"s3cr3t&=\\\"\","
            "\"connection\":\"email\",\"email\":\"u1@x.org\",\"send\":"
            "\"code\"}");
    tap_str("  request id", reply.request_id, "0a1b2c");
    tap_int("  handshakes", reply.handshakes, 1);
    tap_ok(!reply.certain, "  U17: something was done at the tenant");

    res = pwl_tenant_link(https, &tenant, &visitor, &link, &reply, pool);
    tap_int("link", res.why, PWL_OK);
    tap_str("  6.1: the body", last_body(),
            "{\"client_id\":\"Cl13nt\",\"client_secret\":\"s3cr3t&=\\\"\","
            "\"connection\":\"email\",\"email\":\"u1@x.org\",\"send\":"
            "\"link\",\"authParams\":{\"response_type\":\"code\","
            "\"redirect_uri\":\"https://a/cb\",\"scope\":\"openid profile "
            "email\",\"state\":\"S\",\"nonce\":\"N\"}}");
    tap_ok(!reply.certain, "  U17: something was done at the tenant");

    res = pwl_tenant_otp(https, &tenant, &visitor, "u1@x.org", "012345", &reply,
                         pool);
    tap_int("otp", res.why, PWL_OK);
    tap_str("  leading zeros stay", member("otp"), "012345");
    tap_str("  no audience", member("audience"), NULL);
    tap_str("  ID token", reply.answer.id_token, "a.b.c");
    tap_int("  handshakes", reply.handshakes, 0);

    res = pwl_tenant_code(https, &tenant, &visitor, "c+d/e", "https://a/cb",
                          "v3rifier", &reply, pool);
    tap_int("code", res.why, PWL_OK);
    tap_str("O5: the body", last_body(),
            "grant_type=authorization_code&client_id=Cl13nt&client_secret="
            "s3cr3t%26%3D%22&code=c%2Bd%2Fe&redirect_uri=https%3A%2F%2Fa%2Fcb"
            "&code_verifier=v3rifier");

    res = pwl_tenant_jwks(https, &tenant, &json, &len, &reply, pool);
    tap_int("jwks", res.why, PWL_OK);
    tap_ok(len == strlen(json) && strstr(json, "\"keys\""), "  the text");
    tap_ok(said("GET /.well-known/jwks.json HTTP/1.1\r\n"), "  the path");

    tenant.client_secret = NULL;
    pwl_tenant_start(https, &tenant, &visitor, "u1@x.org", &reply, pool);
    tap_str("no secret is configured, none is sent", member("client_secret"),
            NULL);
    tenant.client_secret = "\xff";
    res = pwl_tenant_start(https, &tenant, &visitor, "u1@x.org", &reply, pool);
    tap_ok(res.why == PWL_TENANT_CONFIG && reply.certain &&
               strcmp(res.detail, "client_secret is not UTF-8") == 0,
           "a secret that is not UTF-8 is the operator's business");
    tenant.client_secret = "s3cr3t&=\"";
}

/** 7.6: a key in place of the secret, with every call that proves anything. */
static void test_key(void)
{
    pwl_tenant_t keyed = tenant;
    pwl_tenant_reply_t reply;
    pwl_assertion_key_t *key;
    BIO *bio = BIO_new(BIO_s_mem());
    const char *first;
    char *pem;
    long len;

    PEM_write_bio_PKCS8PrivateKey(bio, signing_key(0), NULL, NULL, 0, NULL,
                                  NULL);
    len = BIO_get_mem_data(bio, &pem);
    tap_int("a key",
            pwl_assertion_key_read(pem, (apr_size_t)len, &key, pool).why,
            PWL_OK);
    BIO_free(bio);
    keyed.key = key;

    pwl_tenant_start(https, &keyed, &visitor, "u1@x.org", &reply, pool);
    first = member("client_assertion");
    tap_str("start: no secret", member("client_secret"), NULL);
    tap_str("  the type", member("client_assertion_type"), PWL_ASSERTION_TYPE);
    tap_ok(first && strlen(first) > 300, "  an assertion");
    pwl_tenant_otp(https, &keyed, &visitor, "u1@x.org", "012345", &reply, pool);
    tap_ok(member("client_assertion") &&
               strcmp(member("client_assertion"), first) != 0 &&
               !member("client_secret"),
           "otp: another one, and no secret");
    pwl_tenant_code(https, &keyed, &visitor, "c", "https://a/cb", NULL, &reply,
                    pool);
    tap_ok(said("&client_assertion=eyJ") && !said("client_secret") &&
               !said("code_verifier"),
           "code: the same in a form; without a verifier none is sent");
    pwl_tenant_refresh(https, &keyed, &visitor, "r", &reply, pool);
    tap_ok(said("&client_assertion=eyJ") && !said("client_secret"), "refresh");
    pwl_tenant_revoke(https, &keyed, &visitor, "r", &reply, pool);
    tap_ok(said("&client_assertion=eyJ") && !said("client_secret"), "revoke");

    keyed.client_id = apr_pstrcat(pool, apr_psprintf(pool, "%0900d", 0), NULL);
    tls_forget(&server);
    tap_ok(pwl_tenant_start(https, &keyed, &visitor, "u1@x.org", &reply, pool)
                       .why == PWL_TENANT_CONFIG &&
               server.seen->requests == 0 && reply.certain,
           "without an assertion no call is made");
}

/** L7: what a visitor typed arrives as it is, or nothing is sent. */
static void test_addresses(void)
{
    char *long_one = apr_pcalloc(pool, 10241);
    struct {
        const char *what, *address;
        pwl_reason_t want;
    } cases[] = {
        {"L7: a quote", "a\"b@x.org", PWL_OK},
        {"L7: a backslash", "a\\b@x.org", PWL_OK},
        {"L7: an escape", "\\u0000@x.org", PWL_OK},
        {"L7: markup", "</script>@x.org", PWL_OK},
        {"L7: control bytes", "a\x01\r\n\t@x.org", PWL_OK},
        {"L7: JSON", "{\"a\":1}", PWL_OK},
        {"L7: another member", "a\",\"email\":\"evil@x.org", PWL_OK},
        {"L7: UTF-8", "\xc3\xa9@x.org", PWL_OK},
        {"L7: invalid UTF-8", "a\xff@x.org", PWL_TENANT_ADDRESS},
        {"L7: an overlong form", "a\xc0\xaf@x.org", PWL_TENANT_ADDRESS},
        {"L7: 10 KB", memset(long_one, 'a', 10240), PWL_OK},
    };
    pwl_tenant_reply_t reply;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        pwl_result_t res;

        tls_forget(&server);
        res = pwl_tenant_start(https, &tenant, &visitor, cases[i].address,
                               &reply, pool);
        tap_int(cases[i].what, res.why, cases[i].want);
        if (cases[i].want == PWL_OK)
            tap_str("  arrives as the one email", member("email"),
                    cases[i].address);
        else
            tap_ok(server.seen->requests == 0 && reply.certain,
                   "  nothing is sent");
        tap_ok(cases[i].want != PWL_OK ||
                   strncmp(server.seen->last,
                           "POST /passwordless/start HTTP/1.1\r\n", 35) == 0,
               "  U14: the path is ours");
    }
}

static void test_visitor(void)
{
    static const struct {
        const char *what, *ip, *language, *want;
    } cases[] = {
        {"U13: no address, no header", NULL, NULL, NULL},
        {"U13: IPv4", "203.0.113.7", NULL,
         "\r\nauth0-forwarded-for: 203.0.113.7\r\n"},
        {"U13: IPv6", "2001:DB8::0:1", NULL,
         "\r\nauth0-forwarded-for: 2001:db8::1\r\n"},
        {"U13: a mapped IPv4 address", "::ffff:203.0.113.7", NULL,
         "\r\nauth0-forwarded-for: 203.0.113.7\r\n"},
        {"U13: a zone id", "fe80::1%eth0", NULL, NULL},
        {"U13: a list", "203.0.113.7, 10.0.0.1", NULL, NULL},
        {"U13: a port", "203.0.113.7:80", NULL, NULL},
        {"U13: a name", "localhost", NULL, NULL},
        {"U13: the path of a socket", "/run/x", NULL, NULL},
        {"U13: nothing", "", NULL, NULL},
        {"U13: a short form", "127.1", NULL, NULL},
        {"U14: a header in the address", "1.2.3.4\r\nX: y", NULL, NULL},
        {"U14: two letters", NULL, "nl", "\r\nx-request-language: nl\r\n"},
        {"U14: a region", NULL, "nl-BE", "\r\nx-request-language: nl-BE\r\n"},
        {"U14: more subtags", NULL, "zh-Hant-TW-x-abcdefgh",
         "\r\nx-request-language: zh-Hant-TW-x-abcdefgh\r\n"},
        {"U14: a subtag of nine", NULL, "zh-abcdefghi", NULL},
        {"U14: one letter", NULL, "n", NULL},
        {"U14: four letters", NULL, "nlnl", NULL},
        {"U14: an empty subtag", NULL, "nl-", NULL},
        {"U14: a digit first", NULL, "n1", NULL},
        {"U14: a header in the language", NULL, "nl\r\nX: y", NULL},
        {"U14: a list of languages", NULL, "nl,fr", NULL},
    };
    pwl_tenant_reply_t reply;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        visitor.forwarded_for = cases[i].ip;
        visitor.language = cases[i].language;
        pwl_tenant_start(https, &tenant, &visitor, "u1@x.org", &reply, pool);
        if (cases[i].want)
            tap_ok(said(cases[i].want), cases[i].what);
        else
            tap_ok(!said("auth0-forwarded") && !said("x-request-language"),
                   cases[i].what);
    }
    visitor.forwarded_for = visitor.language = NULL;
}

static const struct {
    const char *what, *word;
    pwl_reason_t start;
    int start_certain;
    pwl_reason_t otp;
    int otp_certain;
} outcomes[] = {
    {"U17: success", "say-fine", PWL_OK, 0, PWL_OK, 0},
    {"U17: the answer is lost", "say-lost", PWL_HTTPS_FAILED, 0,
     PWL_HTTPS_FAILED, 0},
    {"U8: rate limit", "say-limit", PWL_TENANT_RATE_LIMIT, 1,
     PWL_TENANT_RATE_LIMIT, 1},
    {"sign-ups are closed", "say-closed", PWL_TENANT_CLOSED, 1,
     PWL_TENANT_CONFIG, 1},
    {"the SMS gateway did not answer", "say-gateway", PWL_TENANT_MAIL, 0,
     PWL_TENANT_CONFIG, 1},
    {"U10: grant", "say-grant", PWL_TENANT_CONFIG, 1, PWL_TENANT_CONFIG, 1},
    {"U10: wrong secret", "say-secret", PWL_TENANT_CONFIG, 1, PWL_TENANT_CONFIG,
     1},
    {"an Action denied, after the code was used", "say-denied",
     PWL_TENANT_DENIED, 1, PWL_TENANT_DENIED, 0},
    {"wrong audience, perhaps after the code", "say-audience",
     PWL_TENANT_DENIED, 1, PWL_TENANT_CONFIG, 0},
    {"a wrong code is a code looked at", "say-wrong", PWL_TENANT_CONFIG, 1,
     PWL_TENANT_WRONG_CODE, 0},
    {"U8: blocked", "say-blocked", PWL_TENANT_BLOCKED, 1, PWL_TENANT_BLOCKED,
     0},
    {"down", "say-down", PWL_TENANT_FAILED, 0, PWL_TENANT_FAILED, 0},
    {"U5: moved", "say-moved", PWL_HTTPS_REDIRECT, 0, PWL_HTTPS_REDIRECT, 0},
    {"an empty 200", "say-empty", PWL_OK, 0, PWL_TENANT_NONSENSE, 0},
};

static void test_certain(void)
{
    pwl_tenant_reply_t reply;
    size_t i;

    for (i = 0; i < COUNT(outcomes); i++) {
        pwl_result_t res = pwl_tenant_start(https, &tenant, &visitor,
                                            outcomes[i].word, &reply, pool);

        tap_str(outcomes[i].what, pwl_reason_word(res.why),
                pwl_reason_word(outcomes[i].start));
        tap_int("  certain, start", reply.certain, outcomes[i].start_certain);
        res = pwl_tenant_otp(https, &tenant, &visitor, outcomes[i].word, "1",
                             &reply, pool);
        tap_str("  otp", pwl_reason_word(res.why),
                pwl_reason_word(outcomes[i].otp));
        tap_int("  certain, otp", reply.certain, outcomes[i].otp_certain);
    }

    pwl_tenant_start(https, &tenant, &visitor, "say-limit", &reply, pool);
    tap_ok(reply.retry_after == NOW + apr_time_from_sec(7), "U8: Retry-After");
    pwl_tenant_start(https, &tenant, &visitor, "say-reset", &reply, pool);
    tap_ok(reply.retry_after == NOW + apr_time_from_sec(30), "U8: reset");
    pwl_tenant_start(https, &tenant, &visitor, "say-fine", &reply, pool);
    tap_ok(reply.retry_after == 0, "no wait after a good answer");
    tap_int("3.1: a refused code starts the login again",
            pwl_tenant_code(https, &tenant, &visitor, "say-wrong", "https://a",
                            "v", &reply, pool)
                .why,
            PWL_TENANT_START_AGAIN);
}

static void test_left(void)
{
    static const struct {
        const char *word;
        long want; /* -1: nothing was told */
    } cases[] = {
        {"say-left-0", 0},        {"say-left-9", 9},
        {"say-left-max", 999999}, {"say-left-more", 999999},
        {"say-left-ten", 999999}, {"say-left-long", -1},
        {"say-left-minus", -1},   {"say-left-word", -1},
        {"say-left-none", -1},    {"say-reset", -1},
    };
    pwl_tenant_reply_t reply;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        pwl_tenant_start(https, &tenant, &visitor, cases[i].word, &reply, pool);
        tap_int(apr_pstrcat(pool, "calls left: ", cases[i].word, NULL),
                reply.told_left ? (long)reply.left : -1, cases[i].want);
    }
}

static void test_unreached(void)
{
    const char *domain = tenant.domain;
    pwl_tenant_reply_t reply;
    pwl_result_t res;
    const char *json;
    apr_size_t len;

    tenant.domain = "127.0.0.1:1";
    res = pwl_tenant_start(https, &tenant, &visitor, "u1@x.org", &reply, pool);
    tap_int("nobody there", res.why, PWL_HTTPS_CONNECT);
    tap_ok(reply.certain && !reply.retry_after && !reply.answer.error,
           "  certainly nothing was done");
    res = pwl_tenant_jwks(https, &tenant, &json, &len, &reply, pool);
    tap_int("nobody there, keys", res.why, PWL_HTTPS_CONNECT);
    tenant.domain = domain;
}

static void tests(void)
{
    test_requests();
    test_key();
    test_addresses();
    test_visitor();
    test_certain();
    test_left();
    test_unreached();
}

int main(void)
{
    return with_tenant(&tenant, script, tests);
}
