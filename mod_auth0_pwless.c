/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_auth0_pwless: sign in with nothing but an e-mail address.
 *
 * What httpd sees of us: directives, hooks, module record; no logic. Rows of
 * the table are explained in docs/directives.md; a script compares the two.
 *
 *   src/httpd/  requests, configuration       (request_rec lives there only)
 *   src/io/     calls to Auth0, shared memory
 *   src/core/   bytes in, verdict out
 */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <mpm_common.h>
#include <http_request.h>

#include "httpd/check.h"
#include "httpd/conf.h"
#include "httpd/endpoint.h"
#include "httpd/gate.h"
#include "httpd/language.h"
#include "httpd/preflight.h"
#include "httpd/request.h"
#include "httpd/require.h"
#include "httpd/set.h"
#include "httpd/setup.h"
#include "httpd/status.h"

#define S(field) (void *)APR_OFFSETOF(pwl_server_conf_t, field)
#define D(field) (void *)APR_OFFSETOF(pwl_dir_conf_t, field)

/* clang-format off */
static const command_rec directives[] = {
    /* the tenant */
    AP_INIT_TAKE1("Auth0Domain", pwl_set_domain, S(domain), PWL_SERVER,
                  "Tenant or custom domain, host[:port]"),
    AP_INIT_TAKE1("Auth0ClientID", pwl_set_token, S(client_id), PWL_SERVER,
                  "Client ID of the application"),
    AP_INIT_TAKE1("Auth0ClientSecret", pwl_set_secret, S(client_secret), PWL_SERVER,
                  "Its secret: file:PATH, env:NAME, exec:COMMAND or text"),
    AP_INIT_TAKE1("Auth0ClientKey", pwl_set_file, S(client_key), PWL_SERVER,
                  "PEM file of a private key, in place of the secret"),
    AP_INIT_TAKE1("Auth0Connection", pwl_set_token, S(connection), PWL_SERVER,
                  "Passwordless connection, email or sms (default email)"),
    AP_INIT_TAKE1("Auth0Send", pwl_set_send, S(send), PWL_SERVER,
                  "What is mailed, code or link (default code)"),
    AP_INIT_TAKE1("Auth0PhoneCountry", pwl_set_phone_country, S(phone_country), PWL_SERVER,
                  "Country code of numbers without one (default none)"),
    AP_INIT_ITERATE("Auth0PhonePrefix", pwl_set_phone_prefix, S(phone_prefixes), PWL_SERVER,
                    "How numbers begin that codes are sent to (default all)"),
    AP_INIT_TAKE1("Auth0Login", pwl_set_login, S(login), PWL_SERVER,
                  "Who draws the sign-in page: form, hosted, auth0js or lock (default form)"),
    AP_INIT_TAKE1("Auth0UnknownAddress", pwl_set_unknown, S(unknown), PWL_SERVER,
                  "What pages tell of unknown addresses: hide, open or tell (default hide)"),
    AP_INIT_TAKE1("Auth0MinSendTime", pwl_set_min_send, S(min_send_time), PWL_SERVER,
                  "Least time of what hides unknown addresses, or off (default 1200ms)"),
    AP_INIT_TAKE12("Auth0Script", pwl_set_script, S(script), PWL_SERVER,
                   "File or https URL of auth0.js or Lock, then its hash (default none)"),
    AP_INIT_TAKE2("Auth0AuthorizeParam", pwl_set_authorize, S(authorize), PWL_SERVER,
                  "Name and value of a further parameter of /authorize (default none)"),
    AP_INIT_TAKE1("Auth0Logout", pwl_set_logout, S(logout), PWL_SERVER,
                  "What signing out ends: the session here, or the tenant's too (default local)"),
    AP_INIT_TAKE1("Auth0Scope", pwl_set_text, S(scope), PWL_SERVER,
                  "OAuth scope (default \"openid profile email\")"),
    AP_INIT_TAKE1("Auth0Audience", pwl_set_text, S(audience), PWL_SERVER,
                  "API identifier to ask an access token for (default none)"),
    AP_INIT_TAKE1("Auth0IDTokenAlg", pwl_set_alg, S(alg), PWL_SERVER,
                  "The one signature algorithm accepted (default RS256)"),
    AP_INIT_TAKE1("Auth0ClockSkew", pwl_set_interval, S(skew), PWL_SERVER,
                  "How far clocks may differ (default 60s)"),
    AP_INIT_TAKE1("Auth0ConnectTimeout", pwl_set_interval, S(connect_timeout), PWL_SERVER,
                  "Connecting to the tenant may take this long (default 2s)"),
    AP_INIT_TAKE1("Auth0Timeout", pwl_set_interval, S(timeout), PWL_SERVER,
                  "A whole call may take this long (default 10s)"),
    AP_INIT_TAKE1("Auth0MaxCalls", pwl_set_max_calls, S(max_calls), PWL_SERVER,
                  "Calls at once, per child (default a quarter of the threads)"),
    AP_INIT_FLAG("Auth0ForwardClientIP", pwl_set_flag, S(forward_ip), PWL_SERVER,
                 "Tell the tenant the visitor's address (default On)"),
    AP_INIT_TAKE1("Auth0CAFile", pwl_set_file, S(ca_file), PWL_SERVER,
                  "CA certificates for calls to the tenant (default system's)"),
    AP_INIT_TAKE1("Auth0Proxy", pwl_set_text, S(proxy), PWL_SERVER,
                  "Outbound proxy URL (default none)"),
    /* this site */
    AP_INIT_TAKE1("Auth0Path", pwl_set_path, S(path), PWL_SERVER,
                  "Where our own URLs are (default /.auth0/)"),
    AP_INIT_TAKE1("Auth0BaseURL", pwl_set_base_url, S(base_url), PWL_SERVER,
                  "Public https://host[:port] (default from ServerName)"),
    AP_INIT_FLAG("Auth0InsecureHTTP", pwl_set_flag, S(insecure_http), PWL_SERVER,
                 "Serve plain http, for development (default Off)"),
    AP_INIT_TAKE1("Auth0SealKey", pwl_set_secret, S(seal_key), PWL_SERVER,
                  "file: with one or two keys for cookies (default random)"),
    AP_INIT_TAKE1("Auth0SessionStore", pwl_set_store, S(store_bytes), PWL_SERVER,
                  "Where sessions are: shm(SIZE), shm:FILE(SIZE), redis://HOST (default shm(32m))"),
    /* a sign-in */
    AP_INIT_TAKE1("Auth0SignInTimeout", pwl_set_interval, S(signin_timeout), PWL_SERVER,
                  "Life of a sign-in in progress (default 15m)"),
    AP_INIT_ITERATE("Auth0Throttle", pwl_set_throttle, S(throttle), PWL_SERVER,
                    "Codes sent and wrong (default address=5/15m client=20/1h site=1000/1h wrong=50/7d)"),
    AP_INIT_ITERATE("Auth0ThrottleExempt", pwl_set_throttle_exempt, S(throttle_exempt), PWL_SERVER,
                    "Networks that are not counted as clients (default none)"),
    AP_INIT_TAKE1("Auth0TestAddress", pwl_set_test_address, S(test_address), PWL_SERVER,
                  "Address that nothing is sent to and no code is right for (default none)"),
    AP_INIT_TAKE_ARGV("Auth0ResendInterval", pwl_set_resend, S(resend), PWL_SERVER,
                      "Waits before the second, third, later codes (default 60 120 300)"),
    AP_INIT_TAKE1("Auth0CodeLifetime", pwl_set_interval, S(code_lifetime), PWL_SERVER,
                  "As set in the tenant (default 3m)"),
    AP_INIT_TAKE1("Auth0CodeLength", pwl_set_code_length, S(code_length), PWL_SERVER,
                  "As set in the tenant (default 6)"),
    /* its pages */
    AP_INIT_TAKE1("Auth0SiteName", pwl_set_text, S(site_name), PWL_SERVER,
                  "Name of the site on our pages (default its host)"),
    AP_INIT_TAKE1("Auth0Logo", pwl_set_place, S(logo), PWL_SERVER,
                  "Picture on our pages (default none)"),
    AP_INIT_TAKE1("Auth0Stylesheet", pwl_set_place, S(stylesheet), PWL_SERVER,
                  "Stylesheet loaded after ours (default none)"),
    AP_INIT_TAKE1("Auth0Theme", pwl_set_theme, S(theme), PWL_SERVER,
                  "auto, light or dark (default auto)"),
    AP_INIT_TAKE1("Auth0Help", pwl_set_url, S(help), PWL_SERVER,
                  "Where people get help: URL or mailto: (default none)"),
    AP_INIT_TAKE_ARGV("Auth0Languages", pwl_language_set, S(languages), PWL_SERVER,
                      "Languages of our pages, or all (default en)"),
    AP_INIT_TAKE2("Auth0Messages", pwl_language_set_messages, S(messages), PWL_SERVER,
                  "Language and file of texts to put over its own (default none)"),
    /* a location */
    AP_INIT_TAKE1("Auth0SessionMax", pwl_set_limit, D(session_max), PWL_ANYWHERE,
                  "Longest life of a session (default 8h)"),
    AP_INIT_TAKE1("Auth0SessionIdle", pwl_set_limit, D(session_idle), PWL_ANYWHERE,
                  "Longest pause in a session (default 1h)"),
    AP_INIT_TAKE1("Auth0RemoteUser", pwl_set_text, D(remote_user), PWL_ANYWHERE,
                  "Claim that becomes REMOTE_USER (default email)"),
    AP_INIT_TAKE_ARGV("Auth0PassClaims", pwl_set_pass, D(pass), PWL_ANYWHERE,
                      "env, headers, both or none, then claims (default both, all)"),
    AP_INIT_TAKE1("Auth0PassToken", pwl_set_pass_token, D(pass_token), PWL_ANYWHERE,
                  "Access token: env, headers, both, bearer or none (default none)"),
    AP_INIT_TAKE12("Auth0Unauthenticated", pwl_set_unauthenticated, D(unauth), PWL_ANYWHERE,
                   "auto, login, 401 or pass, then an expression (default auto)"),
    {NULL}
};
/* clang-format on */

static void register_hooks(apr_pool_t *pool)
{
    /* Before every module that could act on forged headers or take our URLs
     * for its own. */
    const int first = APR_HOOK_REALLY_FIRST - 10;
    static const char *const rules[] = {"mod_authz_core.c", NULL};

    ap_hook_pre_config(pwl_setup_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(pwl_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(pwl_preflight_test, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(pwl_setup_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_monitor(pwl_setup_monitor, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(pwl_setup_child_init, NULL, NULL, APR_HOOK_MIDDLE);

    ap_hook_post_read_request(pwl_request_read, NULL, NULL, first);
    ap_hook_pre_translate_name(pwl_request_pre_translate, NULL, NULL, first);
    ap_hook_translate_name(pwl_request_translate, NULL, NULL, first);
    ap_hook_map_to_storage(pwl_request_map, NULL, NULL, first);
    ap_hook_log_transaction(pwl_request_mask, NULL, NULL, first);
    ap_hook_check_access_ex(pwl_gate_exempt, NULL, NULL, first,
                            AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_access_ex(pwl_gate_pass, rules, NULL, APR_HOOK_REALLY_LAST,
                            AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authn(pwl_gate_check, NULL, NULL, APR_HOOK_MIDDLE,
                        AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_fixups(pwl_gate_redirected, NULL, NULL, first);
    ap_hook_note_auth_failure(pwl_gate_denied, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(pwl_endpoint_handle, NULL, NULL, first);
    ap_hook_handler(pwl_sessions_handle, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(pwl_status_handle, NULL, NULL, APR_HOOK_MIDDLE);
    pwl_status_register();
    pwl_require_register(pool);
}

AP_DECLARE_MODULE(auth0_pwless) = {
    STANDARD20_MODULE_STUFF,
    pwl_conf_make_dir,
    pwl_conf_merge_dir,
    pwl_conf_make_server,
    pwl_conf_merge_server,
    directives,
    register_hooks,
    0,
};
