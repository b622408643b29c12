/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warnings about the configuration: it works, and hardly as it was meant. What
 * could not work is an error, in httpd/check.c. Nothing here changes anything.
 */
#include "httpd/advice.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

#include "core/setting.h"
#include "httpd/conf.h"
#include "httpd/lines.h"
#include "httpd/realm.h"
#include "io/secret.h"

APLOG_USE_MODULE(auth0_pwless);

static void say(server_rec *s, int level, const ap_directive_t *line,
                const char *what)
{
    ap_log_error(APLOG_MARK, level | APLOG_STARTUP, 0, s,
                 "pwless: %s:%d: host %s: %s %s", line->filename,
                 line->line_num, s->server_hostname, line->directive, what);
}

static void advise_name(server_rec *s, const pwl_server_conf_t *conf,
                        apr_pool_t *pool)
{
    if (conf->taken_over && !pwl_lines_name_host(s))
        ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_STARTUP, 0, s,
                     "pwless: %s:%u: this host has neither ServerName nor "
                     "Auth0BaseURL and goes by %s, which httpd made up: add "
                     "ServerName",
                     s->defn_name, s->defn_line_number,
                     pwl_realm_base_url(s, conf, pool));
}

/* Of many hosts one address cannot be the public one. */
static void advise_base_url(server_rec *s, const pwl_server_conf_t *conf,
                            apr_pool_t *pool)
{
    const ap_directive_t *outer = pwl_lines_last(ap_conftree, "Auth0BaseURL");

    if (!s->is_virtual || conf->base_url || !outer)
        return;
    say(s, APLOG_WARNING, outer,
        apr_psprintf(pool,
                     "is of the main server alone, and the host at %s:%u goes "
                     "by %s: put a line of its own into its <VirtualHost>",
                     s->defn_name, s->defn_line_number,
                     pwl_realm_base_url(s, conf, pool)));
}

static void advise_secret(server_rec *s, const pwl_server_conf_t *conf)
{
    const ap_directive_t *line = pwl_lines_own(s, "Auth0ClientSecret");

    if (line && conf->client_secret &&
        pwl_secret_kind(conf->client_secret) == PWL_SECRET_FROM_TEXT)
        say(s, APLOG_NOTICE, line,
            "is the secret itself, which \"httpd -t -D DUMP_CONFIG\" and "
            "mod_info show: put it in a file, and name that with file:");
}

/* A code is as good as a password while it lives. */
static void advise_code_lifetime(server_rec *s, const pwl_server_conf_t *conf)
{
    const ap_directive_t *line = pwl_lines_own(s, "Auth0CodeLifetime");

    if (line && conf->code_lifetime > apr_time_from_sec(10 * 60))
        say(s, APLOG_WARNING, line,
            "is more than 10 minutes, the most that is advisable for a code: "
            "lower OTP Expiry in the tenant, and this with it");
}

static int read_time(const ap_directive_t *line, apr_interval_time_t *out,
                     apr_pool_t *pool)
{
    const char *args = line->args;

    return !pwl_setting_interval(ap_getword_conf(pool, &args), out, pool);
}

/* The longest Auth0SessionMax anywhere, or 0. */
static apr_interval_time_t longest_max(const ap_directive_t *node,
                                       apr_pool_t *pool)
{
    apr_interval_time_t longest = 0;

    for (; node; node = node->next) {
        apr_interval_time_t one = longest_max(node->first_child, pool);

        if (!ap_cstr_casecmp(node->directive, "Auth0SessionMax"))
            read_time(node, &one, pool);
        if (longest < one)
            longest = one;
    }
    return longest;
}

/* Auth0SessionIdle where Auth0SessionMax ends the session before. Both are
 * inherited by sections inside, so the walk takes along what holds. A section
 * elsewhere may hold for the same URLs: a pause that some Auth0SessionMax
 * leaves room for is let be. */
static void advise_idle(server_rec *s, const ap_directive_t *first,
                        apr_interval_time_t longest, apr_interval_time_t room,
                        apr_pool_t *pool)
{
    const ap_directive_t *max = pwl_lines_last(first, "Auth0SessionMax");
    const ap_directive_t *idle = pwl_lines_last(first, "Auth0SessionIdle");
    const ap_directive_t *node;
    apr_interval_time_t pause;

    if (max)
        read_time(max, &longest, pool);
    if (idle && read_time(idle, &pause, pool) && pause > longest &&
        pause > room)
        ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_STARTUP, 0, s,
                     "pwless: %s: Auth0SessionIdle is longer than "
                     "Auth0SessionMax, which ends the session before: set one "
                     "of the two",
                     pwl_lines_place(idle, pool));
    for (node = first; node; node = node->next)
        advise_idle(s, node->first_child, longest, room, pool);
}

void pwl_advice_give(server_rec *main_server, apr_pool_t *pool)
{
    server_rec *s;

    for (s = main_server; s; s = s->next) {
        const pwl_server_conf_t *conf = pwl_conf_server(s);

        advise_secret(s, conf);
        advise_code_lifetime(s, conf);
        if (!conf->domain)
            continue;
        advise_name(s, conf, pool);
        advise_base_url(s, conf, pool);
    }
    advise_idle(main_server, ap_conftree, pwl_conf_default_max(),
                longest_max(ap_conftree, pool), pool);
}
