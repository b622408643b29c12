/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Auth0Languages and Auth0Messages, and the language of a request: chosen
 * once, for its page, its problem+json and the e-mail it has sent.
 */
#ifndef PWL_HTTPD_LANGUAGE_H
#define PWL_HTTPD_LANGUAGE_H

#include "httpd/request.h"

/* Setters, as in httpd/set.h. */
const char *pwl_language_set(cmd_parms *cmd, void *dir, int argc,
                             char *const argv[]);
const char *pwl_language_set_messages(cmd_parms *cmd, void *dir,
                                      const char *tag, const char *file);

/** Inner files of messages over the outer ones, language by language. */
const apr_array_header_t *pwl_language_merge(const apr_array_header_t *base,
                                             const apr_array_header_t *over,
                                             apr_pool_t *pool);

/** Does this host offer what is neither built in nor has a file? @return NULL,
 * or what is wrong with Auth0Languages */
const char *pwl_language_check(const pwl_server_conf_t *conf, apr_pool_t *pool);

/** Files of messages of this host that no visitor will see, because
 * Auth0Languages does not offer them: their tags, or NULL. */
const char *pwl_language_idle(const pwl_server_conf_t *conf, apr_pool_t *pool);

/** The languages of a host, of const pwl_language_t *, at least one. */
const apr_array_header_t *pwl_language_offered(const pwl_server_conf_t *conf,
                                               apr_pool_t *pool);

/** What pages of this request are made with: the realm's, in the language that
 * suits the visitor. */
const pwl_page_site_t *pwl_language_site(request_rec *r,
                                         const pwl_realm_t *realm);

/** That language, for the tenant: "fr-CA". */
const char *pwl_language_told(request_rec *r, const pwl_realm_t *realm);

#endif
