/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Export of a session's claims to one request.
 *
 * The request's own headers of these names are gone by now (httpd/request.c).
 * Values are UTF-8 verbatim; arrays are JSON text, so that no separator inside
 * an element can make two of it. Two claims whose names normalise to one
 * variable: the first in the token wins, and its identity is not mixed.
 */
#include "httpd/identity.h"

#include <apr_strings.h>

#include "core/claims.h"

/* Most names differ in their first letter, and a signed-in request compares a
 * hundred of them. */
static int same(const char *a, const char *b)
{
    return *a == *b && !strcmp(a, b);
}

/* How many fields from `i` on belong to one claim. */
static int field_run(const pwl_session_t *session, int i)
{
    const pwl_field_t *first = &session->fields[i];
    int n = 1;

    if (first->kind != PWL_FIELD_ITEM)
        return 1;
    while (i + n < session->field_count &&
           session->fields[i + n].kind == PWL_FIELD_ITEM &&
           same(session->fields[i + n].name, first->name))
        n++;
    return n;
}

static const char *run_text(const pwl_field_t *field, int n, apr_pool_t *pool)
{
    return field->kind == PWL_FIELD_ITEM ? pwl_claims_list_text(field, n, pool)
                                         : field->value;
}

const char *pwl_identity_claim(const pwl_session_t *session, const char *name,
                               apr_pool_t *pool)
{
    int i;
    int n;

    for (i = 0; i < session->field_count; i += n) {
        n = field_run(session, i);
        if (session->fields[i].kind != PWL_FIELD_NOTE &&
            same(session->fields[i].name, name))
            return run_text(&session->fields[i], n, pool);
    }
    return NULL;
}

static int listed(const pwl_dir_conf_t *dir, const pwl_field_t *field)
{
    const char *claim = field->name;
    int i;

    if (field->kind == PWL_FIELD_NOTE)
        return 0;
    if (!dir->pass_claims)
        return 1;
    for (i = 0; i < dir->pass_claims->nelts; i++) {
        if (same(APR_ARRAY_IDX(dir->pass_claims, i, const char *), claim))
            return 1;
    }
    return 0;
}

/* Names of the claims every tenant sends, so that a signed-in request need not
 * make them anew; others take the long way through core/claims.c. */
static const struct {
    const char *claim, *env, *header;
} usual[] = {
    {"email", "AUTH0_EMAIL", "X-Auth0-Email"},
    {"sub", "AUTH0_SUB", "X-Auth0-Sub"},
    {"name", "AUTH0_NAME", "X-Auth0-Name"},
    {"nickname", "AUTH0_NICKNAME", "X-Auth0-Nickname"},
    {"picture", "AUTH0_PICTURE", "X-Auth0-Picture"},
    {"updated_at", "AUTH0_UPDATED_AT", "X-Auth0-Updated-At"},
    {"email_verified", "AUTH0_EMAIL_VERIFIED", "X-Auth0-Email-Verified"},
    {"sid", "AUTH0_SID", "X-Auth0-Sid"},
    {"given_name", "AUTH0_GIVEN_NAME", "X-Auth0-Given-Name"},
    {"family_name", "AUTH0_FAMILY_NAME", "X-Auth0-Family-Name"},
    {"org_id", "AUTH0_ORG_ID", "X-Auth0-Org-Id"},
    {"org_name", "AUTH0_ORG_NAME", "X-Auth0-Org-Name"},
};

static int is_usual(const char *claim)
{
    apr_size_t i;

    for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (same(usual[i].claim, claim))
            return 1;
    }
    return 0;
}

/* Add without looking whether it is there: a claim comes once, and what else
 * had one of these names was taken out before. */
static int pass_usual(request_rec *r, const pwl_dir_conf_t *dir,
                      const char *claim, const char *text)
{
    apr_size_t i;

    for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (!same(usual[i].claim, claim))
            continue;
        if (dir->pass != PWL_PASS_HEADERS)
            apr_table_addn(r->subprocess_env, usual[i].env, text);
        if (dir->pass != PWL_PASS_ENV)
            apr_table_addn(r->headers_in, usual[i].header, text);
        return 1;
    }
    return 0;
}

static void add_once(apr_table_t *table, const char *name, const char *value)
{
    if (name && !apr_table_get(table, name))
        apr_table_addn(table, name, value);
}

/* Two claims can normalise to one name, "org.id" and "org_id": the usual one
 * wins, then the first. */
static void pass_other(request_rec *r, const pwl_dir_conf_t *dir,
                       const char *claim, const char *text)
{
    if (dir->pass != PWL_PASS_HEADERS)
        add_once(r->subprocess_env, pwl_claims_env_name(claim, r->pool), text);
    if (dir->pass != PWL_PASS_ENV)
        add_once(r->headers_in, pwl_claims_header_name(claim, r->pool), text);
}

static void export_claims(request_rec *r, const pwl_dir_conf_t *dir,
                          const pwl_session_t *session)
{
    int others = 0;
    int i;
    int n;

    for (i = 0; i < session->field_count; i += n) {
        const pwl_field_t *field = &session->fields[i];

        n = field_run(session, i);
        if (listed(dir, field) &&
            !pass_usual(r, dir, field->name, run_text(field, n, r->pool)))
            others = 1;
    }
    for (i = 0; others && i < session->field_count; i += n) {
        const pwl_field_t *field = &session->fields[i];

        n = field_run(session, i);
        if (listed(dir, field) && !is_usual(field->name))
            pass_other(r, dir, field->name, run_text(field, n, r->pool));
    }
}

/* Drop AUTH0_* variables and X-Auth0-* headers that stand in a table. */
static apr_table_t *without(const apr_table_t *table, const char *prefix,
                            apr_pool_t *pool)
{
    const apr_array_header_t *list = apr_table_elts(table);
    const apr_table_entry_t *entry = (const void *)list->elts;
    apr_table_t *clean = apr_table_make(pool, list->nelts + 8);
    apr_size_t len = strlen(prefix);
    int i;

    for (i = 0; i < list->nelts; i++) {
        if (strncmp(entry[i].key, prefix, len) != 0)
            apr_table_addn(clean, entry[i].key, entry[i].val);
    }
    return clean;
}

/* A SetEnv of the configuration must not stand beside a claim. */
static void clear_env(request_rec *r)
{
    const apr_array_header_t *list = apr_table_elts(r->subprocess_env);
    const apr_table_entry_t *entry = (const void *)list->elts;
    int i;

    for (i = 0; i < list->nelts; i++) {
        if (!strncmp(entry[i].key, "AUTH0_", 6)) {
            r->subprocess_env = without(r->subprocess_env, "AUTH0_", r->pool);
            return;
        }
    }
}

pwl_result_t pwl_identity_export(request_rec *r, const pwl_dir_conf_t *dir,
                                 const pwl_session_t *session)
{
    pwl_result_t res = {PWL_REQUIRE_DENIED, 0, "no such claim as Auth0RemoteUser"};
    const char *user = pwl_identity_claim(session, dir->remote_user, r->pool);

    if (!user || !*user)
        return res;
    /* A redirect or sub-request shares its headers with the request that led
     * to it and was exported already; its location may want other claims. */
    if (r->main || r->prev)
        r->headers_in = without(r->headers_in, "X-Auth0-", r->pool);
    clear_env(r);
    r->user = (char *)user; /* lives as long as the request: a copy of ours */
    r->ap_auth_type = PWL_AUTH_TYPE;
    if (dir->pass != PWL_PASS_NONE)
        export_claims(r, dir, session);
    res.why = PWL_OK;
    res.detail = NULL;
    return res;
}
