/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authorization providers for httpd's Require containers.
 *
 *   Require auth0-claim NAME VALUE…   one of the values, exactly
 *   Require auth0-claim NAME ~ REGEX  the regex matches somewhere
 *   Require auth0-email-domain DOMAIN…
 *
 * An array claim matches when one of its elements does. What cannot be judged
 * (no session, no claim) is a denial, never a pass. A rule is read and its
 * regex compiled when the configuration is, so a bad one fails `httpd -t`.
 */
#include "httpd/require.h"

#include <apr_strings.h>
#include <http_request.h>
#include <mod_auth.h>

#include "core/address.h"
#include "httpd/identity.h"
#include "httpd/request.h"

typedef struct {
    const char *name;
    const ap_regex_t *regex;          /* or NULL */
    const apr_array_header_t *values; /* of const char *; any one will do */
} rule_t;

/* The session of a request the gate let in, or NULL. */
static const pwl_session_t *session_of(request_rec *r)
{
    pwl_request_t *rq = pwl_request_of(r);

    if (!r->user || !rq || !r->ap_auth_type ||
        strcmp(r->ap_auth_type, PWL_AUTH_TYPE) != 0)
        return NULL;
    return pwl_request_session(r, rq).why == PWL_OK ? &rq->session : NULL;
}

static const char *parse_words(cmd_parms *cmd, const char *line, int least,
                               const char *usage, apr_array_header_t **out)
{
    *out = apr_array_make(cmd->pool, 4, sizeof(char *));
    while (*line)
        APR_ARRAY_PUSH(*out, const char *) = ap_getword_conf(cmd->pool, &line);
    return (*out)->nelts < least ? usage : NULL;
}

static const char *parse_claim(cmd_parms *cmd, const char *line,
                               const void **parsed)
{
    rule_t *rule = apr_pcalloc(cmd->pool, sizeof(*rule));
    apr_array_header_t *words;
    const char *bad;

    bad = parse_words(cmd, line, 2,
                      "Require auth0-claim takes NAME VALUE… or NAME ~ REGEX "
                      "(try: Require auth0-claim org_id org_42)",
                      &words);
    if (bad)
        return bad;
    rule->name = APR_ARRAY_IDX(words, 0, const char *);
    words->elts += words->elt_size;
    words->nelts--;
    rule->values = words;
    *parsed = rule;
    if (strcmp(APR_ARRAY_IDX(words, 0, const char *), "~") != 0)
        return NULL;
    if (words->nelts == 2)
        rule->regex = ap_pregcomp(cmd->pool,
                                  APR_ARRAY_IDX(words, 1, const char *), 0);
    if (!rule->regex)
        return "Require auth0-claim NAME ~ REGEX takes one regular expression, "
               "in quotes if it holds spaces, and this is none";
    return NULL;
}

static int value_fits(const rule_t *rule, const char *value)
{
    int i;

    if (rule->regex)
        return ap_regexec(rule->regex, value, 0, NULL, 0) == 0;
    for (i = 0; i < rule->values->nelts; i++) {
        if (!strcmp(value, APR_ARRAY_IDX(rule->values, i, const char *)))
            return 1;
    }
    return 0;
}

static authz_status check_claim(request_rec *r, const char *line,
                                const void *parsed)
{
    const pwl_session_t *session = session_of(r);
    const rule_t *rule = parsed;
    int i;

    if (!session)
        return AUTHZ_DENIED_NO_USER;
    for (i = 0; i < session->field_count; i++) {
        if (session->fields[i].kind != PWL_FIELD_NOTE &&
            !strcmp(session->fields[i].name, rule->name) &&
            value_fits(rule, session->fields[i].value))
            return AUTHZ_GRANTED;
    }
    return AUTHZ_DENIED;
}

static const char *parse_domain(cmd_parms *cmd, const char *line,
                                const void **parsed)
{
    apr_array_header_t *words;
    const char *bad;
    int i;

    bad = parse_words(cmd, line, 1,
                      "Require auth0-email-domain takes one or more domains "
                      "(try: Require auth0-email-domain example.org)",
                      &words);
    for (i = 0; !bad && i < words->nelts; i++) {
        const char *domain = APR_ARRAY_IDX(words, i, const char *);

        if (!*domain || strpbrk(domain, "@*/ "))
            bad = "Require auth0-email-domain takes whole domains without @ "
                  "or * (try: Require auth0-email-domain example.org)";
    }
    *parsed = words;
    return bad;
}

static authz_status check_domain(request_rec *r, const char *line,
                                 const void *parsed)
{
    const pwl_session_t *session = session_of(r);
    const apr_array_header_t *domains = parsed;
    const char *email;
    int i;

    if (!session)
        return AUTHZ_DENIED_NO_USER;
    email = pwl_session_value(session, "email");
    for (i = 0; email && i < domains->nelts; i++) {
        if (pwl_address_in_domain(email,
                                  APR_ARRAY_IDX(domains, i, const char *)))
            return AUTHZ_GRANTED;
    }
    return AUTHZ_DENIED;
}

static const char *expr_claim(ap_expr_eval_ctx_t *ctx, const void *data,
                              const char *name)
{
    const pwl_session_t *session = ctx->r ? session_of(ctx->r) : NULL;
    const char *text = NULL;

    if (session)
        text = pwl_identity_claim(session, name, ctx->p);
    return text ? text : "";
}

static int lookup_expr(ap_expr_lookup_parms *parms)
{
    if (parms->type != AP_EXPR_FUNC_STRING ||
        ap_cstr_casecmp(parms->name, "AUTH0_CLAIM") != 0)
        return DECLINED;
    *parms->func = expr_claim;
    *parms->data = NULL;
    return OK;
}

void pwl_require_register(apr_pool_t *pool)
{
    static const authz_provider claim = {check_claim, parse_claim};
    static const authz_provider domain = {check_domain, parse_domain};

    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "auth0-claim",
                              AUTHZ_PROVIDER_VERSION, &claim,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "auth0-email-domain",
                              AUTHZ_PROVIDER_VERSION, &domain,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_expr_lookup(lookup_expr, NULL, NULL, APR_HOOK_MIDDLE);
}
