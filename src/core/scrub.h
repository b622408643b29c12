/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which request headers could pass for what we say about a visitor?
 *
 * Identity travels to applications as REMOTE_USER, AUTH_TYPE, AUTH0_* and
 * X-Auth0-*. A CGI environment upper-cases header names and turns every
 * separator into '_', so many spellings arrive as one. Whatever could is
 * ours to write and nobody else's.
 */
#ifndef PWL_CORE_SCRUB_H
#define PWL_CORE_SCRUB_H

#include <apr_pools.h>

/** @return true if a CGI or back end could take a header of this name for
 * one of ours: any case, any run of characters other than letters and digits
 * as one separator, also in front and at the end, and any number of "HTTP_"
 * in front. Runs for every header of every request. */
int pwl_scrub_is_ours(const char *header_name);

/**
 * Take the names that are ours out of a Connection header, so that a client
 * cannot have a proxy drop the headers that we add. Tokens end at ',', ';' and
 * blanks: httpd reads them so.
 *
 * @return `value` itself when there is none; NULL when nothing is left; else
 *         the other tokens in their order, joined by ", "
 */
const char *pwl_scrub_connection(const char *value, apr_pool_t *pool);

#endif
