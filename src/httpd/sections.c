/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AuthType and Require, as they stand in the tree of the configuration.
 *
 * httpd merges the sections that match a request: <Directory> and .htaccess,
 * then <Files>, then <Location>, then <If>, of the main server and of the
 * host. AuthType may so come from one section and Require from another. For
 * each section S with our AuthType, every other top-level section T in reach
 * (same host or main server) is asked whether it may add a rule that needs a
 * user:
 *
 *   S itself holds a Require, whichever          fine: somebody decided
 *   T is above or below S, and its rule asks     fine: /  and  /members
 *   T cannot be told (another kind, a pattern)   warning
 *   T may let a .htaccess file say Require       warning
 *   none of these                                error
 *
 * `Require all granted` of a folder above is no such rule: it is the usual way
 * to serve what somebody believed to be guarded.
 *
 * The operator's page of sessions needs a Require, too, of any kind. There it
 * is a warning: a section may be there that cannot be told, and nothing was
 * said to be guarded.
 */
#include "httpd/sections.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

#include "httpd/conf.h"

APLOG_USE_MODULE(auth0_pwless);

/* From worst to best, so that the best of several is the greatest. */
typedef enum { RULE_NEVER, RULE_PERHAPS, RULE_SURELY } rule_t;

typedef int test_t(const char *args, apr_pool_t *pool);

int pwl_sections_is_host(const server_rec *s, const ap_directive_t *node)
{
    return s->defn_name && !strcmp(s->defn_name, node->filename) &&
           s->defn_line_number == (unsigned)node->line_num &&
           !ap_cstr_casecmp(node->directive, "<VirtualHost");
}

static int is_any(const char *args, apr_pool_t *pool)
{
    return 1;
}

static int is_ours(const char *args, apr_pool_t *pool)
{
    return !ap_cstr_casecmp(ap_getword_conf(pool, &args), PWL_AUTH_TYPE);
}

/* A provider we do not know may well want a user. */
static int asks_for_user(const char *args, apr_pool_t *pool)
{
    static const char *const userless[] = {
        "all",    "env",         "ip",
        "host",   "forward-dns", "local",
        "method", "ssl",         "ssl-verify-client"};
    const char *word = ap_getword_conf(pool, &args);
    apr_size_t i;

    if (!ap_cstr_casecmp(word, "not"))
        word = ap_getword_conf(pool, &args);
    for (i = 0; i < sizeof(userless) / sizeof(userless[0]); i++) {
        if (!ap_cstr_casecmp(word, userless[i]))
            return 0;
    }
    return 1;
}

static int narrows(const char *args, apr_pool_t *pool)
{
    return ap_cstr_casecmp(ap_getword_conf(pool, &args), "all") != 0 ||
           ap_cstr_casecmp(ap_getword_conf(pool, &args), "granted") != 0;
}

static int is_sessions(const char *args, apr_pool_t *pool)
{
    return !ap_cstr_casecmp(ap_getword_conf(pool, &args), PWL_SESSIONS_HANDLER);
}

static int lets_auth(const char *args, apr_pool_t *pool)
{
    while (*args) {
        const char *word = ap_getword_conf(pool, &args);

        if (!ap_cstr_casecmp(word, "All") ||
            !ap_cstr_casecmp(word, "AuthConfig") ||
            !ap_cstr_casecmp(word, "Require"))
            return 1;
    }
    return 0;
}

/* Is there, in these lines or the sections among them, a `name` that passes? */
static int holds(const ap_directive_t *node, const char *name, test_t *test,
                 apr_pool_t *pool)
{
    for (; node; node = node->next) {
        if (!ap_cstr_casecmp(node->directive, name) && test(node->args, pool))
            return 1;
        if (holds(node->first_child, name, test, pool))
            return 1;
    }
    return 0;
}

/* The path of a <Location> or <Directory>, without a slash at its end; NULL
 * for patterns and other sections, whose reach cannot be told from here. */
static const char *path_of(const ap_directive_t *section, apr_pool_t *pool)
{
    const char *args = section->args;
    const char *end;
    apr_size_t len;
    char *path;

    if (ap_cstr_casecmp(section->directive, "<Location") != 0 &&
        ap_cstr_casecmp(section->directive, "<Directory") != 0)
        return NULL;
    end = strrchr(args, '>');
    if (end)
        args = apr_pstrmemdup(pool, args, (apr_size_t)(end - args));
    path = ap_getword_conf(pool, &args);
    if (*path != '/' || strpbrk(path, "*?["))
        return NULL;
    for (len = strlen(path); len && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    return path;
}

static int is_below(const char *path, const char *top)
{
    apr_size_t len = strlen(top);

    return !strncmp(path, top, len) && (path[len] == '/' || !path[len]);
}

/* Do both apply to a request? */
static rule_t overlap(const ap_directive_t *a, const ap_directive_t *b,
                      apr_pool_t *pool)
{
    const char *path = path_of(a, pool);
    const char *other = path_of(b, pool);

    if (!path || !other || ap_cstr_casecmp(a->directive, b->directive) != 0)
        return RULE_PERHAPS;
    return is_below(path, other) || is_below(other, path) ? RULE_SURELY
                                                          : RULE_NEVER;
}

/* What the sections among these lines may add to `ours`. */
static rule_t rule_among(const ap_directive_t *node, const ap_directive_t *ours,
                         apr_pool_t *pool)
{
    rule_t best = RULE_NEVER;

    for (; node; node = node->next) {
        rule_t rule;

        if (!node->first_child ||
            !ap_cstr_casecmp(node->directive, "<VirtualHost"))
            continue;
        rule = overlap(node, ours, pool);
        if (rule == RULE_NEVER)
            continue;
        if (!holds(node->first_child, "Require", asks_for_user, pool)) {
            if (!holds(node->first_child, "AllowOverride", lets_auth, pool) &&
                !holds(node->first_child, "AllowOverrideList", lets_auth, pool))
                continue;
            rule = RULE_PERHAPS;
        }
        if (rule > best)
            best = rule;
    }
    return best;
}

/* `ours` is the outermost section of `host`, or of the main server if NULL. */
static rule_t rule_of(const ap_directive_t *ours, const ap_directive_t *host,
                      apr_pool_t *pool)
{
    const ap_directive_t *node;
    rule_t best;

    if (holds(ours->first_child, "Require", is_any, pool))
        return RULE_SURELY;
    best = rule_among(ap_conftree, ours, pool);
    for (node = ap_conftree; node; node = node->next) {
        rule_t rule;

        /* What the main server says goes for every host. */
        if (ap_cstr_casecmp(node->directive, "<VirtualHost") != 0 ||
            (host && node != host))
            continue;
        rule = rule_among(node->first_child, ours, pool);
        if (rule > best)
            best = rule;
    }
    return best;
}

static int host_has_domain(server_rec *s, const ap_directive_t *host)
{
    for (; s; s = s->next) {
        if (!pwl_conf_server(s)->domain)
            continue;
        if (!host || pwl_sections_is_host(s, host))
            return 1;
    }
    return 0;
}

/* The outermost section around a line, but for its host; or the line. */
static const ap_directive_t *outermost(const ap_directive_t *node)
{
    while (node->parent &&
           ap_cstr_casecmp(node->parent->directive, "<VirtualHost") != 0)
        node = node->parent;
    return node;
}

/* Does one of these sections, around all of `ours`, keep anybody out? */
static int guarded_among(const ap_directive_t *node, const ap_directive_t *ours,
                         apr_pool_t *pool)
{
    const char *path = path_of(ours, pool);
    const char *above;

    for (; node && path; node = node->next) {
        if (ap_cstr_casecmp(node->directive, ours->directive) != 0)
            continue;
        above = path_of(node, pool);
        if (above && is_below(path, above) &&
            holds(node->first_child, "Require", narrows, pool))
            return 1;
    }
    return 0;
}

/* The operator's page ends sessions for whoever gets there. */
static void check_sessions(server_rec *s, const ap_directive_t *node,
                           apr_pool_t *pool)
{
    const ap_directive_t *top = outermost(node);

    if (holds(top->first_child, "Require", is_any, pool) ||
        holds(top->first_child, "Deny", is_any, pool) ||
        guarded_among(ap_conftree, top, pool) ||
        (top->parent && guarded_among(top->parent->first_child, top, pool)))
        return;
    ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_STARTUP, 0, s,
                 "pwless: %s:%d: SetHandler " PWL_SESSIONS_HANDLER
                 " stands without a Require, and whoever gets there can sign "
                 "everybody out: add one beside it (try: Require ip "
                 "192.0.2.0/24)",
                 node->filename, node->line_num);
}

/* Judge one AuthType of ours. @return 1 for an error */
static int check_one(server_rec *s, const ap_directive_t *node,
                     apr_pool_t *pool)
{
    const ap_directive_t *top = outermost(node);
    const ap_directive_t *host = top->parent;
    rule_t rule;

    if (!host_has_domain(s, host)) {
        ap_log_error(APLOG_MARK, APLOG_ERR | APLOG_STARTUP, 0, s,
                     "pwless: %s:%d: AuthType " PWL_AUTH_TYPE
                     " is used, but this host has no Auth0Domain: add "
                     "Auth0Domain, Auth0ClientID and Auth0ClientSecret to it",
                     node->filename, node->line_num);
        return 1;
    }
    rule = rule_of(top, host, pool);
    if (rule == RULE_SURELY)
        return 0;
    ap_log_error(
        APLOG_MARK,
        (rule == RULE_NEVER ? APLOG_ERR : APLOG_WARNING) | APLOG_STARTUP, 0, s,
        "pwless: %s:%d: AuthType " PWL_AUTH_TYPE " stands in %s %s without a "
        "Require, %s httpd asks nobody to sign in there: add \"Require "
        "valid-user\" below it",
        node->filename, node->line_num, top->directive, top->args,
        rule == RULE_NEVER ? "and no other section brings one: so"
                           : "and unless another section or a .htaccess file "
                             "brings one,");
    return rule == RULE_NEVER;
}

static int check_among(server_rec *s, const ap_directive_t *node,
                       apr_pool_t *pool)
{
    int bad = 0;

    for (; node; node = node->next) {
        if (node->first_child)
            bad += check_among(s, node->first_child, pool);
        if (!ap_cstr_casecmp(node->directive, "AuthType") &&
            is_ours(node->args, pool))
            bad += check_one(s, node, pool);
        if (!ap_cstr_casecmp(node->directive, "SetHandler") &&
            is_sessions(node->args, pool))
            check_sessions(s, node, pool);
    }
    return bad;
}

int pwl_sections_check(server_rec *main_server, apr_pool_t *pool)
{
    return check_among(main_server, ap_conftree, pool);
}
