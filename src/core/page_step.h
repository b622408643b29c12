/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a sign-in stands, for programs that draw its forms themselves: what a
 * page would show, as JSON.
 *
 *   next   which form to show: "login" asks for the address, "code" for the
 *          code; "hosted": go to `url`; none: the sign-in is over
 *   t      the token that form has to post
 *   the rest: facts, and the words a page would have for them
 *
 * It is made of the same structures as the pages, so that both say the same.
 */
#ifndef PWL_CORE_PAGE_STEP_H
#define PWL_CORE_PAGE_STEP_H

#include "core/page.h"

typedef enum {
    PWL_NEXT_NONE = 0, /* over: `signed_in` and `return_to` */
    PWL_NEXT_LOGIN,    /* t, connection, address, digits, has_code */
    PWL_NEXT_CODE,     /* t, connection, address, digits, tries_left, left,
                        * send_wait */
    PWL_NEXT_LINK,     /* the same but digits and tries_left */
    PWL_NEXT_HOSTED    /* url */
} pwl_page_next_t;

typedef struct pwl_page_step_t {
    pwl_page_next_t next;
    const char *token;      /* sealed `t`, or NULL */
    const char *connection; /* Auth0Connection, or NULL */
    const char *address;    /* or NULL */
    int digits;             /* Auth0CodeLength */
    int has_code;           /* a code is on its way: op=code leads to it */
    int tries_left;
    apr_interval_time_t left;      /* the code works for so long */
    apr_interval_time_t send_wait; /* until another may be sent */
    const char *url;
    int signed_in;
    const char *return_to;
    pwl_reason_t why;      /* what there is to say, PWL_OK if nothing */
    pwl_text_key_t detail; /* in words, PWL_TEXT_NONE if nothing */
    pwl_text_args_t args;  /* for `detail` */
} pwl_page_step_t;

/** What step 1 shows. `connection` and `digits` are left to the caller. */
pwl_page_step_t pwl_page_step_address(const pwl_page_address_t *page);

/** What step 2 shows; where nothing is to be said, that a code is on its way.
 * `connection` is left to the caller. */
pwl_page_step_t pwl_page_step_code(const pwl_page_code_t *page);

/** @return application/json: the step, with `reason` and `detail` */
const char *pwl_page_step(const pwl_page_site_t *site,
                          const pwl_page_step_t *step, apr_pool_t *pool,
                          apr_size_t *len);

#endif
