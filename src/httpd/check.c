/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks that need more than one directive. Each message names file and line,
 * the directive, what is wrong and what to write instead.
 *
 * Setters (httpd/set.c) have judged single values by now; defaults are not
 * filled in yet, so "unset" can still be told.
 */
#include "httpd/check.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <openssl/crypto.h>

#include "core/authparam.h"
#include "core/jwks.h"
#include "core/jws.h"
#include "core/setting.h"
#include "httpd/advice.h"
#include "httpd/client.h"
#include "httpd/conf.h"
#include "httpd/language.h"
#include "httpd/lines.h"
#include "httpd/place.h"
#include "httpd/realm.h"
#include "httpd/recipient.h"
#include "httpd/sections.h"
#include "io/secret.h"
#include "io/sessionfile.h"

APLOG_USE_MODULE(auth0_pwless);

static int say(server_rec *s, const char *where, const char *directive,
               const char *what)
{
    ap_log_error(APLOG_MARK, APLOG_ERR | APLOG_STARTUP, 0, s,
                 "pwless: %s: host %s: %s %s", where,
                 s->server_hostname ? s->server_hostname : "(no ServerName)",
                 directive, what);
    return 1;
}

/* A directive that should be there: what is named is where the host's other
 * ones begin. Returns 1, as complain() does, so that callers can count. */
static int lacks(server_rec *s, const pwl_server_conf_t *conf,
                 const char *directive, const char *what)
{
    return say(s, conf->where ? conf->where : "(no Auth0 directive)", directive,
               what);
}

/* A directive that is there, and wrong. */
static int complain(server_rec *s, const pwl_server_conf_t *conf,
                    const char *directive, const char *what, apr_pool_t *pool)
{
    const ap_directive_t *line = pwl_lines_of(s, directive);

    return line ? say(s, pwl_lines_place(line, pool), directive, what)
                : lacks(s, conf, directive, what);
}

/* HS256 signs with the client secret; a program's is known at the start only.
 */
static int check_hs256(server_rec *s, const pwl_server_conf_t *conf,
                       apr_pool_t *pool)
{
    const char *secret;

    if (conf->alg != PWL_ALG_HS256 ||
        pwl_secret_kind(conf->client_secret) == PWL_SECRET_FROM_EXEC ||
        pwl_secret_read(conf->client_secret, ap_server_root, &secret, pool)
                .why != PWL_OK ||
        strlen(secret) >= PWL_JWK_SECRET_MIN)
        return 0;
    return complain(s, conf, "Auth0IDTokenAlg",
                    "HS256 needs a client secret of at least 16 bytes: use "
                    "RS256, or rotate the secret in the tenant",
                    pool);
}

static int check_key(server_rec *s, const pwl_server_conf_t *conf,
                     apr_pool_t *pool)
{
    pwl_assertion_key_t *key;
    pwl_result_t res;

    if (conf->client_secret)
        return complain(
            s, conf, "Auth0ClientKey",
            "stands beside Auth0ClientSecret, and an application "
            "has one of the two: take the one away that Credentials "
            "> Authentication Method does not name",
            pool);
    if (conf->alg == PWL_ALG_HS256)
        return complain(s, conf, "Auth0IDTokenAlg",
                        "HS256 signs with the client secret, and this host has "
                        "Auth0ClientKey in its place: use RS256",
                        pool);
    res = pwl_secret_client_key(conf->client_key, ap_server_root, &key, pool);
    return res.why == PWL_OK
               ? 0
               : complain(s, conf, "Auth0ClientKey", res.detail, pool);
}

static int check_secret(server_rec *s, const pwl_server_conf_t *conf,
                        apr_pool_t *pool)
{
    const char *slip;
    pwl_result_t res;

    if (conf->client_key)
        return check_key(s, conf, pool);
    if (!conf->client_secret)
        return lacks(s, conf, "Auth0ClientSecret",
                     "is missing: put the application's secret in a file "
                     "that only root reads, and add \"Auth0ClientSecret "
                     "file:auth0.secret\" beside this Auth0Domain");
    slip = pwl_secret_slip(conf->client_secret);
    if (slip)
        return complain(s, conf, "Auth0ClientSecret", slip, pool);
    res = pwl_secret_check(conf->client_secret, ap_server_root, pool);
    if (res.why != PWL_OK)
        return complain(s, conf, "Auth0ClientSecret", res.detail, pool);
    return check_hs256(s, conf, pool);
}

static int check_seal_key(server_rec *s, const pwl_server_conf_t *conf,
                          apr_pool_t *pool)
{
    pwl_seal_keys_t keys;
    pwl_result_t res;

    if (!conf->seal_key)
        return 0;
    if (pwl_secret_kind(conf->seal_key) == PWL_SECRET_FROM_TEXT)
        return complain(s, conf, "Auth0SealKey",
                        "takes file:PATH, a file with one or two lines of 32 "
                        "bytes in base64 (try: openssl rand -base64 32)",
                        pool);
    if (pwl_secret_kind(conf->seal_key) == PWL_SECRET_FROM_EXEC)
        res = pwl_secret_check(conf->seal_key, ap_server_root, pool);
    else
        res = pwl_secret_seal_keys(conf->seal_key, ap_server_root, &keys, pool);
    OPENSSL_cleanse(&keys, sizeof(keys)); /* children inherit the stack */
    return res.why == PWL_OK
               ? 0
               : complain(s, conf, "Auth0SealKey", res.detail, pool);
}

/* httpd gives a host without a name the main server's, or makes one up, which
 * may do for development. Where the main server is but the frame of hosts, its
 * own does not matter; a host without a line of ours is warned of in
 * httpd/advice.c. */
static int check_name(server_rec *s, const pwl_server_conf_t *conf)
{
    if (conf->base_url || conf->insecure_http == 1 || conf->taken_over ||
        pwl_lines_name_host(s) || (!s->is_virtual && s->next))
        return 0;
    return lacks(s, conf, "Auth0BaseURL",
                 "is missing, and there is no ServerName to take the "
                 "public address from: add \"Auth0BaseURL "
                 "https://www.example.org\"");
}

static int check_base_url(server_rec *s, const pwl_server_conf_t *conf,
                          apr_pool_t *pool)
{
    const char *url = pwl_realm_base_url(s, conf, pool);
    const char *what;

    if (!url || strncmp(url, "https:", 6) == 0 || conf->insecure_http == 1)
        return 0;
    what = apr_psprintf(pool,
                        "or ServerName gives %s, and plain http would show "
                        "cookies to everybody: use https, or "
                        "\"Auth0InsecureHTTP On\" for development",
                        url);
    /* It is not inherited: the main server's line has no part in this. */
    return conf->base_url ? complain(s, conf, "Auth0BaseURL", what, pool)
                          : lacks(s, conf, "Auth0BaseURL", what);
}

/* Of two directives that contradict each other, the one that is written is
 * named; the other may be a default. */
static int check_lifetimes(server_rec *s, const pwl_server_conf_t *given,
                           apr_pool_t *pool)
{
    pwl_server_conf_t conf = *given;

    pwl_conf_server_defaults(&conf);
    if (conf.code_lifetime > conf.signin_timeout)
        return given->code_lifetime != PWL_UNSET
                   ? complain(s, given, "Auth0CodeLifetime",
                              "is longer than Auth0SignInTimeout: a sign-in "
                              "would end before its code; set "
                              "Auth0SignInTimeout to at least as much",
                              pool)
                   : complain(s, given, "Auth0SignInTimeout",
                              "is shorter than Auth0CodeLifetime, 3m unless "
                              "set: a sign-in would end before its code; set "
                              "it to at least as much",
                              pool);
    if (conf.connect_timeout > conf.timeout)
        return given->connect_timeout != PWL_UNSET
                   ? complain(s, given, "Auth0ConnectTimeout",
                              "is longer than Auth0Timeout, which covers it",
                              pool)
                   : complain(s, given, "Auth0Timeout",
                              "is shorter than Auth0ConnectTimeout, 2s unless "
                              "set, which it covers",
                              pool);
    return 0;
}

/* What the ID token must hold: the address the code went to, where we asked
 * for it; the telephone number always. */
static int check_scope(server_rec *s, const pwl_server_conf_t *conf,
                       apr_pool_t *pool)
{
    const char *address = pwl_recipient_is_phone(conf) ? "phone" : "email";

    if (!conf->scope)
        return 0;
    if (!pwl_setting_has_word(conf->scope, "openid"))
        return complain(s, conf, "Auth0Scope",
                        "lacks openid, and the tenant issues no ID token "
                        "without it: nobody could sign in; add it",
                        pool);
    if (pwl_setting_has_word(conf->scope, address))
        return 0;
    if (conf->login != PWL_UNSET && conf->login != PWL_LOGIN_FORM &&
        !pwl_recipient_is_phone(conf))
        return 0;
    return complain(s, conf, "Auth0Scope",
                    apr_pstrcat(pool, "lacks ", address,
                                ", and an ID token without the address cannot "
                                "be told to be the one of the code: nobody "
                                "could sign in; add it",
                                NULL),
                    pool);
}

/* A code typed in our own form proves nothing but the address. */
static int check_authorize(server_rec *s, const pwl_server_conf_t *conf,
                           apr_pool_t *pool)
{
    const char *name = pwl_authparam_proved(conf->authorize);

    if (!name || conf->login == PWL_LOGIN_HOSTED)
        return 0;
    return complain(s, conf, "Auth0AuthorizeParam",
                    apr_pstrcat(pool, name,
                                " holds for the tenant's own page only, and "
                                "codes typed here would be good without it: "
                                "add \"Auth0Login hosted\"",
                                NULL),
                    pool);
}

/* The page that waits for the link is ours, and text messages hold codes. */
static int check_send(server_rec *s, const pwl_server_conf_t *conf,
                      apr_pool_t *pool)
{
    if (conf->send != PWL_SEND_LINK)
        return 0;
    if (pwl_recipient_is_phone(conf))
        return complain(s, conf, "Auth0Send",
                        "link is for e-mail, and Auth0Connection is sms: "
                        "leave Auth0Send out",
                        pool);
    if (conf->login != PWL_UNSET && conf->login != PWL_LOGIN_FORM)
        return complain(s, conf, "Auth0Send",
                        "link goes with Auth0Login form only: leave one of "
                        "the two out",
                        pool);
    return 0;
}

static int check_test_address(server_rec *s, const pwl_server_conf_t *conf,
                              apr_pool_t *pool)
{
    int is_phone = conf->test_address && !strchr(conf->test_address, '@');

    if (!conf->test_address || is_phone == pwl_recipient_is_phone(conf))
        return 0;
    return complain(s, conf, "Auth0TestAddress",
                    is_phone ? "is a telephone number, and Auth0Connection is "
                               "for e-mail: name an address nobody has (try "
                               "monitor@example.org)"
                             : "is an e-mail address, and Auth0Connection is "
                               "sms: name a number nobody has (try "
                               "+3215555000)",
                    pool);
}

static int check_store(server_rec *s, apr_pool_t *pool)
{
    const pwl_server_conf_t *conf = pwl_conf_server(s);
    const char *bad = pwl_place_check(conf, pool);

    if (!bad && conf->store_file)
        bad = pwl_sessionfile_judge(conf->store_file, pool);
    return bad ? complain(s, conf, "Auth0SessionStore", bad, pool) : 0;
}

static int check_script(server_rec *s, const pwl_server_conf_t *conf,
                        apr_pool_t *pool)
{
    const char *bad = pwl_client_check(conf, pool);

    if (!bad)
        return 0;
    return conf->script ? complain(s, conf, "Auth0Script", bad, pool)
                        : lacks(s, conf, "Auth0Script", bad);
}

static int check_languages(server_rec *s, const pwl_server_conf_t *conf,
                           apr_pool_t *pool)
{
    const char *bad = pwl_language_check(conf, pool);
    const char *idle = pwl_language_idle(conf, pool);

    if (bad)
        return complain(s, conf, "Auth0Languages", bad, pool);
    if (idle)
        ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_STARTUP, 0, s,
                     "pwless: host %s: Auth0Messages has texts that nobody "
                     "will see: add %s to Auth0Languages",
                     s->server_hostname, idle);
    return 0;
}

/* Headers of ours that a client sends are taken out before anything reads its
 * request (httpd/request.c). With MergeTrailers httpd adds the trailers of a
 * body to them later, while a back end is being fed with it. */
static int check_trailers(server_rec *s, const pwl_server_conf_t *conf,
                          apr_pool_t *pool)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);

    if (core->merge_trailers != AP_MERGE_TRAILERS_ENABLE)
        return 0;
    return complain(s, conf, "MergeTrailers",
                    "is On, and clients could send the headers of an identity "
                    "behind a body, where nothing takes them out: add "
                    "\"MergeTrailers Off\" to this host",
                    pool);
}

static int check_host(server_rec *s, apr_pool_t *pool)
{
    const pwl_server_conf_t *conf = pwl_conf_server(s);

    if (!conf->domain) {
        if (!conf->where || !s->is_virtual || !conf->client_id)
            return 0;
        return lacks(s, conf, "Auth0Domain",
                     "is missing: add the tenant's domain (try: "
                     "Auth0Domain example.eu.auth0.com)");
    }
    if (!conf->client_id)
        return lacks(s, conf, "Auth0ClientID",
                     "is missing: copy it from the tenant's Applications "
                     "page");
    return check_secret(s, conf, pool) + check_seal_key(s, conf, pool) +
           check_name(s, conf) + check_base_url(s, conf, pool) +
           check_scope(s, conf, pool) + check_authorize(s, conf, pool) +
           check_send(s, conf, pool) + check_lifetimes(s, conf, pool) +
           check_script(s, conf, pool) + check_languages(s, conf, pool) +
           check_test_address(s, conf, pool) + check_trailers(s, conf, pool);
}

int pwl_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *main_server)
{
    server_rec *s;
    int bad = check_store(main_server, ptemp);

    pwl_conf_part_hosts(main_server, pconf);
    for (s = main_server; s; s = s->next)
        bad += check_host(s, ptemp);
    bad += pwl_sections_check(main_server, ptemp);
    if (!bad)
        pwl_advice_give(main_server, ptemp);
    return bad ? HTTP_INTERNAL_SERVER_ERROR : OK;
}
