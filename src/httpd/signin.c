/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From ID token to session: keys, verdict, record, cookie.
 *
 * The verdict starts at no and is said once, by pwl_idtoken_verify(). Whoever
 * was signed out by the tenant while this was under way is not signed in: the
 * session is put into the table before that is asked (io/fleet_logout.c).
 */
#include "httpd/signin.h"

#include <apr_strings.h>
#include <http_log.h>
#include <http_main.h>

#include "core/address.h"
#include "core/hidden.h"
#include "core/jws.h"
#include "core/limits.h"
#include "core/network.h"
#include "httpd/backchannel.h"
#include "httpd/keys.h"
#include "httpd/language.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/recipient.h"
#include "httpd/respond.h"
#include "httpd/throttle.h"

APLOG_USE_MODULE(auth0_pwless);

/* How many fresh ids are tried when the shard of one is full. */
#define ID_TRIES 4

static pwl_https_t *https; /* of this child, made before its threads */

pwl_https_t *pwl_signin_https(void)
{
    return https;
}

int pwl_signin_child_init(int max_calls, int of_all, apr_pool_t *pool)
{
    const pwl_store_t *store = pwl_place_store();

    pwl_hidden_json(pool);
    https = pwl_https_make(of_all ? 1 : max_calls, pool);
    if (https && store)
        pwl_https_guard(https, store->outages);
    if (https && store && of_all)
        pwl_https_share(https, store->bulkhead, max_calls);
    return https != NULL;
}

pwl_visitor_t pwl_signin_visitor(request_rec *r, const pwl_realm_t *realm)
{
    pwl_visitor_t visitor = {
        .forwarded_for =
            realm->conf->forward_ip ? pwl_request_client_ip(r) : NULL,
        .language = pwl_language_told(r, realm),
        .now = r->request_time,
    };

    return visitor;
}

pwl_result_t pwl_signin_explain(request_rec *r, pwl_result_t res,
                                const pwl_tenant_reply_t *reply)
{
    const char *detail = res.detail ? res.detail : "";

    if (res.why == PWL_OK)
        return res;
    if (reply->answer.hint)
        detail = apr_pstrcat(r->pool, detail, *detail ? "; " : "",
                             reply->answer.hint, NULL);
    if (reply->request_id)
        detail = apr_pstrcat(r->pool, detail, *detail ? "; " : "",
                             "x-auth0-requestid=", reply->request_id, NULL);
    res.detail = *detail ? detail : NULL;
    return res;
}

void pwl_signin_count_call(const pwl_realm_t *realm, pwl_metric_call_t call,
                           pwl_reason_t why, apr_time_t began,
                           const pwl_tenant_reply_t *reply)
{
    pwl_counters_t *counters = realm->store->counters;
    apr_time_t now = apr_time_now();
    apr_time_t full = pwl_answer_reset(reply->reset, now);

    pwl_counters_call(counters, call, why, now - began);
    if (reply->tidings < 0)
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, ap_server_conf,
                     "pwless: tenant-down, %s has not answered for %d calls; "
                     "sign-ins are refused at once until it does, the last "
                     "reason=%s",
                     realm->conf->domain, PWL_OUTAGES_FAILURES,
                     pwl_reason_word(why));
    if (reply->tidings > 0)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, ap_server_conf,
                     "pwless: tenant-back, %s", realm->conf->domain);
    if (reply->told_left)
        pwl_counters_tell(counters, PWL_METRIC_PROVIDER_LEFT, (int)call,
                          reply->left);
    if (full)
        pwl_counters_tell(counters, PWL_METRIC_PROVIDER_RESET, (int)call,
                          (apr_uint64_t)apr_time_sec(full));
}

pwl_result_t pwl_signin_verify(request_rec *r, const pwl_realm_t *realm,
                               const char *id_token,
                               const pwl_signin_want_t *want,
                               pwl_claims_t **claims)
{
    pwl_idtoken_want_t expected = {
        .issuer = realm->issuer,
        .client_id = realm->conf->client_id,
        .nonce = want->nonce,
        .email = want->email,
        .access_token = want->access_token,
        .connection = realm->conf->connection,
        .sub = want->sub,
        .alg = realm->conf->alg,
        .now = apr_time_now(), /* the exchange may have taken seconds */
        .skew = realm->conf->skew,
        .max_age = want->asked.max_age,
        .fresh_since = want->fresh_since,
        .auth_time_needed = want->asked.login,
        .organization = want->asked.organization,
        .acr_values = want->asked.acr_values,
    };
    pwl_result_t res = {PWL_JWT_MALFORMED, 0, NULL};
    apr_size_t len = strlen(id_token);
    pwl_jwks_t *jwks = NULL;
    pwl_jws_t jws;

    if (expected.alg != PWL_ALG_HS256) {
        res.why = pwl_jws_read(id_token, len, expected.alg, &jws, r->pool);
        if (res.why == PWL_OK)
            res = pwl_keys_find(r, realm, jws.kid, realm->conf->timeout, &jwks);
        if (res.why != PWL_OK)
            return res;
    }
    return pwl_idtoken_verify(id_token, len, jwks, realm->secret_key, &expected,
                              claims, r->pool);
}

/* The claims, and for the operator's list where they were signed in from: the
 * network of a customer of a provider, which is less than personal data. */
static void add_fields(request_rec *r, const pwl_claims_t *claims,
                       pwl_session_t *session)
{
    int count;
    const pwl_field_t *given = pwl_claims_fields(claims, &count);
    pwl_field_t *fields =
        apr_palloc(r->pool, ((apr_size_t)count + 1) * sizeof(*fields));
    const char *network = pwl_network_of(r->useragent_ip, 24, 48, r->pool);

    if (count > 0)
        memcpy(fields, given, (apr_size_t)count * sizeof(*fields));
    if (network && count < PWL_SESSION_MAX_FIELDS)
        fields[count++] =
            (pwl_field_t){PWL_FIELD_NOTE, PWL_NOTE_NETWORK, network};
    session->fields = fields;
    session->field_count = count;
}

/* `session_expiry` of the tenant is a ceiling (auth0-api.md 7.2, users' B7). */
static pwl_session_t new_record(request_rec *r, const pwl_realm_t *realm,
                                const pwl_claims_t *claims)
{
    pwl_session_t session = {0};

    memcpy(session.realm, realm->id, PWL_REALM_BYTES);
    session.created = session.last_seen = r->request_time;
    if (!pwl_claims_time(claims, "session_expiry", &session.expires))
        session.expires = 0;
    add_fields(r, claims, &session);
    return session;
}

/* Nothing is kept that nobody has a use for. */
static pwl_result_t take_tokens(const pwl_realm_t *realm,
                                const pwl_signin_want_t *want,
                                pwl_tokens_t *tokens)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    memset(tokens, 0, sizeof(*tokens));
    if (!realm->tokens_seal || !want->given)
        return res;
    *tokens = pwl_tokens_given(want->given, NULL, apr_time_now());
    if (!tokens->refresh && !pwl_conf_passes_tokens())
        tokens->access = NULL;
    res.why = pwl_tokens_check(tokens);
    if (res.why == PWL_TOKENS_TOO_BIG)
        res.detail = "access and refresh token are too large for a session: "
                     "have the tenant put less into the access token, or drop "
                     "Auth0Audience and offline_access";
    return res;
}

/* The seal binds the tokens to the session's key, so each id has its own. */
static pwl_reason_t add_tokens(request_rec *r, const pwl_realm_t *realm,
                               const pwl_tokens_t *tokens,
                               const unsigned char *skey,
                               pwl_session_t *session)
{
    const char *note;

    if (!tokens->access && !tokens->refresh)
        return PWL_OK;
    note = pwl_tokens_seal(tokens, skey, realm->tokens_seal, r->pool);
    pwl_tokens_put(session, note, r->pool);
    return note ? PWL_OK : PWL_SEAL_FAILED;
}

static pwl_result_t keep(request_rec *r, const pwl_realm_t *realm,
                         pwl_session_t *session, const pwl_tokens_t *tokens,
                         char *sid)
{
    pwl_result_t res = {PWL_STORE_FULL, 0, NULL};
    unsigned char skey[PWL_SKEY_BYTES];
    int i;

    for (i = 0; i < ID_TRIES && res.why == PWL_STORE_FULL; i++) {
        res.why = pwl_session_new_id(sid, skey);
        if (res.why == PWL_OK)
            res.why = add_tokens(r, realm, tokens, skey, session);
        if (res.why != PWL_OK)
            return res;
        res = pwl_fleet_put(pwl_place_fleet(), skey, session,
                            pwl_request_sweep_time(session), pwl_request_now(r),
                            r->pool);
    }
    return res;
}

void pwl_signin_cookie(request_rec *r, const pwl_realm_t *realm,
                       const char *sid)
{
    pwl_respond_cookie(r, realm, realm->session_cookie, sid);
}

/* @return was it there? */
static int forget(request_rec *r, const char *sid)
{
    unsigned char skey[PWL_SKEY_BYTES];

    return pwl_session_key(sid, PWL_SID_CHARS, skey) == PWL_OK &&
           pwl_fleet_remove(pwl_place_fleet(), skey, NULL, pwl_request_now(r),
                            r->pool)
                   .why == PWL_OK;
}

void pwl_signin_undo(request_rec *r, const pwl_request_t *rq, const char *sid)
{
    if (forget(r, sid))
        pwl_counters_add(rq->realm->store->counters, PWL_METRIC_SESSIONS_ENDED,
                         PWL_ENDED_UNDONE);
    apr_table_unset(r->err_headers_out, "Set-Cookie");
    pwl_respond_cookie(r, rq->realm, rq->realm->session_cookie, NULL);
}

/* How the session ended that a new one takes the place of: by the limits of
 * this host, or by nothing but the new one. */
static pwl_metric_ended_t how_ended(request_rec *r,
                                    const pwl_session_t *session)
{
    pwl_dir_conf_t dir = pwl_conf_dir(r);

    switch (pwl_session_limits(session, r->request_time, dir.session_max,
                               dir.session_idle)) {
    case PWL_SESSION_IDLE:
        return PWL_ENDED_IDLE;
    case PWL_SESSION_MAX:
        return PWL_ENDED_MAX;
    default:
        return PWL_ENDED_REPLACED;
    }
}

static void end_old(request_rec *r, pwl_request_t *rq)
{
    const pwl_store_t *store = rq->realm->store;

    if (pwl_request_session(r, rq).why == PWL_OK &&
        pwl_fleet_remove(pwl_place_fleet(), rq->skey, &rq->session,
                         pwl_request_now(r), r->pool)
                .why == PWL_OK)
        pwl_counters_add(store->counters, PWL_METRIC_SESSIONS_ENDED,
                         (int)how_ended(r, &rq->session));
}

pwl_result_t pwl_signin_finish(request_rec *r, pwl_request_t *rq,
                               const char *id_token,
                               const pwl_signin_want_t *given, char *sid)
{
    const pwl_realm_t *realm = rq->realm;
    pwl_signin_want_t want = *given;
    pwl_claims_t *claims = NULL;
    pwl_session_t session;
    pwl_tokens_t tokens;
    const char *recipient;
    pwl_result_t res;

    /* Here, where no way in can forget it. */
    want.asked = pwl_authparam_asked(realm->conf->authorize);
    res = pwl_signin_verify(r, realm, id_token, &want, &claims);
    if (res.why == PWL_OK)
        res = take_tokens(realm, &want, &tokens);
    if (res.why != PWL_OK)
        return res;
    session = new_record(r, realm, claims);
    /* Whichever way it came: the test address signs nobody in. */
    recipient = pwl_recipient_of(realm, &session);
    if (pwl_recipient_is_test(realm, recipient, r->pool)) {
        res.why = PWL_JWT_EMAIL;
        res.detail = "the ID token is for Auth0TestAddress";
        return res;
    }
    res = keep(r, realm, &session, &tokens, sid);
    if (res.why != PWL_OK)
        return res;
    res = pwl_backchannel_asked(r, realm, &session, claims->issued);
    if (res.why != PWL_OK) {
        forget(r, sid);
        return res;
    }
    /* Only now: a sign-in that fails leaves the old session as it was. */
    end_old(r, rq);
    pwl_counters_add(realm->store->counters, PWL_METRIC_SESSIONS_CREATED, 0);
    pwl_signin_cookie(r, realm, sid);
    pwl_throttle_signed_in(r, realm, recipient);
    pwl_sessions_sweep(realm->store->sessions, r->request_time);
    pwl_log_event(r, "signed-in",
                  pwl_address_mask(pwl_session_who(&session), r->pool));
    return res;
}
