/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing buffer of HTML, and the only door by which text enters it.
 *
 *   pwl_html_raw()   literals of our own source: markup, nothing else
 *   pwl_html_text()  anything else, between tags
 *   pwl_html_attr()  anything else, inside a double-quoted attribute
 *
 * What must stay true: whatever bytes go into the last two, the result is
 * valid UTF-8 that holds no character with a meaning in HTML, no control
 * character and no character that reorders the text around it; and it is cut
 * at a named limit, between characters. So a page cannot be broken, and no
 * line of it be made to read otherwise, by what a visitor, a tenant or a
 * client sends.
 *
 * Memory doubles from the pool and is given back with the pool.
 */
#ifndef PWL_CORE_HTML_H
#define PWL_CORE_HTML_H

#include <apr_pools.h>

typedef struct pwl_html_t pwl_html_t;

/** An empty buffer; lives as long as `pool`. */
pwl_html_t *pwl_html_make(apr_pool_t *pool);

/** Append markup from our own source as it stands. */
void pwl_html_raw(pwl_html_t *html, const char *literal);

/**
 * Append text for a place between tags: escapes < > & " ' and `, drops control
 * characters and bidi overrides (line breaks and tabs become a space), puts
 * U+FFFD for what is not UTF-8, and cuts after PWL_HTML_TEXT_MAX bytes of
 * input with an ellipsis. NULL is the empty text.
 */
void pwl_html_text(pwl_html_t *html, const char *text);

/** As pwl_html_text() for at most `len` bytes; stops at a NUL. */
void pwl_html_text_part(pwl_html_t *html, const char *text, apr_size_t len);

/**
 * The same for the inside of an attribute in double quotes, where the limit is
 * PWL_HTML_ATTR_MAX and no ellipsis is added. Says nothing about URLs: see
 * pwl_html_url_ok().
 */
void pwl_html_attr(pwl_html_t *html, const char *text);

/**
 * May `url` stand in href or src? Good are a path on this site ("/x", not
 * "//x"), "https:", "http:", "mailto:" and "tel:"; bad is anything else, such
 * as "javascript:", and NULL.
 */
int pwl_html_url_ok(const char *url);

/** All bytes so far, NUL-terminated; `len` may be NULL. */
const char *pwl_html_bytes(pwl_html_t *html, apr_size_t *len);

#endif
