/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of directives.
 *
 * Every function answers the way httpd's directive functions do: NULL when
 * the value is good, else one line for the operator that quotes the value,
 * says what is wrong and shows a good one. The caller puts the directive's
 * name and ": " in front. `out` is untouched unless the value is good.
 */
#ifndef PWL_CORE_SETTING_H
#define PWL_CORE_SETTING_H

#include <apr_pools.h>
#include <apr_time.h>

/** A tenant's domain: host[:port] and nothing else.
 * @param out  in lower case, without ":443" */
const char *pwl_setting_domain(const char *arg, const char **out,
                               apr_pool_t *pool);

/** Our own address: https://host[:port] and nothing else, no slash behind.
 * @param allow_http  true if http:// will do (Auth0InsecureHTTP)
 * @param out         in lower case, without the scheme's own port */
const char *pwl_setting_base_url(const char *arg, int allow_http,
                                 const char **out, apr_pool_t *pool);

/** Our own path: begins and ends with '/', is not "/"; letters, digits and
 * - . _ ~ between, no empty and no dot segment. */
const char *pwl_setting_path(const char *arg, apr_pool_t *pool);

/** Bytes, above zero: a number, and k, m or g for 1024 and its powers. */
const char *pwl_setting_size(const char *arg, apr_size_t *bytes,
                             apr_pool_t *pool);

/** A time above zero, up to PWL_SETTING_TIME_MAX seconds: digits, then ms, s, m
 * (or min) or h, or nothing for seconds. One unit and no more: "1h30m" is an error. */
const char *pwl_setting_interval(const char *arg, apr_interval_time_t *out,
                                 apr_pool_t *pool);

/** Is `word` one of those in `list`, which blanks part? */
int pwl_setting_has_word(const char *list, const char *word);

/** Where sessions are kept: shm(SIZE), or shm:FILE(SIZE).
 * @param file  NULL, or FILE as written */
const char *pwl_setting_store(const char *arg, apr_size_t *bytes,
                              const char **file, apr_pool_t *pool);

/** A word of visible ASCII, as a client id is; at most PWL_SETTING_TOKEN_MAX
 * bytes. */
const char *pwl_setting_token(const char *arg, apr_pool_t *pool);

/** A whole number from `min` to `max`, in decimal. */
const char *pwl_setting_int(const char *arg, int min, int max, int *out,
                            apr_pool_t *pool);

#endif
