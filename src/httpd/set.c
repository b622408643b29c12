/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setters of directive values: judge the text with core/setting.c, store it at
 * the offset the row names.
 */
#include "httpd/set.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

#include "core/limits.h"
#include "core/jws.h"
#include "core/otp.h"
#include "core/redisurl.h"
#include "core/setting.h"
#include "io/store.h"

APLOG_USE_MODULE(auth0_pwless);

void *pwl_set_field(cmd_parms *cmd, void *dir)
{
    pwl_server_conf_t *server = pwl_conf_server(cmd->server);
    void *record = cmd->cmd->req_override & OR_AUTHCFG ? dir : (void *)server;

    if (!server->where && record == server)
        server->where =
            apr_psprintf(cmd->pool, "%s:%d", cmd->directive->filename,
                         cmd->directive->line_num);
    return (char *)record + (apr_size_t)cmd->info;
}

const char *pwl_set_complain(cmd_parms *cmd, const char *why)
{
    return why ? apr_pstrcat(cmd->pool, cmd->cmd->name, ": ", why, NULL) : NULL;
}

const char *pwl_set_refuse(cmd_parms *cmd, const char *arg, const char *cure)
{
    return apr_pstrcat(cmd->pool, cmd->cmd->name, ": \"", arg, "\" ", cure,
                       NULL);
}

const char *pwl_set_text(cmd_parms *cmd, void *dir, const char *arg)
{
    const char **text = pwl_set_field(cmd, dir);
    const unsigned char *p;

    for (p = (const unsigned char *)arg; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            return pwl_set_complain(cmd, "the value holds a control character");
    }
    if (!*arg)
        return pwl_set_complain(
            cmd, "the value is empty; leave the line out instead");
    *text = arg;
    return NULL;
}

const char *pwl_set_token(cmd_parms *cmd, void *dir, const char *arg)
{
    const char **text = pwl_set_field(cmd, dir);

    *text = arg;
    return pwl_set_complain(cmd, pwl_setting_token(arg, cmd->pool));
}

const char *pwl_set_domain(cmd_parms *cmd, void *dir, const char *arg)
{
    return pwl_set_complain(
        cmd, pwl_setting_domain(arg, pwl_set_field(cmd, dir), cmd->pool));
}

const char *pwl_set_base_url(cmd_parms *cmd, void *dir, const char *arg)
{
    /* http is let through here; httpd/check.c wants Auth0InsecureHTTP for it,
     * which may stand further down. */
    return pwl_set_complain(
        cmd, pwl_setting_base_url(arg, 1, pwl_set_field(cmd, dir), cmd->pool));
}

const char *pwl_set_path(cmd_parms *cmd, void *dir, const char *arg)
{
    const char **path = pwl_set_field(cmd, dir);

    *path = arg;
    return pwl_set_complain(cmd, pwl_setting_path(arg, cmd->pool));
}

/* A path on this site, or an https: URL. */
static int is_place(const char *arg)
{
    return (arg[0] == '/' && arg[1] != '/') || !strncmp(arg, "https://", 8);
}

const char *pwl_set_place(cmd_parms *cmd, void *dir, const char *arg)
{
    const char *bad = pwl_set_text(cmd, dir, arg);

    if (bad || is_place(arg))
        return bad;
    return pwl_set_refuse(cmd, arg,
                          "is neither a path on this site nor an https: URL "
                          "(try /css/login.css)");
}

const char *pwl_set_url(cmd_parms *cmd, void *dir, const char *arg)
{
    const char *bad = pwl_set_text(cmd, dir, arg);

    if (bad || is_place(arg) || !strncmp(arg, "mailto:", 7))
        return bad;
    return pwl_set_refuse(cmd, arg,
                          "is neither a path on this site nor https: or "
                          "mailto: (try /help or mailto:help@example.org)");
}

const char *pwl_set_file(cmd_parms *cmd, void *dir, const char *arg)
{
    const char **file = pwl_set_field(cmd, dir);
    apr_finfo_t info;

    *file = ap_server_root_relative(cmd->pool, arg);
    if (!*file || apr_stat(&info, *file, APR_FINFO_TYPE, cmd->temp_pool) ||
        info.filetype != APR_REG)
        return pwl_set_refuse(cmd, arg,
                              "is not a file httpd can see (relative paths "
                              "start at ServerRoot)");
    return NULL;
}

const char *pwl_set_secret(cmd_parms *cmd, void *dir, const char *arg)
{
    const char **text = pwl_set_field(cmd, dir);

    *text = arg; /* judged by httpd/check.c, read by httpd/realm.c */
    return NULL;
}

const char *pwl_set_word(cmd_parms *cmd, int *out, const char *arg,
                         const pwl_set_word_t *words)
{
    const char *good = "";
    const pwl_set_word_t *word;

    for (word = words; word->word; word++) {
        if (!ap_cstr_casecmp(arg, word->word)) {
            *out = word->value;
            return NULL;
        }
        good = apr_pstrcat(cmd->temp_pool, good, *good ? ", " : "", word->word,
                           NULL);
    }
    return pwl_set_refuse(
        cmd, arg, apr_pstrcat(cmd->temp_pool, "is none of: ", good, NULL));
}

const char *pwl_set_alg(cmd_parms *cmd, void *dir, const char *arg)
{
    static const pwl_set_word_t words[] = {{"RS256", PWL_ALG_RS256},
                                           {"PS256", PWL_ALG_PS256},
                                           {"HS256", PWL_ALG_HS256},
                                           {NULL, 0}};

    return pwl_set_word(cmd, pwl_set_field(cmd, dir), arg, words);
}

const char *pwl_set_theme(cmd_parms *cmd, void *dir, const char *arg)
{
    static const char *const themes[] = {"auto", "light", "dark"};
    static const pwl_set_word_t words[] = {
        {"auto", 0}, {"light", 1}, {"dark", 2}, {NULL, 0}};
    const char **theme = pwl_set_field(cmd, dir);
    int which = 0;
    const char *bad = pwl_set_word(cmd, &which, arg, words);

    *theme = themes[which];
    return bad;
}

/* Not ap_timeout_parameter_parse(): it reads "1h30m" as an hour, and wants
 * "min" where everybody else writes 15m. */
static const char *read_interval(cmd_parms *cmd, const char *arg,
                                 apr_interval_time_t *out)
{
    return pwl_set_complain(cmd, pwl_setting_interval(arg, out, cmd->pool));
}

const char *pwl_set_interval(cmd_parms *cmd, void *dir, const char *arg)
{
    return read_interval(cmd, arg, pwl_set_field(cmd, dir));
}

const char *pwl_set_limit(cmd_parms *cmd, void *dir, const char *arg)
{
    apr_interval_time_t *limit = pwl_set_field(cmd, dir);
    const char *bad = read_interval(cmd, arg, limit);

    /* A .htaccess file is read while others serve requests. */
    if (!bad && ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_RUN_MPM)
        pwl_conf_note_limit((apr_size_t)cmd->info ==
                                APR_OFFSETOF(pwl_dir_conf_t, session_idle),
                            *limit);
    return bad;
}

const char *pwl_set_resend(cmd_parms *cmd, void *dir, int argc,
                           char *const argv[])
{
    const apr_array_header_t **list = pwl_set_field(cmd, dir);
    apr_array_header_t *waits =
        apr_array_make(cmd->pool, 3, sizeof(apr_interval_time_t));
    const char *bad;
    int i;

    if (argc < 1 || argc > 3)
        return pwl_set_complain(cmd,
                                "takes one to three times (try 60 120 300)");
    for (i = 0; i < argc; i++) {
        bad = read_interval(cmd, argv[i], apr_array_push(waits));
        if (bad)
            return bad;
    }
    *list = waits;
    return NULL;
}

const char *pwl_set_flag(cmd_parms *cmd, void *dir, int on)
{
    int *flag = pwl_set_field(cmd, dir);

    *flag = on;
    return NULL;
}

const char *pwl_set_code_length(cmd_parms *cmd, void *dir, const char *arg)
{
    return pwl_set_complain(cmd, pwl_setting_int(arg, 4, PWL_OTP_MAX_DIGITS,
                                                 pwl_set_field(cmd, dir),
                                                 cmd->pool));
}

static const char *main_server_only(cmd_parms *cmd)
{
    return cmd->server->is_virtual
               ? pwl_set_complain(cmd,
                                  "belongs outside of <VirtualHost>: all hosts "
                                  "share it")
               : NULL;
}

const char *pwl_set_max_calls(cmd_parms *cmd, void *dir, const char *arg)
{
    const char *bad = main_server_only(cmd);

    if (bad)
        return bad;
    return pwl_set_complain(
        cmd,
        pwl_setting_int(arg, 1, 10000, pwl_set_field(cmd, dir), cmd->pool));
}

static const char *set_bytes(cmd_parms *cmd, void *dir, const char *arg,
                             apr_size_t bytes)
{
    if (bytes < pwl_store_min_bytes() || bytes > PWL_STORE_MAX_BYTES)
        return pwl_set_refuse(
            cmd, arg,
            apr_psprintf(cmd->pool,
                         "is too small or too large: it "
                         "takes %" APR_SIZE_T_FMT " bytes to begin "
                         "with, and at most %" APR_INT64_T_FMT "g",
                         pwl_store_min_bytes(), PWL_STORE_MAX_BYTES >> 30));
    *(apr_int64_t *)pwl_set_field(cmd, dir) = (apr_int64_t)bytes;
    return NULL;
}

const char *pwl_set_store(cmd_parms *cmd, void *dir, const char *arg)
{
    pwl_server_conf_t *conf = pwl_conf_server(cmd->server);
    pwl_redisurl_t *redis = apr_palloc(cmd->pool, sizeof(*redis));
    const char *bad = main_server_only(cmd);
    const char *file = NULL;
    apr_size_t bytes;

    if (bad)
        return bad;
    conf->store_file = NULL;
    conf->redis = NULL;
    if (pwl_redisurl_is(arg)) {
        bad = pwl_set_complain(cmd, pwl_redisurl_parse(arg, redis, cmd->pool));
        if (bad)
            return bad;
        conf->redis = redis;
        /* A message that quoted the address would quote a password. */
        return set_bytes(cmd, dir, "cache=", redis->cache_bytes);
    }
    bad =
        pwl_set_complain(cmd, pwl_setting_store(arg, &bytes, &file, cmd->pool));
    if (bad)
        return bad;
    conf->store_file = file ? ap_server_root_relative(cmd->pool, file) : NULL;
    return set_bytes(cmd, dir, arg, bytes);
}

const char *pwl_set_pass(cmd_parms *cmd, void *dir, int argc,
                         char *const argv[])
{
    static const pwl_set_word_t words[] = {{"env", PWL_PASS_ENV},
                                           {"headers", PWL_PASS_HEADERS},
                                           {"both", PWL_PASS_BOTH},
                                           {"none", PWL_PASS_NONE},
                                           {NULL, 0}};
    pwl_dir_conf_t *conf = dir;
    apr_array_header_t *claims;
    const char *bad;
    int i;

    if (argc < 1)
        return pwl_set_complain(
            cmd, "takes env, headers, both or none, then claims");
    bad = pwl_set_word(cmd, &conf->pass, argv[0], words);
    conf->pass_claims = NULL; /* of an earlier line of this section */
    if (bad || argc == 1)
        return bad;
    claims = apr_array_make(cmd->pool, argc - 1, sizeof(char *));
    for (i = 1; i < argc; i++) {
        if (!*argv[i] || strlen(argv[i]) > PWL_CLAIM_NAME_MAX)
            return pwl_set_refuse(cmd, argv[i], "is not the name of a claim");
        APR_ARRAY_PUSH(claims, const char *) = argv[i];
    }
    conf->pass_claims = claims;
    return NULL;
}

const char *pwl_set_pass_token(cmd_parms *cmd, void *dir, const char *arg)
{
    static const pwl_set_word_t words[] = {
        {"none", PWL_PASS_TOKEN_NONE},       {"env", PWL_PASS_TOKEN_ENV},
        {"headers", PWL_PASS_TOKEN_HEADERS}, {"both", PWL_PASS_TOKEN_BOTH},
        {"bearer", PWL_PASS_TOKEN_BEARER},   {NULL, 0}};
    int *pass = pwl_set_field(cmd, dir);
    const char *bad = pwl_set_word(cmd, pass, arg, words);

    /* A .htaccess file is read while others serve requests. */
    if (!bad && *pass != PWL_PASS_TOKEN_NONE &&
        ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_RUN_MPM)
        pwl_conf_note_token();
    return bad;
}

const char *pwl_set_unauthenticated(cmd_parms *cmd, void *dir, const char *mode,
                                    const char *when)
{
    static const pwl_set_word_t words[] = {{"auto", PWL_UNAUTH_AUTO},
                                           {"login", PWL_UNAUTH_LOGIN},
                                           {"401", PWL_UNAUTH_401},
                                           {"pass", PWL_UNAUTH_PASS},
                                           {NULL, 0}};
    pwl_dir_conf_t *conf = dir;
    const char *bad = pwl_set_word(cmd, &conf->unauth, mode, words);
    const char *expr_error = NULL;

    conf->unauth_when = NULL;
    if (bad || !when)
        return bad;
    conf->unauth_when =
        ap_expr_parse_cmd(cmd, when, AP_EXPR_FLAG_DONT_VARY, &expr_error, NULL);
    if (expr_error)
        return pwl_set_refuse(
            cmd, when,
            apr_pstrcat(cmd->pool, "is not an expression: ", expr_error, NULL));
    return NULL;
}
