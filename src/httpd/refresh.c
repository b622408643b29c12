/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request refreshes, the others do not.
 *
 *   due? -> lease of this machine -> lease of all machines -> still due?
 *     -> ask the tenant -> judge -> write the session if it is still there
 *
 * With rotation a refresh token works once: who uses it a second time kills
 * the tenant's whole family of tokens, hence everybody's session. So:
 *
 *  1. the tenant is asked by who holds both leases (io/leases.h,
 *     io/remotelease.h), and has read the session under them;
 *  2. new tokens are written before the leases are given back;
 *  3. a session that was ended meanwhile stays ended, and its new tokens are
 *     ended at the tenant, too.
 *
 * Who does not get the lease goes on with an access token that is still good;
 * one who has none waits for the result, at most Auth0Timeout.
 */
#include "httpd/refresh.h"

#include <apr_strings.h>

#include "httpd/codeflow.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/signin.h"
#include "httpd/tokens.h"

#define POLL apr_time_from_msec(50)
/* After a refresh that failed, unless the tenant says how long to wait. */
#define PAUSE apr_time_from_sec(30)
/* When we did not get as far as the tenant: it was not asked. */
#define SHORT_PAUSE apr_time_from_sec(1)

typedef struct {
    request_rec *r; /* the one the client sent */
    pwl_request_t *rq;
    const pwl_realm_t *realm;
    pwl_tokens_t tokens;
    apr_time_t give_up; /* when a waiting request goes on without */
    apr_time_t again;   /* nobody tries before; 0: as soon as it is due */
    int ended;          /* the session was to end */
} job_t;

static const pwl_result_t good = {PWL_OK, 0, NULL};

/* A wait for another, a refresh, the keys of an ID token, Redis. */
static apr_interval_time_t lease_life(const job_t *job)
{
    apr_interval_time_t life =
        4 * job->realm->conf->timeout + apr_time_from_sec(10);

    return life < PWL_LEASES_LONGEST ? life : PWL_LEASES_LONGEST;
}

static void pause_until(job_t *job, apr_time_t when)
{
    job->again = when;
}

/* ---- the end of a session ---- */

/* Its tokens cannot be made fresh: it is over. The log says why. */
static pwl_result_t end_session(job_t *job, pwl_result_t why)
{
    pwl_result_t res = {PWL_SESSION_UNKNOWN, 0, NULL};
    pwl_result_t ended =
        pwl_fleet_remove(pwl_place_fleet(), job->rq->skey, &job->rq->session,
                         pwl_request_now(job->r), job->r->pool);

    job->ended = 1;
    pwl_log_refused(job->r, "refresh", why);
    if (ended.why == PWL_OK)
        pwl_counters_add(job->realm->store->counters, PWL_METRIC_SESSIONS_ENDED,
                         PWL_ENDED_WITHDRAWN);
    return ended.why == PWL_STORE_FAILED ? ended : res;
}

/* ---- the session as it is now ---- */

/* @param from_redis  the copy here will not do */
static pwl_result_t look_again(job_t *job, int from_redis)
{
    pwl_fleet_t *fleet = pwl_place_fleet();
    pwl_session_t session = {{0}};
    pwl_result_t res;

    res = (from_redis && pwl_fleet_is_remote(fleet) ? pwl_fleet_refresh
                                                    : pwl_fleet_get)(
        fleet, job->rq->skey, apr_time_now(), &session, job->r->pool);
    if (res.why != PWL_OK)
        return res;
    job->rq->session = session;
    res = pwl_tokens_read(job->rq, &job->tokens, job->r->pool);
    return res.why == PWL_OK ? res : end_session(job, res);
}

/* Have they been refreshed by somebody? What is looked at is let go. */
static int is_news(const job_t *job)
{
    pwl_session_t session = {{0}};
    pwl_request_t seen = *job->rq;
    pwl_tokens_t tokens;
    apr_pool_t *scratch;
    pwl_result_t res;
    int news;

    apr_pool_create(&scratch, job->r->pool);
    res = pwl_fleet_get(pwl_place_fleet(), seen.skey, apr_time_now(), &session,
                        scratch);
    seen.session = session;
    news = res.why != PWL_OK ||
           pwl_tokens_read(&seen, &tokens, scratch).why != PWL_OK ||
           !pwl_tokens_due(&tokens, apr_time_now());
    apr_pool_destroy(scratch);
    return news;
}

/* ---- what the tenant gave ---- */

/* Does the ID token itself not hold, or could it not be judged? */
static int is_about_token(pwl_reason_t why)
{
    return why >= PWL_JWT_MALFORMED && why <= PWL_JWT_EMAIL_UNVERIFIED;
}

static pwl_result_t judge_id_token(job_t *job, const pwl_answer_t *answer)
{
    pwl_signin_want_t want = {
        .access_token = answer->access_token,
        .sub = pwl_session_value(&job->rq->session, "sub"),
    };
    pwl_claims_t *claims;

    if (!answer->id_token)
        return good;
    return pwl_signin_verify(job->r, job->realm, answer->id_token, &want,
                             &claims);
}

/* The refresh token counts: without it there is no session in half a minute.
 * An access token that cannot be kept is left out, and the log says so. */
static void fit(job_t *job, pwl_tokens_t *next)
{
    pwl_result_t res = {pwl_tokens_check(next), 0, NULL};

    if (res.why == PWL_OK)
        return;
    res.detail = "the session goes on without an access token";
    pwl_log_refused(job->r, "refresh", res);
    next->access = NULL;
    if (pwl_tokens_check(next) != PWL_OK)
        next->refresh = NULL;
}

/* Rules 2 and 3. */
static pwl_result_t write_back(job_t *job, const pwl_tokens_t *next)
{
    pwl_session_t session = job->rq->session;
    apr_pool_t *pool = job->r->pool;
    const char *note =
        pwl_tokens_seal(next, job->rq->skey, job->realm->tokens_seal, pool);
    pwl_result_t res = {PWL_SEAL_FAILED, 0, NULL};

    if (session.last_seen < job->r->request_time)
        session.last_seen = job->r->request_time;
    pwl_tokens_put(&session, note, pool);
    if (note)
        res = pwl_fleet_replace(pwl_place_fleet(), job->rq->skey, &session,
                                pwl_request_sweep_time(&session),
                                apr_time_now(), pool);
    if (res.why == PWL_SESSION_UNKNOWN) {
        if (next->refresh)
            pwl_tokens_revoke(job->r, job->realm, next->refresh);
        return res;
    }
    if (res.why != PWL_OK)
        pwl_log_refused(job->r, "refresh", res);
    job->rq->session = session;
    job->tokens = *next;
    return good;
}

static pwl_result_t take_over(job_t *job, const pwl_answer_t *answer)
{
    pwl_tokens_t next = pwl_tokens_given(answer, &job->tokens, apr_time_now());
    pwl_result_t res = judge_id_token(job, answer);

    if (res.why != PWL_OK && is_about_token(res.why)) {
        if (next.refresh)
            pwl_tokens_revoke(job->r, job->realm, next.refresh);
        return end_session(job, res);
    }
    if (res.why != PWL_OK) {
        /* No keys, no verdict: nothing new is passed on before there is one,
         * but the old refresh token may be dead. */
        pwl_log_refused(job->r, "refresh", res);
        next.access = job->tokens.access;
        next.got = job->tokens.got;
        next.expires = job->tokens.expires;
        pause_until(job, apr_time_now() + PAUSE);
    }
    fit(job, &next);
    return write_back(job, &next);
}

static pwl_result_t ask_tenant(job_t *job)
{
    pwl_visitor_t visitor = {.now = apr_time_now()};
    pwl_tenant_reply_t reply = {0};
    apr_interval_time_t wait = PAUSE;
    pwl_result_t res;

    res = pwl_tenant_refresh(pwl_signin_https(), &job->realm->tenant, &visitor,
                             job->tokens.refresh, &reply, job->r->pool);
    pwl_signin_count_call(job->realm, PWL_CALL_REFRESH, res.why, visitor.now,
                          &reply);
    if (res.why == PWL_OK)
        return take_over(job, &reply.answer);
    res = pwl_signin_explain(job->r, res, &reply);
    if (res.why == PWL_TOKENS_WITHDRAWN)
        return end_session(job, res);
    pwl_log_refused(job->r, "refresh", res);
    if (res.why == PWL_HTTPS_BUSY || res.why == PWL_HTTPS_DOWN)
        wait = SHORT_PAUSE;
    else if (reply.retry_after)
        wait = reply.retry_after - visitor.now;
    pause_until(job, apr_time_now() + wait);
    return good;
}

/* ---- who asks ---- */

/* Take the lease of all machines; wait for it when nothing else will do. */
static pwl_result_t agree(const job_t *job, pwl_remotelease_held_t *held)
{
    for (;;) {
        apr_time_t now = apr_time_now();
        pwl_result_t res =
            pwl_fleet_lease(pwl_place_fleet(), job->rq->skey, lease_life(job),
                            now, held, job->r->pool);

        if (res.why != PWL_SESSION_LEASED || now >= job->give_up ||
            pwl_tokens_usable(&job->tokens, now))
            return res;
        apr_sleep(POLL);
    }
}

/* With the lease of this machine. */
static pwl_result_t refresh_alone(job_t *job)
{
    pwl_fleet_t *fleet = pwl_place_fleet();
    pwl_remotelease_held_t held;
    pwl_result_t res = agree(job, &held);

    if (res.why == PWL_OK) {
        res = look_again(job, 1);
        if (res.why == PWL_OK && pwl_tokens_due(&job->tokens, apr_time_now()))
            res = ask_tenant(job);
        pwl_fleet_unlease(fleet, job->rq->skey, &held, apr_time_now(),
                          job->r->pool);
        if (res.why != PWL_STORE_FAILED || job->ended)
            return res;
    }
    /* Another machine is at it, or Redis does not answer: what was read before
     * is as good as it was. */
    pause_until(job, apr_time_now() + SHORT_PAUSE);
    return good;
}

static pwl_result_t refresh(job_t *job)
{
    pwl_leases_t *leases = job->realm->store->leases;
    pwl_result_t res;

    for (;;) {
        apr_time_t now = apr_time_now();

        switch (pwl_leases_take(leases, job->rq->skey, now, lease_life(job))) {
        case PWL_LEASES_MINE:
            res = refresh_alone(job);
            if (job->again)
                pwl_leases_pause(leases, job->rq->skey, job->again);
            else
                pwl_leases_give(leases, job->rq->skey);
            return res;
        case PWL_LEASES_PAUSED:
            return good;
        default:
            break;
        }
        if (now >= job->give_up || pwl_tokens_usable(&job->tokens, now))
            return good;
        apr_sleep(POLL);
        if (is_news(job))
            return look_again(job, 0);
    }
}

pwl_result_t pwl_refresh_session(request_rec *r, pwl_request_t *rq)
{
    job_t job = {.r = pwl_request_top(r), .rq = rq, .realm = rq->realm};
    apr_time_t now;
    pwl_result_t res;

    if (rq->tokens || !pwl_tokens_note(&rq->session))
        return good;
    res = pwl_tokens_read(rq, &job.tokens, job.r->pool);
    if (res.why != PWL_OK)
        return end_session(&job, res);
    now = apr_time_now();
    job.give_up = now + rq->realm->conf->timeout;
    if (pwl_tokens_due(&job.tokens, now))
        res = refresh(&job);
    if (res.why == PWL_OK)
        rq->tokens = apr_pmemdup(job.r->pool, &job.tokens, sizeof(job.tokens));
    return res;
}
