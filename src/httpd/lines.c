/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the configuration.
 *
 * Records know values and not where they were written; the tree of directives
 * knows. httpd keeps it until the next start reads another, so it can be asked
 * while the configuration is checked and not later.
 */
#include "httpd/lines.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_main.h>

#include "httpd/sections.h"

const ap_directive_t *pwl_lines_last(const ap_directive_t *node,
                                     const char *directive)
{
    const ap_directive_t *last = NULL;

    for (; node; node = node->next) {
        if (!ap_cstr_casecmp(node->directive, directive))
            last = node;
    }
    return last;
}

const ap_directive_t *pwl_lines_own(const server_rec *s, const char *directive)
{
    const ap_directive_t *own = NULL;
    const ap_directive_t *node;

    if (!s->is_virtual)
        return pwl_lines_last(ap_conftree, directive);
    for (node = ap_conftree; node; node = node->next) {
        if (pwl_sections_is_host(s, node))
            own = pwl_lines_last(node->first_child, directive);
    }
    return own;
}

const ap_directive_t *pwl_lines_of(const server_rec *s, const char *directive)
{
    const ap_directive_t *own = pwl_lines_own(s, directive);

    return own ? own : pwl_lines_last(ap_conftree, directive);
}

int pwl_lines_name_host(const server_rec *s)
{
    return pwl_lines_own(s, "ServerName") ||
           (pwl_lines_last(ap_conftree, "ServerName") &&
            !strcmp(s->server_hostname, ap_server_conf->server_hostname));
}

const char *pwl_lines_place(const ap_directive_t *line, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s:%d", line->filename, line->line_num);
}
