/* SPDX-License-Identifier: Apache-2.0 */
/* io/tenant.c: our calls beside recorded ones of Auth0's own library. */
#include "recordings.h"
#include "tenant_fixture.h"

static pwl_tenant_t tenant = {
    .client_id = "Cl13nt",
    .client_secret = "s3cr3t",
    .connection = "email",
    .scope = "openid profile email offline_access",
    .audience = "https://api.example.com",
    .https = {tls_ca_file, NULL, apr_time_from_sec(8), apr_time_from_sec(9)},
};

static int script(tls_conn_t *conn)
{
    tls_say(conn, "HTTP/1.1 200 O\r\nContent-Type: application/json\r\n"
                  "Content-Length: 2\r\n\r\n{}");
    return 1;
}

/** The last request and a recorded one, side by side. */
static void compare(const char *name)
{
    static const char host[] = "https://go-auth0-dev.eu.auth0.com";
    recording_t rec;

    if (!recording_read(name, &rec, pool)) {
        tap_ok(1, apr_psprintf(pool, "%s # SKIP not in %s", name,
                               recordings_folder()));
        return;
    }
    tap_ok(said(apr_psprintf(pool, "%s %s HTTP/1.1\r\n", rec.method,
                             rec.url + strlen(host))),
           apr_psprintf(pool, "%s: method and path", name));
    tap_ok(said(apr_psprintf(pool, "\r\nContent-Type: %s\r\n", rec.type)),
           "  content type");
    /* The recorded clients are public ones or send the secret elsewhere; a
     * regular web application must send it (auth0-api.md 1.2). */
    tap_str("  keys and their types",
            recording_keys(last_body(), "client_secret", pool),
            recording_keys(rec.body, "client_secret", pool));
}

static void tests(void)
{
    pwl_tenant_reply_t reply;
    recording_t rec;

    pwl_tenant_start(https, &tenant, &visitor, "u1@x.org", &reply, pool);
    compare("TestSendEmail");
    pwl_tenant_otp(https, &tenant, &visitor, "u1@x.org", "1", &reply, pool);
    compare("TestLoginWithEmail");
    tenant.connection = "sms";
    pwl_tenant_start(https, &tenant, &visitor, "+123456789", &reply, pool);
    compare("TestSendSMS");
    pwl_tenant_otp(https, &tenant, &visitor, "+123456789", "1", &reply, pool);
    compare("TestLoginWithSMS");
    tenant.connection = "email";
    pwl_tenant_code(https, &tenant, &visitor, "c", "https://a/cb", "v", &reply,
                    pool);
    compare("TestLoginWithAuthCodeWithPKCE-"
            "Should_support_setting_a_redirect_uri");
    pwl_tenant_code(https, &tenant, &visitor, "c", "https://a/cb", NULL, &reply,
                    pool);
    compare("TestLoginWithAuthCode-Should_support_setting_a_redirect_uri");

    if (!recording_read("TestLoginWithAuthCode-Should_throw_for_an_invalid_"
                        "code",
                        &rec, pool)) {
        tap_ok(1, "recorded refusal # SKIP no recordings");
        return;
    }
    tap_int("the recorded refusal of a code",
            pwl_answer_judge_token(rec.status, rec.answer_type, rec.answer_body,
                                   strlen(rec.answer_body), PWL_ANSWER_CODE,
                                   &reply.answer, pool)
                .why,
            PWL_TENANT_START_AGAIN);
}

int main(void)
{
    return with_tenant(&tenant, script, tests);
}
