/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers: pages, redirects, problem+json, and the cookies they carry.
 *
 * Every function here ends the request: it returns what a handler returns.
 */
#ifndef PWL_HTTPD_RESPOND_H
#define PWL_HTTPD_RESPOND_H

#include "core/page_step.h"
#include "httpd/request.h"

/** Send HTML with a status; HEAD gets the headers. */
int pwl_respond_html(request_rec *r, const pwl_realm_t *realm, int status,
                     const char *html, apr_size_t len);

/** Send the page with a client in it, under its own policy. */
int pwl_respond_client(request_rec *r, const pwl_realm_t *realm,
                       const char *html, apr_size_t len);

/** The same for a page whose form may be answered with the way to the tenant's
 * own page (httpd/hosted.h). */
int pwl_respond_form(request_rec *r, const pwl_realm_t *realm, int status,
                     const char *html, apr_size_t len);

/** Send JSON with a status and type. */
int pwl_respond_json(request_rec *r, const pwl_realm_t *realm, int status,
                     const char *type, const char *json, apr_size_t len);

/** 303 to a URL we made or checked: what this request was for is done. */
int pwl_respond_redirect(request_rec *r, const pwl_realm_t *realm,
                         const char *url);

/** 302: what was asked for is still to come, after a way over `url`. */
int pwl_respond_found(request_rec *r, const pwl_realm_t *realm,
                      const char *url);

/**
 * Refuse with the page that tells of `res`, and log it. Sets Retry-After when
 * `retry` is above 0. Programs get problem+json.
 * @param again  URL the page's main button leads to; NULL: the sign-in page
 */
int pwl_respond_refused(request_rec *r, const pwl_realm_t *realm,
                        const char *event, pwl_result_t res,
                        apr_interval_time_t retry, const char *again);

/** The same without a log line: the caller wrote a better one. */
int pwl_respond_page(request_rec *r, const pwl_realm_t *realm, pwl_result_t res,
                     apr_interval_time_t retry, const char *again);

/** The same for a program that draws its own forms, with the step it can go
 * on with. Does not log. */
int pwl_respond_step(request_rec *r, const pwl_realm_t *realm, pwl_result_t res,
                     apr_interval_time_t retry, const pwl_page_step_t *step);

/** Send a notice page that is no error of anybody. */
int pwl_respond_notice(request_rec *r, const pwl_realm_t *realm,
                       const pwl_page_notice_t *notice);

/** 405 with Allow. */
int pwl_respond_method(request_rec *r, const pwl_realm_t *realm,
                       const char *allow);

/** problem+json (or one line of text, or nothing, by Accept), with Retry-After
 * when the problem names a wait. */
int pwl_respond_problem(request_rec *r, const pwl_realm_t *realm,
                        const pwl_page_problem_t *problem);

/** Set-Cookie; `value` NULL deletes it. On errors too. */
void pwl_respond_cookie(request_rec *r, const pwl_realm_t *realm,
                        const char *name, const char *value);

/** `path?name=value` with the value percent-encoded; value NULL: the path. */
const char *pwl_respond_url(const char *path, const char *name,
                            const char *value, apr_pool_t *pool);

#endif
