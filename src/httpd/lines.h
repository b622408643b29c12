/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the configuration, for messages that name the one to change.
 */
#ifndef PWL_HTTPD_LINES_H
#define PWL_HTTPD_LINES_H

#include <httpd.h>
#include <http_config.h>

/** The last of these lines that says `directive`, which is the one that
 * counts. What sections hold is not looked at. @return NULL: none does */
const ap_directive_t *pwl_lines_last(const ap_directive_t *node,
                                     const char *directive);

/** The line that says `directive` in this virtual host itself, or, for the
 * main server, outside of any. @return NULL: there is none */
const ap_directive_t *pwl_lines_own(const server_rec *s, const char *directive);

/** pwl_lines_own(), or what the host takes over from the main server. */
const ap_directive_t *pwl_lines_of(const server_rec *s, const char *directive);

/** Does a ServerName say what this host is called: its own, or the main
 * server's, which a <VirtualHost *> takes over? httpd makes a name up
 * otherwise, of what the system's resolver knows. */
int pwl_lines_name_host(const server_rec *s);

/** "file:line" of it */
const char *pwl_lines_place(const ap_directive_t *line, apr_pool_t *pool);

#endif
