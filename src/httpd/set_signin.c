/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setters of what is asked of people who sign in, and by whom: the way in, what
 * the tenant's own page is told, the client in our page, telephone numbers.
 */
#include <apr_strings.h>
#include <http_core.h>

#include "core/authparam.h"
#include "core/limits.h"
#include "core/page.h"
#include "core/phone.h"
#include "core/script.h"
#include "core/setting.h"
#include "httpd/set.h"

#define MIN_SEND_MAX apr_time_from_sec(10)

const char *pwl_set_send(cmd_parms *cmd, void *dir, const char *arg)
{
    static const pwl_set_word_t words[] = {
        {"code", PWL_SEND_CODE}, {"link", PWL_SEND_LINK}, {NULL, 0}};

    return pwl_set_word(cmd, pwl_set_field(cmd, dir), arg, words);
}

const char *pwl_set_login(cmd_parms *cmd, void *dir, const char *arg)
{
    static const pwl_set_word_t words[] = {{"form", PWL_LOGIN_FORM},
                                           {"hosted", PWL_LOGIN_HOSTED},
                                           {"auth0js", PWL_LOGIN_AUTH0JS},
                                           {"lock", PWL_LOGIN_LOCK},
                                           {NULL, 0}};

    return pwl_set_word(cmd, pwl_set_field(cmd, dir), arg, words);
}

const char *pwl_set_unknown(cmd_parms *cmd, void *dir, const char *arg)
{
    static const pwl_set_word_t words[] = {{"hide", PWL_PAGE_UNKNOWN_HIDE},
                                           {"open", PWL_PAGE_UNKNOWN_OPEN},
                                           {"tell", PWL_PAGE_UNKNOWN_TELL},
                                           {NULL, 0}};

    return pwl_set_word(cmd, pwl_set_field(cmd, dir), arg, words);
}

const char *pwl_set_min_send(cmd_parms *cmd, void *dir, const char *arg)
{
    apr_interval_time_t *least = pwl_set_field(cmd, dir);
    const char *bad;

    if (!ap_cstr_casecmp(arg, "off")) {
        *least = 0;
        return NULL;
    }
    bad = pwl_set_interval(cmd, dir, arg);
    if (!bad && *least > MIN_SEND_MAX)
        return pwl_set_refuse(cmd, arg,
                              "is more than ten seconds: a worker sleeps for "
                              "as long");
    return bad;
}

const char *pwl_set_logout(cmd_parms *cmd, void *dir, const char *arg)
{
    static const pwl_set_word_t words[] = {
        {"local", PWL_LOGOUT_LOCAL}, {"tenant", PWL_LOGOUT_TENANT}, {NULL, 0}};

    return pwl_set_word(cmd, pwl_set_field(cmd, dir), arg, words);
}

const char *pwl_set_authorize(cmd_parms *cmd, void *dir, const char *name,
                              const char *value)
{
    apr_table_t **params = pwl_set_field(cmd, dir);
    const char *bad = pwl_authparam_check(name, value, cmd->pool);

    if (bad)
        return pwl_set_complain(cmd, bad);
    if (!*params)
        *params = apr_table_make(cmd->pool, 4);
    if (apr_table_get(*params, name))
        return pwl_set_refuse(cmd, name,
                              "was set before: a parameter stands in the "
                              "URL once");
    if (apr_table_elts(*params)->nelts >= PWL_AUTHPARAM_MAX)
        return pwl_set_refuse(cmd, name,
                              "is one too many: 16 parameters are taken");
    apr_table_setn(*params, name, value);
    return NULL;
}

const char *pwl_set_script(cmd_parms *cmd, void *dir, const char *path,
                           const char *hash)
{
    const char **script = pwl_set_field(cmd, dir);

    if (hash && !pwl_script_hash_ok(hash))
        return pwl_set_refuse(cmd, hash,
                              "is no hash of a file (try: sha384- and the "
                              "output of openssl dgst -sha384 -binary FILE "
                              "| base64 -w0)");
    /* Of a file elsewhere nothing is known but what its hash says. */
    if (!strncmp(path, "https://", 8) && !hash)
        return pwl_set_refuse(
            cmd, path,
            "needs its hash beside it (try: sha384- and the output "
            "of curl URL | openssl dgst -sha384 -binary | base64 "
            "-w0)");
    *script = strncmp(path, "https://", 8)
                  ? ap_server_root_relative(cmd->pool, path)
                  : path;
    if (!*script)
        return pwl_set_refuse(cmd, path, "is no path");
    /* The file is judged by httpd/check.c, which knows Auth0Login. */
    pwl_conf_server(cmd->server)->script_hash = hash;
    return NULL;
}

const char *pwl_set_phone_country(cmd_parms *cmd, void *dir, const char *arg)
{
    const char **country = pwl_set_field(cmd, dir);

    if (!pwl_phone_is_prefix(arg, 3))
        return pwl_set_refuse(cmd, arg, "is no country code (try +32)");
    *country = arg;
    return NULL;
}

const char *pwl_set_phone_prefix(cmd_parms *cmd, void *dir, const char *arg)
{
    apr_array_header_t **prefixes = pwl_set_field(cmd, dir);

    if (!pwl_phone_is_prefix(arg, PWL_PHONE_MAX_DIGITS))
        return pwl_set_refuse(cmd, arg,
                              "is not how a number begins (try +32 or "
                              "+3247)");
    if (!*prefixes)
        *prefixes = apr_array_make(cmd->pool, 4, sizeof(char *));
    APR_ARRAY_PUSH(*prefixes, const char *) = arg;
    return NULL;
}
