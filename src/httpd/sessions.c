/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `SetHandler auth0-sessions`: who is signed in on this host, and ending it.
 *
 * Who may ask is for the operator's own Require to say. A host sees and ends
 * the sessions of its own realm only, since a handler can be set in a .htaccess
 * file. A POST from another site's page is refused by the headers in which
 * browsers say so; programs send neither.
 *
 * The table is walked without a lock (io/sessions_walk.h), so a list of a
 * million sessions holds nobody up but who asked for it.
 */
#include <apr_strings.h>
#include <httpd.h>

#include "core/address.h"
#include "core/assets.h"
#include "core/limits.h"
#include "core/page_sessions.h"
#include "core/sha256.h"
#include "httpd/endpoint.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/respond.h"
#include "httpd/sections.h"
#include "io/sessions_walk.h"

#define REF_BYTES 8

/* One walk: which sessions are meant, and what is done with them. */
typedef struct {
    request_rec *r;
    const pwl_realm_t *realm;
    const char *ref;  /* of one session, or NULL */
    const char *user; /* of one user, or NULL */
    int end;          /* end them, else list them */
    apr_array_header_t *rows;
    apr_uint64_t found;
    pwl_result_t res;
} walk_t;

/* A name for a session that opens nothing: neither the id nor what the table
 * is keyed by follows from it, and another server has other names. */
static const char *ref_of(const pwl_realm_t *realm, const unsigned char *skey,
                          apr_pool_t *pool)
{
    unsigned char digest[PWL_SHA256_BYTES];
    char hex[REF_BYTES * 2 + 1];

    pwl_sha256_2(realm->store->seal_key, PWL_SEAL_KEY_BYTES, skey,
                 PWL_SKEY_BYTES, digest);
    for (int i = 0; i < REF_BYTES; i++)
        apr_snprintf(hex + i * 2, 3, "%02x", digest[i]);
    return apr_pstrdup(pool, hex);
}

static void list_one(walk_t *walk, const char *ref,
                     const pwl_session_t *session)
{
    pwl_page_sessions_row_t *row;
    apr_pool_t *pool = walk->r->pool;
    const char *network = pwl_session_note(session, PWL_NOTE_NETWORK);

    if (walk->rows->nelts == PWL_SESSIONS_ROWS_MAX)
        return;
    row = apr_array_push(walk->rows);
    row->ref = apr_pstrdup(pool, ref);
    row->user = ap_escape_logitem(
        pool, pwl_address_mask(pwl_session_who(session), pool));
    row->network = network ? apr_pstrdup(pool, network) : NULL;
    row->created = session->created;
    row->last_seen = session->last_seen;
}

static int is_over(const pwl_session_t *session, apr_time_t now)
{
    return pwl_session_limits(session, now, pwl_conf_longest_max(),
                              pwl_conf_longest_idle()) != PWL_OK;
}

static int visit(void *ctx, const unsigned char *skey,
                 const pwl_session_t *session, apr_pool_t *scratch)
{
    walk_t *walk = ctx;
    const char *ref;
    pwl_result_t res;

    if (memcmp(session->realm, walk->realm->id, PWL_REALM_BYTES) != 0 ||
        is_over(session, walk->r->request_time) ||
        (walk->user && !pwl_session_is_of(session, walk->user)))
        return 1;
    ref = ref_of(walk->realm, skey, scratch);
    if (walk->ref && strcmp(ref, walk->ref) != 0)
        return 1;
    if (!walk->end) {
        list_one(walk, ref, session);
    } else {
        res = pwl_fleet_remove(pwl_place_fleet(), skey, session,
                               pwl_request_now(walk->r), scratch);
        if (res.why == PWL_SESSION_UNKNOWN)
            return 1; /* ended by itself meanwhile */
        if (res.why != PWL_OK) {
            walk->res = res;
            return 1; /* the others all the same */
        }
        pwl_counters_add(walk->realm->store->counters,
                         PWL_METRIC_SESSIONS_ENDED, PWL_ENDED_REVOKED);
    }
    walk->found++;
    return 1;
}

static pwl_page_sessions_format_t format_of(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    if (r->args && strstr(r->args, "format=text"))
        return PWL_PAGE_SESSIONS_TEXT;
    if ((r->args && strstr(r->args, "format=json")) ||
        (accept && strstr(accept, "json") && !strstr(accept, "html")))
        return PWL_PAGE_SESSIONS_JSON;
    return PWL_PAGE_SESSIONS_HTML;
}

static int reply(walk_t *walk, pwl_page_sessions_format_t format,
                 const char *text, apr_size_t len)
{
    if (format == PWL_PAGE_SESSIONS_HTML)
        return pwl_respond_html(walk->r, walk->realm, HTTP_OK, text, len);
    return pwl_respond_json(walk->r, walk->realm, HTTP_OK,
                            format == PWL_PAGE_SESSIONS_JSON
                                ? "application/json"
                                : "text/plain; charset=utf-8",
                            text, len);
}

static int answer_list(walk_t *walk)
{
    pwl_page_sessions_format_t format = format_of(walk->r);
    pwl_page_sessions_t page = {0};
    const char *text;
    apr_size_t len;

    walk->rows =
        apr_array_make(walk->r->pool, 64, sizeof(pwl_page_sessions_row_t));
    pwl_sessions_each(walk->realm->store->sessions, visit, walk, walk->r->pool);
    page.rows = (const pwl_page_sessions_row_t *)walk->rows->elts;
    page.count = walk->rows->nelts;
    page.total = walk->found;
    page.now = walk->r->request_time;
    page.style =
        apr_pstrcat(walk->r->pool, walk->realm->url[PWL_ENDPOINT_ASSET],
                    pwl_assets_name("status.css"), NULL);
    text = pwl_page_sessions(&walk->realm->site, &page, format, walk->r->pool,
                             &len);
    return reply(walk, format, text, len);
}

/* Of all machines, not only those this one has seen. */
static void end_in_redis(walk_t *walk)
{
    int ended;

    walk->res =
        pwl_fleet_remove_many(pwl_place_fleet(), walk->realm->id, walk->user,
                              &ended, pwl_request_now(walk->r), walk->r->pool);
    walk->found = (apr_uint64_t)ended;
    while (ended-- > 0)
        pwl_counters_add(walk->realm->store->counters,
                         PWL_METRIC_SESSIONS_ENDED, PWL_ENDED_REVOKED);
}

static int answer_end(walk_t *walk)
{
    pwl_page_sessions_format_t format = format_of(walk->r);
    const char *count, *text;

    if (pwl_fleet_is_remote(pwl_place_fleet()) && !walk->ref)
        end_in_redis(walk);
    else
        pwl_sessions_end_each(walk->realm->store->sessions, visit, walk,
                              walk->r->pool);
    count = apr_psprintf(walk->r->pool, "%" APR_UINT64_T_FMT, walk->found);
    pwl_log_event(walk->r, "sessions-ended", count);
    if (walk->res.why != PWL_OK)
        return pwl_respond_refused(walk->r, walk->realm, "sessions", walk->res,
                                   0, walk->r->uri);
    if (format == PWL_PAGE_SESSIONS_HTML)
        return pwl_respond_redirect(walk->r, walk->realm, walk->r->uri);
    text = format == PWL_PAGE_SESSIONS_JSON
               ? apr_pstrcat(walk->r->pool, "{\"ended\": ", count, "}\n", NULL)
               : apr_pstrcat(walk->r->pool, count, "\n", NULL);
    return reply(walk, format, text, strlen(text));
}

/* What a form asks for. @return PWL_OK or why it makes no sense */
static pwl_reason_t read_order(const pwl_form_t *form, walk_t *walk)
{
    pwl_reason_t why;
    const char *op = pwl_form_get(form, "op", &why);

    if (why == PWL_OK)
        walk->ref = pwl_form_get(form, "ref", &why);
    if (why == PWL_OK)
        walk->user = pwl_form_get(form, "user", &why);
    if (why != PWL_OK)
        return why;
    if (!op)
        return PWL_FORM_MALFORMED;
    walk->end = strcmp(op, "list") != 0;
    if (!strcmp(op, "end"))
        return walk->ref && !walk->user ? PWL_OK : PWL_FORM_MALFORMED;
    if (!strcmp(op, "end-user") || !strcmp(op, "list"))
        return walk->user && *walk->user && !walk->ref ? PWL_OK
                                                       : PWL_FORM_MALFORMED;
    return !strcmp(op, "end-all") && !walk->user && !walk->ref
               ? PWL_OK
               : PWL_FORM_MALFORMED;
}

int pwl_sessions_handle(request_rec *r)
{
    walk_t walk = {.r = r};
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_request_t *rq;
    pwl_form_t *form;

    if (!r->handler || strcmp(r->handler, PWL_SESSIONS_HANDLER) != 0)
        return DECLINED;
    rq = pwl_request_of(r);
    if (!rq || !rq->realm)
        return HTTP_NOT_FOUND; /* no Auth0Domain on this host */
    walk.realm = rq->realm;
    if (r->method_number == M_GET)
        return answer_list(&walk);
    if (r->method_number != M_POST)
        return pwl_respond_method(r, rq->realm, "GET, HEAD, POST");
    res.why = pwl_endpoint_form(r, rq->realm, &form);
    if (res.why == PWL_OK)
        res.why = read_order(form, &walk);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "sessions", res, 0, r->uri);
    return walk.end ? answer_end(&walk) : answer_list(&walk);
}
