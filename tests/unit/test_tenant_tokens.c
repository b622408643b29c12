/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io/tenant.c: refreshing and revoking, as they look on the wire, and what
 * becomes of their answers. The others are in test_tenant.c.
 */
#include "tenant_fixture.h"

static pwl_tenant_t tenant = {
    .client_id = "Cl13nt",
    .client_secret = "s3cr3t&=",
    .connection = "email",
    .scope = "openid offline_access",
    .audience = "https://api.example.org",
    .https = {tls_ca_file, NULL, apr_time_from_sec(8), apr_time_from_sec(9)},
};

/* A word in the request chooses the answer. */
static int script(tls_conn_t *conn)
{
    const char *status = "200 OK", *headers = "",
               *body = "{\"access_token\":\"a2\",\"refresh_token\":\"r2\","
                       "\"token_type\":\"Bearer\",\"expires_in\":86400}";
    char answer[512];

    if (strstr(conn->request, "say-lost"))
        return 0;
    if (strstr(conn->request, "say-grant"))
        status = "403 F", body = "{\"error\":\"invalid_grant\"}";
    if (strstr(conn->request, "say-limit"))
        status = "429 L", headers = "Retry-After: 7\r\n", body = "";
    if (strstr(conn->request, "/oauth/revoke") &&
        !strstr(conn->request, "say-"))
        body = "";
    snprintf(answer, sizeof(answer),
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-"
             "Length: %d\r\n\r\n%s",
             status, headers, (int)strlen(body), body);
    tls_say(conn, answer);
    return 1;
}

static pwl_result_t refresh(const char *token, pwl_tenant_reply_t *reply)
{
    return pwl_tenant_refresh(https, &tenant, &visitor, token, reply, pool);
}

static pwl_result_t end_it(const char *token, pwl_tenant_reply_t *reply)
{
    return pwl_tenant_revoke(https, &tenant, &visitor, token, reply, pool);
}

static void test_refresh(void)
{
    pwl_tenant_reply_t reply;

    tap_int("refresh", refresh("v1.M+/=&x", &reply).why, PWL_OK);
    tap_str("3.2: the body asks for no more than was granted", last_body(),
            "grant_type=refresh_token&client_id=Cl13nt&client_secret="
            "s3cr3t%26%3D&refresh_token=v1.M%2B%2F%3D%26x");
    tap_ok(said("POST /oauth/token HTTP/1.1\r\n"), "  the path");
    tap_ok(said("Content-Type: application/x-www-form-urlencoded\r\n"),
           "  a form");
    tap_ok(!said("auth0-forwarded-for"), "  for nobody's address");
    tap_str("  the access token", reply.answer.access_token, "a2");
    tap_str("  the refresh token", reply.answer.refresh_token, "r2");
    tap_int("  its life", reply.answer.expires_in, 86400);
    tap_str("  no ID token", reply.answer.id_token, NULL);

    tap_int("S14: refused", refresh("say-grant", &reply).why,
            PWL_TOKENS_WITHDRAWN);
    tap_int("U9: a limit", refresh("say-limit", &reply).why,
            PWL_TENANT_RATE_LIMIT);
    tap_int("U9: and how long to wait", reply.retry_after,
            NOW + apr_time_from_sec(7));
    tap_int("U17: no answer", refresh("say-lost", &reply).why,
            PWL_HTTPS_FAILED);
    tap_int("U17: is not asked for a second time", server.seen->requests, 4);
}

static void test_revoke(void)
{
    pwl_tenant_reply_t reply;

    tls_forget(&server);
    tap_int("revoke", end_it("v1.M&", &reply).why, PWL_OK);
    tap_str("3.3: the body", last_body(),
            "client_id=Cl13nt&client_secret=s3cr3t%26%3D&token=v1.M%26");
    tap_ok(said("POST /oauth/revoke HTTP/1.1\r\n"), "  the path");
    tap_int("U9: a limit", end_it("say-limit", &reply).why,
            PWL_TENANT_RATE_LIMIT);
    tap_int("U17: no answer", end_it("say-lost", &reply).why, PWL_HTTPS_FAILED);
}

static void tests(void)
{
    test_refresh();
    test_revoke();
}

int main(void)
{
    return with_tenant(&tenant, script, tests);
}
