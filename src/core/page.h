/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything a visitor sees, as pure functions: data in, bytes out.
 *
 *   pwl_page_address   step 1: the form that asks for an address
 *   pwl_page_code      step 2: the form that asks for the code
 *   pwl_page_client    both steps, for auth0.js in the browser
 *   pwl_page_logout    the sign-out button
 *   pwl_page_notice    every page that says something and offers a way on
 *   pwl_page_problem   the same for programs: application/problem+json
 *   core/page_step.h   the two forms for programs: application/json
 *
 * What must stay true of every HTML page:
 *  1. complete without script; nothing inline; no request to another host,
 *     except for an Auth0Logo that lies there; pwl_page_client() says that it
 *     needs script, and that talks to the tenant;
 *  2. forms post to the URL they stand on: no `action`, so that the fragment
 *     of a deep link survives (Chromium keeps it; ux.md A.12);
 *  3. fields: `email` or `phone_number`, `code`, hidden `t`; buttons named
 *     `op`: "send", "verify", "change", "continue" (the link was opened),
 *     and "code" (I already have a code);
 *  4. nothing differs between known and unknown addresses;
 *  5. what came from outside enters through core/html.h only.
 *
 * The two forms weigh at most 6 kB with a token of 500 characters. Headers
 * (CSP and the others of ux.md A.0) are the caller's.
 */
#ifndef PWL_CORE_PAGE_H
#define PWL_CORE_PAGE_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"
#include "core/text.h"

/** What the pages of a host tell of addresses it does not know. */
typedef enum {
    PWL_PAGE_UNKNOWN_HIDE = 0, /* nothing: "if ... can sign in" */
    PWL_PAGE_UNKNOWN_OPEN,     /* there are none: a code was sent */
    PWL_PAGE_UNKNOWN_TELL      /* that they are unknown, or blocked */
} pwl_page_unknown_t;

/** What is sent to whom: changes words and fields, not structure. */
typedef enum {
    PWL_PAGE_EMAIL_CODE = 0,
    PWL_PAGE_PHONE_CODE, /* the sms connection: field `phone_number` */
    PWL_PAGE_EMAIL_LINK  /* Auth0Send link: step 2 has no field */
} pwl_page_medium_t;

/** What is the same on all pages of one host. */
typedef struct {
    const char *site;       /* Auth0SiteName, or the server's name */
    const char *host;       /* canonical host, never the Host header */
    const char *assets_css; /* URL of pwless.css, or NULL */
    const char *assets_js;  /* URL of pwless.js, or NULL */
    const char *assets_link; /* URL of link.js, or NULL */
    const char *extra_css;  /* Auth0Stylesheet, or NULL */
    const char *logo;       /* URL of a picture, or NULL */
    const char *help;       /* Auth0Help: URL or mailto:, or NULL */
    const char *help_text;  /* its words, or NULL for "Help" */
    const char *theme;      /* "auto", "light" or "dark"; NULL is auto */
    const char *home;       /* URL path of the site's front page, or NULL */
    const char *session;    /* URL of GET session for the cross-tab notice;
                             * NULL: none, e.g. "sign in as someone else" */
    pwl_page_medium_t medium;
    pwl_page_unknown_t unknown;
    int own_country; /* of phones: most need no country code */
    const pwl_language_t *lang; /* NULL is English */
} pwl_page_site_t;

/** Step 1. `why` is shown as an error, at the field where it belongs there. */
typedef struct {
    const char *token;         /* sealed `t` */
    const char *value;         /* what to show in the field, or NULL */
    pwl_reason_t why;          /* PWL_OK, or what was wrong */
    pwl_text_key_t notice;     /* PWL_TEXT_NONE, or e.g. _SESSION_IDLE */
    pwl_reason_t notice_of;    /* what it tells of, for programs; or PWL_OK */
    pwl_text_args_t args;      /* for `notice`; site and host are added */
    apr_interval_time_t retry; /* wait to name with limits and failures; 0:
                                * a minute */
    const char *ref;           /* reference, or NULL */
    int has_code;              /* offer "I already have a code" (op=code) */
} pwl_page_address_t;

/** Step 2. */
typedef struct {
    const char *token;
    const char *address;           /* as the code was sent to */
    int digits;                    /* Auth0CodeLength */
    int found;                     /* with PWL_OTP_LENGTH: digits entered */
    int tries_left;                /* with PWL_FLOW_WRONG */
    apr_interval_time_t life;      /* Auth0CodeLifetime */
    apr_interval_time_t left;      /* of that; <= 0 is expired */
    apr_interval_time_t send_wait; /* until another may be sent; 0: now */
    apr_interval_time_t retry;     /* wait to name with limits and failures */
    pwl_reason_t why;              /* PWL_OK, or what was wrong */
    pwl_text_key_t notice;         /* PWL_TEXT_NONE, or PWL_TEXT_SEND_AGAIN */
    const char *value;             /* typed before, or NULL; never shown with
                                    * an expired, spent or superseded code */
    const char *ref;
    int lead_send; /* "Send a new code" is the main button;
                    * so it is when expired or spent anyway */
    int autofocus; /* the field (or main button) takes focus */
    int goes_on;   /* of a link: script goes on once it was opened */
} pwl_page_code_t;

typedef struct {
    const char *token;
    const char *address; /* who is signed in, or NULL */
} pwl_page_logout_t;

/** Both steps in one page, driven in the browser by auth0.js; or Lock. */
typedef struct {
    int lock;           /* Lock draws the steps */
    const char *assets; /* URL our files are below, for Lock */
    const char *domain; /* what auth0.js is told */
    const char *client_id;
    const char *redirect_uri;
    const char *scope;
    const char *audience; /* or NULL */
    const char *connection;
    const char *state;
    const char *nonce;
    const char *challenge; /* PKCE, S256 */
    const char *script;    /* URL of auth0.js */
    const char *hash;      /* what the browser holds it to, "sha384-…" */
    const char *driver;    /* URL of client.js */
    const char *value;     /* an address to begin with, or NULL */
    pwl_text_key_t notice; /* PWL_TEXT_NONE, or e.g. _SESSION_IDLE */
    pwl_text_args_t args;  /* for `notice`; site and host are added */
    int digits;
    apr_interval_time_t code_lifetime;
    apr_interval_time_t signin_timeout;
    apr_interval_time_t resend[3];
} pwl_page_client_t;

/** A way on from a notice page. */
typedef struct {
    pwl_text_key_t label; /* PWL_TEXT_NONE: no button */
    const char *url;      /* a link (GET) that looks like a button */
    const char *token;    /* set: a form that posts `t` and `op` instead, to
                           * `url`, or to the page's own URL when NULL */
    const char *op;       /* or NULL */
    int new_tab;          /* a link that opens a tab */
} pwl_page_button_t;

#define PWL_PAGE_BUTTONS 3
#define PWL_PAGE_LINES 4

typedef struct {
    pwl_text_key_t title;                 /* <h1>, and in <title> */
    pwl_text_key_t lines[PWL_PAGE_LINES]; /* paragraphs */
    pwl_text_args_t args;                 /* site, host, help are added */
    int status;                           /* small print from 400 on */
    const char *ref;                      /* small print, or NULL */
    int error;                            /* title says "Error: " */
    pwl_page_button_t
        buttons[PWL_PAGE_BUTTONS]; /* the first is the main one;
                                    * without url and token: none */
    int unsent;                    /* script offers "Send it now" */
} pwl_page_notice_t;

/** The notice pages we know, ready but for `args`, `ref` and the urls. */
typedef enum {
    PWL_PAGE_NONE = 0, /* no page of its own */
    PWL_PAGE_OUT,      /* buttons: sign in again, home */
    PWL_PAGE_ALREADY,  /* continue, sign out, someone else; args.address */
    PWL_PAGE_DENIED,   /* someone else, go back; args.address */
    PWL_PAGE_DOWN,     /* try again; args.duration */
    PWL_PAGE_MAIL,     /* try again; args.duration */
    PWL_PAGE_BUSY,     /* try again; args.duration */
    PWL_PAGE_LIMIT,    /* try again; args.duration */
    PWL_PAGE_ACCOUNT,  /* start again; args.duration */
    PWL_PAGE_CONFIG,   /* go back; ref */
    PWL_PAGE_FOREIGN,  /* start again */
    PWL_PAGE_EXPIRED,  /* start again; args.minutes */
    PWL_PAGE_WINDOW,   /* start again: code of another window */
    PWL_PAGE_DONE,     /* start again: this sign-in is finished */
    PWL_PAGE_WAIT,     /* try again: the post before is still worked on */
    PWL_PAGE_FORM,     /* start again: a form we cannot read */
    PWL_PAGE_COOKIES,  /* start again */
    PWL_PAGE_UNSENT,   /* sign in in a new tab */
    PWL_PAGE_NEEDED,   /* sign in: a plain 401 page */
    PWL_PAGE_LOOP,     /* start again; add pwl_page_message(why) as lines[1] */
    PWL_PAGE_USED,     /* start again: link used before */
    PWL_PAGE_REFUSED,  /* start again: the tenant said no */
    PWL_PAGE_AGAIN,    /* start again: callback that does not fit */
    PWL_PAGE_FRAGMENT, /* start again: answer came behind the '#' */
    PWL_PAGE_FULL,     /* try again: the session store is full */
    PWL_PAGE_STORE,    /* try again: the session store failed */
    PWL_PAGE_TOO_BIG,  /* go back: the identity does not fit a session */
    PWL_PAGE_METHOD,   /* start again */
    PWL_PAGE_HOSTED,   /* continue: second check on the hosted page */
    PWL_PAGE_ELSEWHERE, /* continue: on the hosted page, for want of cookies */
    PWL_PAGE_KINDS
} pwl_page_kind_t;

/** @return HTML of `len` bytes, NUL-terminated, from `pool`; never NULL */
const char *pwl_page_address(const pwl_page_site_t *site,
                             const pwl_page_address_t *page, apr_pool_t *pool,
                             apr_size_t *len);
const char *pwl_page_code(const pwl_page_site_t *site,
                          const pwl_page_code_t *page, apr_pool_t *pool,
                          apr_size_t *len);
const char *pwl_page_client(const pwl_page_site_t *site,
                            const pwl_page_client_t *page, apr_pool_t *pool,
                            apr_size_t *len);
const char *pwl_page_logout(const pwl_page_site_t *site,
                            const pwl_page_logout_t *page, apr_pool_t *pool,
                            apr_size_t *len);
const char *pwl_page_notice(const pwl_page_site_t *site,
                            const pwl_page_notice_t *page, apr_pool_t *pool,
                            apr_size_t *len);

/** @return a notice with title, lines, status and button labels of `kind` */
pwl_page_notice_t pwl_page_notice_make(pwl_page_kind_t kind);

/** @return which notice page tells of `why`; PWL_PAGE_NONE if a form does, or
 * nobody needs to be told */
pwl_page_kind_t pwl_page_kind(pwl_reason_t why);

/** @return the sentence for `why`; PWL_TEXT_NONE if a visitor never hears */
pwl_text_key_t pwl_page_message(pwl_reason_t why);

/** RFC 9457. Members that are NULL or 0 are left out. */
typedef struct {
    const char *type; /* stable URI; NULL: about:blank */
    pwl_text_key_t title;
    pwl_text_key_t detail; /* PWL_TEXT_NONE: left out */
    pwl_text_args_t args;  /* for `detail`; site and host are added */
    int status;
    const char *instance;
    const char *reason; /* a stable word */
    const char *login_url;
    const char *request_id;
    apr_interval_time_t retry_after; /* written in whole seconds, rounded up */
    const struct pwl_page_step_t
        *step; /* how a sign-in goes on (page_step.h) */
} pwl_page_problem_t;

/** @return application/problem+json */
const char *pwl_page_problem(const pwl_page_site_t *site,
                             const pwl_page_problem_t *problem,
                             apr_pool_t *pool, apr_size_t *len);

#endif
