/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `POST backchannel-logout`: the tenant says that a session is over.
 *
 *   form -> keys -> verdict -> this `jti` for the first time? -> tell -> end
 *
 * It comes from a server: no cookie, no Origin. Who sent it is proved by the
 * signature alone, so nothing is remembered or ended before that was verified.
 * Forged tokens cost a log line and, however many, one fetch of keys a minute.
 *
 * One application has one such URL and may serve several hosts: sessions of
 * all of them end, whichever host the tenant calls.
 */
#include "httpd/backchannel.h"

#include <apr_strings.h>
#include <http_main.h>

#include "core/json.h"
#include "core/logouttoken.h"
#include "httpd/endpoint.h"
#include "httpd/keys.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/respond.h"

#define EVENT "backchannel-logout"
/* Auth0 waits five seconds. */
#define KEYS_LIMIT apr_time_from_sec(4)

static pwl_logouttoken_want_t want_of(const pwl_realm_t *realm)
{
    pwl_logouttoken_want_t want = {
        .issuer = realm->issuer,
        .client_id = realm->conf->client_id,
        .alg = (pwl_alg_t)realm->conf->alg,
        .now = apr_time_now(),
        .skew = realm->conf->skew,
    };

    return want;
}

pwl_result_t pwl_backchannel_asked(request_rec *r, const pwl_realm_t *realm,
                                   const pwl_session_t *session,
                                   apr_time_t issued)
{
    static const char *const kinds[] = {"sid", "sub"};
    pwl_logouttoken_want_t want = want_of(realm);
    unsigned char key[2][PWL_LOGOUTTOKEN_KEY_BYTES];
    const unsigned char *const keys[] = {key[0], key[1]};
    int count = 0;

    for (int i = 0; i < 2; i++) {
        const char *value = pwl_session_value(session, kinds[i]);

        if (value)
            pwl_logouttoken_key(kinds[i], &want, value, key[count++]);
    }
    return pwl_fleet_logout_asked(pwl_place_fleet(), keys, count, issued,
                                  want.now, r->pool);
}

static pwl_result_t read_token(request_rec *r, const char **text)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    pwl_form_t *form;

    res.why = pwl_endpoint_body(r, &form);
    if (res.why == PWL_OK)
        *text = pwl_form_get(form, "logout_token", &res.why);
    if (res.why == PWL_OK && !*text) {
        res.why = PWL_LOGOUT_TOKEN;
        res.detail = "there is no logout_token in the form";
    }
    return res;
}

static pwl_result_t verify(request_rec *r, const pwl_realm_t *realm,
                           const char *text, const pwl_logouttoken_want_t *want,
                           pwl_logouttoken_t *token)
{
    apr_interval_time_t limit = realm->conf->timeout;
    pwl_result_t res = {PWL_OK, 0, NULL};
    apr_size_t len = strlen(text);
    pwl_jwks_t *jwks = NULL;
    pwl_jws_t jws;

    if (want->alg != PWL_ALG_HS256) {
        /* What is no token at all asks for no keys. */
        res.why = pwl_jws_read_logout(text, len, want->alg, &jws, r->pool);
        if (res.why == PWL_OK)
            res = pwl_keys_find(r, realm, jws.kid,
                                limit < KEYS_LIMIT ? limit : KEYS_LIMIT, &jwks);
    }
    if (res.why == PWL_OK)
        res = pwl_logouttoken_verify(text, len, jwks, realm->secret_key, want,
                                     token, r->pool);
    /* Anybody can send anything here: that is no fault of the tenant's, as a
     * bad ID token is. */
    if (res.why >= PWL_JWT_MALFORMED && res.why <= PWL_JWT_JTI) {
        res.detail = apr_pstrcat(r->pool, pwl_reason_word(res.why),
                                 res.detail ? ": " : "", res.detail, NULL);
        res.why = PWL_LOGOUT_TOKEN;
    }
    return res;
}

/* The token counts, and counts once. */
static pwl_result_t take(request_rec *r, const pwl_logouttoken_want_t *want,
                         const pwl_logouttoken_t *token)
{
    unsigned char key[PWL_LOGOUTTOKEN_KEY_BYTES];
    pwl_fleet_t *fleet = pwl_place_fleet();
    pwl_result_t res;

    pwl_logouttoken_key("jti", want, token->jti, key);
    res = pwl_fleet_logout_once(fleet, key, token->until, want->now, r->pool);
    if (res.why != PWL_OK)
        return res;
    if (token->sid)
        pwl_logouttoken_key("sid", want, token->sid, key);
    else
        pwl_logouttoken_key("sub", want, token->sub, key);
    return pwl_fleet_logout_tell(fleet, key, token->issued, token->until,
                                 want->now, r->pool);
}

/* Is it a host of the same application? */
static int is_ours(const pwl_realm_t *realm, const pwl_realm_t *other)
{
    return other && !strcmp(other->conf->domain, realm->conf->domain) &&
           !strcmp(other->conf->client_id, realm->conf->client_id);
}

static pwl_result_t end_all(request_rec *r, const pwl_realm_t *realm,
                            const pwl_logouttoken_t *token, int *ended)
{
    pwl_session_whose_t whose = {.sub = token->sub, .sid = token->sid};
    pwl_result_t res = {PWL_OK, 0, NULL};
    server_rec *s;

    *ended = 0;
    for (s = ap_server_conf; s; s = s->next) {
        const pwl_realm_t *other = pwl_realm_of(s);
        pwl_result_t one;
        int count;

        if (!is_ours(realm, other))
            continue;
        whose.realm = other->id;
        one = pwl_fleet_remove_whose(pwl_place_fleet(), &whose, &count,
                                     pwl_request_now(r), r->pool);
        *ended += count;
        if (res.why == PWL_OK)
            res = one; /* the other hosts all the same */
    }
    for (int i = 0; i < *ended; i++)
        pwl_counters_add(realm->store->counters, PWL_METRIC_SESSIONS_ENDED,
                         PWL_ENDED_BACKCHANNEL);
    return res;
}

/* For the tenant's own log. The texts are ours, and hold nothing of the token.
 */
static int refuse(request_rec *r, const pwl_realm_t *realm, pwl_result_t res)
{
    const char *json;

    pwl_log_refused(r, EVENT, res);
    pwl_place_tell(r->server, r->pool);
    json = apr_psprintf(r->pool,
                        "{\"title\": \"The sessions were not ended\", "
                        "\"status\": 400, \"error\": \"invalid_request\", "
                        "\"reason\": \"%s\", \"detail\": %s, "
                        "\"request_id\": %s}\n",
                        pwl_reason_word(res.why),
                        pwl_json_escape(res.detail, r->pool),
                        pwl_json_escape(pwl_log_reference(r), r->pool));
    return pwl_respond_json(r, realm, HTTP_BAD_REQUEST,
                            "application/problem+json", json, strlen(json));
}

int pwl_backchannel_post(request_rec *r, pwl_request_t *rq)
{
    const pwl_realm_t *realm = rq->realm;
    pwl_logouttoken_want_t want = want_of(realm);
    pwl_logouttoken_t token;
    const char *text = NULL;
    pwl_result_t res;
    int ended = 0;

    res = read_token(r, &text);
    if (res.why == PWL_OK)
        res = verify(r, realm, text, &want, &token);
    if (res.why == PWL_OK)
        res = take(r, &want, &token);
    if (res.why == PWL_OK)
        res = end_all(r, realm, &token, &ended);
    if (res.why != PWL_OK)
        return refuse(r, realm, res);
    pwl_log_event(r, EVENT,
                  apr_psprintf(r->pool, "by %s: %d session%s ended",
                               token.sid ? "sid" : "sub", ended,
                               ended == 1 ? "" : "s"));
    return pwl_respond_json(r, realm, HTTP_OK, NULL, "", 0);
}
