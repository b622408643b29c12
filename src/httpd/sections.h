/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `httpd -t` finds in <Location>, <Directory> and their like: an AuthType
 * of ours that guards nothing, and the page of sessions open to everybody.
 */
#ifndef PWL_HTTPD_SECTIONS_H
#define PWL_HTTPD_SECTIONS_H

#include <httpd.h>
#include <http_config.h>

/** Is `node` the <VirtualHost> that `s` was made from? */
int pwl_sections_is_host(const server_rec *s, const ap_directive_t *node);

/** SetHandler of the operator's page (httpd/sessions.c). */
#define PWL_SESSIONS_HANDLER "auth0-sessions"

/**
 * Judge every AuthType of ours in the configuration, and say what is wrong.
 *
 * An error is one without a tenant, or one that no Require can ever go with:
 * httpd asks nobody to sign in there, and serves what was to be guarded. Where
 * a Require of another section or of a .htaccess file may apply, that is a
 * warning, because only requests will tell. So is a page of sessions without
 * a Require.
 *
 * @return how many errors there were; warnings do not count
 */
int pwl_sections_check(server_rec *main_server, apr_pool_t *pool);

#endif
