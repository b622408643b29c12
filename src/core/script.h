/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a client that runs in the browser, auth0.js or Lock, which the
 * operator got from npm: is it that, and what is its hash?
 *
 * A wrong file would be found out by the first visitor, with an empty page. So
 * the file is asked for words that no minifier takes away, being names that
 * pages use; what is most often taken in its place is told by words too.
 */
#ifndef PWL_CORE_SCRIPT_H
#define PWL_CORE_SCRIPT_H

#include <apr_pools.h>

typedef enum {
    PWL_SCRIPT_AUTH0JS = 0, /* dist/auth0.min.js of auth0-js */
    PWL_SCRIPT_LOCK         /* a bundle of auth0-lock for a <script> */
} pwl_script_kind_t;

/**
 * Is it a client for a <script> of a page?
 * @param text  the file, NUL-terminated
 * @param len   its bytes; a NUL among them is not a script
 * @return NULL, or what it is instead: "is not auth0.js"
 */
const char *pwl_script_judge(const char *text, apr_size_t len,
                             pwl_script_kind_t kind);

/** How to get the right one: "take dist/auth0.min.js of …". */
const char *pwl_script_cure(pwl_script_kind_t kind);

/** Subresource Integrity of these bytes: "sha384-" and base64, 71 characters;
 * NULL when libcrypto fails. */
const char *pwl_script_hash(const char *text, apr_size_t len, apr_pool_t *pool);

/** Could `hash` be such a value? */
int pwl_script_hash_ok(const char *hash);

/** Public name: "auth0." or "lock.", 12 hex digits of its SHA-256, ".js". */
const char *pwl_script_name(const char *text, apr_size_t len,
                            pwl_script_kind_t kind, apr_pool_t *pool);

#endif
