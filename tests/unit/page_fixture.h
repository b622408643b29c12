/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of pages share: a pool, a token of the greatest length, and a site
 * whose every text is the same word. */
#ifndef PWL_TESTS_PAGE_FIXTURE_H
#define PWL_TESTS_PAGE_FIXTURE_H

#include "core/page.h"
#include "tap.h"

static apr_pool_t *pool;
__attribute__((unused)) /* by pages without a form */
static char token[501];

static pwl_page_site_t site_of(const char *word)
{
    pwl_page_site_t site = {
        .site = word,
        .host = word,
        .assets_css = "/a/pwless.0123456789ab.css",
        .assets_js = "/a/pwless.0123456789ab.js",
        .extra_css = "/css/login.css",
        .help = "mailto:it@example.org",
        .help_text = word,
        .theme = "auto",
        .home = "/",
        .session = "/a/session",
    };

    return site;
}

#endif
