/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sign-in as a state machine: what may happen, what it leads to.
 *
 *          SEND            SENT                VERIFY        GOOD
 *   NONE ------> SENDING ------> WAITING(code) -----> CHECKING ----> DONE
 *                   |               ^   ^                | WRONG
 *                   | UNSENT        |   '----------------'  third: SPENT
 *                   '---------------'        SEND (cool-down) from SPENT too
 *
 * The record lies in shared memory (io/txns.c), keyed by transaction id;
 * io/txns.c calls these functions under its lock, so fifty posts at once see
 * one order. With Redis it lies there (io/remotetxns.c), and a change is begun
 * again on what somebody else wrote meanwhile: the same order, for all
 * machines. Nothing here reads a clock or does I/O.
 *
 * Must stay true:
 *  1. at most PWL_FLOW_TRIES verify calls go out for one code sent;
 *  2. a code is asked for at most once within the cool-down, and at most
 *     PWL_FLOW_SENDS times in one sign-in;
 *  3. the same code posted twice gives the same answer and one call;
 *  4. DONE is final.
 *
 * A call whose answer nobody knows (its process died, the connection broke)
 * counts as if it had been made: the mail as sent, the try as used. Only a
 * call that was certainly not carried out is given back.
 *
 * A wall clock may be set back. A time of the record that then lies ahead is
 * read as "just now": no try comes back, and nobody waits longer than the
 * policy says from the moment it is noticed.
 */
#ifndef PWL_CORE_FLOW_H
#define PWL_CORE_FLOW_H

#include <apr_time.h>

#include "core/pending.h"
#include "core/reason.h"
#include "core/session.h"

#define PWL_FLOW_TRIES 3
#define PWL_FLOW_SENDS 5
#define PWL_FLOW_JOINS 2 /* posts that may wait for another one's call: each
                          * holds a worker of httpd */
#define PWL_FLOW_REPEAT apr_time_from_sec(10)  /* a second click */
#define PWL_FLOW_GRACE apr_time_from_sec(15)   /* after a code's life */
#define PWL_FLOW_PAUSE_MAX apr_time_from_sec(3600) /* longest wait the tenant
                                                    * can ask of a person */

typedef enum {
    PWL_FLOW_STATE_NONE = 0,
    PWL_FLOW_STATE_SENDING,
    PWL_FLOW_STATE_WAITING,
    PWL_FLOW_STATE_CHECKING,
    PWL_FLOW_STATE_SPENT,
    PWL_FLOW_STATE_DONE,
    PWL_FLOW_STATE_COUNT
} pwl_flow_state_t;

typedef enum {
    PWL_FLOW_EV_SEND = 0, /* a person asks for a code */
    PWL_FLOW_EV_SENT,     /* it was sent, or may have been */
    PWL_FLOW_EV_UNSENT,   /* it was certainly not sent */
    PWL_FLOW_EV_VERIFY,   /* a person posts a code */
    PWL_FLOW_EV_GOOD,     /* the tenant accepted it */
    PWL_FLOW_EV_WRONG,    /* the tenant refused it, others may do */
    PWL_FLOW_EV_DEAD,     /* the tenant takes no more tries for this code */
    PWL_FLOW_EV_FAILED,   /* no verdict; the tenant may have counted a try */
    PWL_FLOW_EV_UNCHECKED, /* no verdict; certainly no code was looked at */
    PWL_FLOW_EV_STALE,    /* the call going on outlived call_limit */
    PWL_FLOW_EV_COUNT
} pwl_flow_event_t;

typedef struct {
    apr_interval_time_t resend[3];     /* Auth0ResendInterval */
    apr_interval_time_t code_lifetime; /* Auth0CodeLifetime */
    apr_interval_time_t call_limit;    /* longest call to the tenant; a state
                                        * SENDING or CHECKING older than this
                                        * is a call whose process died */
} pwl_flow_policy_t;

/** The record of one sign-in, plain data of fixed size; all zero is NONE. */
typedef struct {
    apr_uint32_t state;      /* pwl_flow_state_t */
    apr_uint32_t sends;      /* codes asked for */
    apr_uint32_t tries;      /* verify calls for the present code; SPENT has
                              * them all */
    apr_uint32_t flash;      /* pwl_reason_t to tell once on the code page */
    apr_uint32_t answer;     /* pwl_reason_t that last_code was answered with */
    apr_uint32_t joined;     /* posts that wait for the call going on */
    apr_time_t began;        /* start of the call going on, or of the last */
    apr_time_t sent;         /* when the present code was asked for; 0: never */
    apr_time_t answered;     /* when `answer` was given; 0: there is none */
    apr_time_t retry_after;  /* tenant: ask for no code until then; 0: no */
    apr_time_t check_after;  /* tenant: verify no code until then; 0: no */
    unsigned char address[16];   /* digest of the address codes went to */
    unsigned char last_code[16]; /* keyed digest of the code last tried */
    unsigned char typed[16];     /* that code, masked (pwl_pending_mask) */
    unsigned char sid[PWL_SID_BYTES]; /* id of the session made, masked */
    apr_time_t done;         /* when it was made */
} pwl_flow_t;

typedef enum {
    PWL_FLOW_DO_BUG = 0, /* a hole in the table */
    PWL_FLOW_DO_CALL,    /* make the call, then report its outcome */
    PWL_FLOW_DO_REPEAT,  /* answer as the first post was answered */
    PWL_FLOW_DO_JOIN,    /* the same post is being worked on: wait for it */
    PWL_FLOW_DO_REFUSE   /* `why` says why; no call */
} pwl_flow_do_t;

typedef struct {
    pwl_flow_do_t act;
    pwl_reason_t why;         /* with REFUSE and REPEAT: what to tell */
    apr_interval_time_t wait; /* with PWL_FLOW_WAIT, PWL_FLOW_LIMIT and
                               * PWL_TENANT_RATE_LIMIT: how long, else 0 */
    int tries_left;           /* of the present code */
} pwl_flow_verdict_t;

/**
 * A person asks for a code to be sent to `address` (16-byte digest).
 *
 * @return CALL: the record is SENDING and the send is counted; report the
 *         outcome by pwl_flow_sent(). REPEAT (PWL_OK): the same address while
 *         SENDING, or within PWL_FLOW_REPEAT of `sent` (less if the cool-down
 *         is shorter). REFUSE: PWL_FLOW_WAIT inside the cool-down or a pause
 *         the tenant asked for; PWL_FLOW_LIMIT after PWL_FLOW_SENDS (`wait` is
 *         the cool-down another sign-in should keep to); PWL_FLOW_BUSY while
 *         CHECKING; PWL_FLOW_DONE; PWL_FLOW_UNKNOWN for another address (start
 *         another transaction)
 */
pwl_flow_verdict_t pwl_flow_send(pwl_flow_t *flow, const unsigned char *address,
                                 apr_time_t now,
                                 const pwl_flow_policy_t *policy);

/**
 * The outcome of a send.
 *
 * PWL_OK and PWL_TENANT_CLOSED (nobody may learn that the address is unknown):
 * WAITING, `sent` = now, tries, last code and flash cleared. Any other `why`
 * with `certain` (the tenant did certainly not send): back to what it was
 * before, send and cool-down given back, flash = why. Any other `why` without
 * `certain`: as if sent, since the mail may be on its way, and flash = why.
 * An outcome nobody waits for any more changes nothing.
 * @param retry_after  absolute time; 0 if the tenant asked for no pause
 */
void pwl_flow_sent(pwl_flow_t *flow, pwl_reason_t why, int certain,
                   apr_time_t retry_after, apr_time_t now);

/**
 * A person posts a code (16-byte keyed digest of its digits).
 *
 * @return CALL: the record is CHECKING and a try is used; report the outcome
 *         by pwl_flow_verified(). JOIN: the same code while CHECKING, at
 *         most PWL_FLOW_JOINS times for a call; wait until `state` is another,
 *         never call on its behalf. REPEAT: the code
 *         answered last, within PWL_FLOW_REPEAT (`why` as then), or the one
 *         that made the session, within PWL_FLOW_REPEAT * 3 (PWL_OK). REFUSE:
 *         PWL_FLOW_BUSY for another code or a further one while CHECKING, or
 *         any while SENDING
 *         a second; PWL_FLOW_EXPIRED; PWL_FLOW_SPENT; PWL_FLOW_UNKNOWN if none
 *         was sent; PWL_TENANT_RATE_LIMIT in a pause the tenant asked for;
 *         PWL_FLOW_DONE
 */
pwl_flow_verdict_t pwl_flow_verify(pwl_flow_t *flow, const unsigned char *code,
                                   apr_time_t now,
                                   const pwl_flow_policy_t *policy);

/**
 * The outcome of a verify call.
 *
 * PWL_OK: DONE, keeps the masked `sid`. PWL_TENANT_WRONG_CODE: WAITING, or
 * SPENT after the last try. PWL_TENANT_EXPIRED_CODE and _SPENT_CODE: SPENT;
 * so PWL_TENANT_STEP, since a code is asked before a second factor.
 * Anything else (not reached, misconfigured, a token that did not verify):
 * WAITING, or SPENT if that was the last try; the try is given back only if
 * `certain`ly no code was looked at.
 *
 * An outcome may come after its call was given up as dead. A late PWL_OK still
 * makes the sign-in DONE, once, if a code was ever sent; any other late outcome
 * changes nothing. This is also how a magic link, or the tenant's own page,
 * ends a sign-in that is WAITING.
 * @param sid  PWL_SID_BYTES, masked; with PWL_OK only, else NULL
 * @param retry_after  absolute time; 0 if the tenant asked for no pause
 * @return what to tell the person: PWL_OK (the one time the session may be
 *         made), PWL_FLOW_WRONG, _SPENT, _EXPIRED, _DONE (a session was made
 *         already: make none), _UNKNOWN, or `why`
 */
pwl_reason_t pwl_flow_verified(pwl_flow_t *flow, pwl_reason_t why, int certain,
                               const unsigned char *sid, apr_time_t retry_after,
                               apr_time_t now);

/** Give up a call older than policy->call_limit and put times that lie ahead
 * right. pwl_flow_send() and pwl_flow_verify() do it themselves; a page that
 * only shows the record calls it before it looks. */
void pwl_flow_settle(pwl_flow_t *flow, apr_time_t now,
                     const pwl_flow_policy_t *policy);

/** Is the code past its life (plus PWL_FLOW_GRACE) at `now`? */
int pwl_flow_code_expired(const pwl_flow_t *flow, apr_time_t now,
                          const pwl_flow_policy_t *policy);

/** How long until another code may be asked for; 0 means now. Says nothing of
 * PWL_FLOW_SENDS. */
apr_interval_time_t pwl_flow_send_wait(const pwl_flow_t *flow, apr_time_t now,
                                       const pwl_flow_policy_t *policy);

/** Verify calls left for the present code, 0 to PWL_FLOW_TRIES. */
int pwl_flow_tries_left(const pwl_flow_t *flow);

/** Does the table say what `event` does in `state`? For the test that walks
 * it; a hole answers PWL_FLOW_DO_BUG and changes nothing. */
int pwl_flow_has_step(pwl_flow_state_t state, pwl_flow_event_t event);

#endif
