/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we know of one request: its realm, our cookies, its session.
 *
 * A sub-request or internal redirect shares the record's findings with the
 * request the client sent, so identity is decided once for all of them.
 */
#ifndef PWL_HTTPD_REQUEST_H
#define PWL_HTTPD_REQUEST_H

#include "core/pending.h"
#include "core/session.h"
#include "core/token.h"
#include "core/tokens.h"
#include "httpd/realm.h"

typedef struct {
    const pwl_realm_t *realm;
    pwl_endpoint_t endpoint;
    const char *asset;   /* file name, when endpoint is _ASSET */
    const char *cookies; /* Cookie header as the client sent it, or NULL */
    int session_looked_up;
    pwl_result_t session_res; /* PWL_OK, or why there is none */
    pwl_session_t session;    /* with PWL_OK */
    int looked_again;         /* has Redis been asked for a newer one? */
    unsigned char skey[PWL_SKEY_BYTES];
    const pwl_tokens_t *tokens;  /* of the session; NULL until they are read */
    const pwl_page_site_t *site; /* in the visitor's language, and that */
    const char *told;            /* language; httpd/language.h; NULL: not
                                  * chosen yet */
    const char *bearer;          /* the Authorization header we made, or NULL */
} pwl_request_t;

/** The record of the request the client sent, `r` or what led to it.
 * @return NULL when the host does not use the module */
pwl_request_t *pwl_request_of(request_rec *r);

/** The request the client sent, which `r` is or came of. What is kept in its
 * record lives in its pool: sub-requests go before it. */
request_rec *pwl_request_top(request_rec *r);

/** @return which of our URLs `r` itself is; NONE for sub-requests */
pwl_endpoint_t pwl_request_endpoint(request_rec *r);

/**
 * Look the session up, once a request. Judges realm and existence, not the
 * limits of a location: those are httpd/gate.c's.
 * @return PWL_OK with rq->session; PWL_SESSION_MISSING, _FORGED, _UNKNOWN,
 *         _FOREIGN, _DAMAGED, PWL_STORE_FAILED
 */
pwl_result_t pwl_request_session(request_rec *r, pwl_request_t *rq);

/** Look the session up and judge it by this location's limits.
 * @return as pwl_request_session(), and PWL_SESSION_IDLE or _MAX */
pwl_result_t pwl_request_live_session(request_rec *r, pwl_request_t *rq,
                                      const pwl_dir_conf_t *dir);

/** What the store takes for now: the request's time; with Redis the clock's,
 * because a request may have taken long to arrive. */
apr_time_t pwl_request_now(request_rec *r);

/** When a session is past every limit any location has. */
apr_time_t pwl_request_sweep_time(const pwl_session_t *session);

/** Open the pending cookie: the first of its name that opens.
 * @return PWL_OK; PWL_PENDING_MISSING, _FORGED or _EXPIRED */
pwl_result_t pwl_request_pending(request_rec *r, const pwl_request_t *rq,
                                 pwl_pending_t *out);

/** Was this token made for this browser? Also when cookie and token are too old
 * for anything else, a day at most. */
int pwl_request_sealed(request_rec *r, const pwl_request_t *rq,
                       const pwl_token_t *token);

/** Is this a person looking at a page, rather than a program? */
int pwl_request_is_page(request_rec *r);

/** Is this the type of the request's body, with parameters or without? */
int pwl_request_has_type(request_rec *r, const char *type);

/** Is this one of our own URLs, asked by a program that draws the forms itself?
 * A POST says so by its Content-Type, all others by Accept. */
int pwl_request_speaks_json(request_rec *r);

/** Did a browser or crawler ask ahead of need? Nothing may happen then. */
int pwl_request_is_prefetch(request_rec *r);

/** Is this plain http to a site whose address is https? No cookie can work
 * there. Behind a proxy that ends TLS (Auth0BaseURL), plain http is what we
 * see, and all is well. */
int pwl_request_wrong_scheme(request_rec *r, const pwl_realm_t *realm);

/** Address of the visitor as httpd believes it, fit to be forwarded to the
 * tenant, or NULL. */
const char *pwl_request_client_ip(request_rec *r);

/* Hooks. */
int pwl_request_read(request_rec *r);          /* post_read_request */
int pwl_request_pre_translate(request_rec *r); /* pre_translate_name */
int pwl_request_translate(request_rec *r);     /* translate_name */
int pwl_request_map(request_rec *r);           /* map_to_storage */
int pwl_request_mask(request_rec *r);          /* log_transaction */

#endif
