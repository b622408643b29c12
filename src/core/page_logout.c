/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sign-out button. A page of its own, because a GET must end nothing:
 * link scanners and prefetchers follow links, and nobody else's page may sign
 * a visitor out.
 */
#include "core/page_frame.h"

const char *pwl_page_logout(const pwl_page_site_t *site,
                            const pwl_page_logout_t *logout, apr_pool_t *pool,
                            apr_size_t *len)
{
    pwl_page_frame_t page = pwl_page_frame_make(site, NULL, pool);
    int named = logout->address && *logout->address;

    page.args.address = logout->address;
    pwl_page_frame_begin(&page, PWL_TEXT_TITLE_LOGOUT, 0, NULL);
    pwl_page_frame_raw(&page, "<h1>");
    pwl_page_frame_say(&page, PWL_TEXT_TITLE_LOGOUT);
    pwl_page_frame_raw(&page, "</h1>\n");
    if (named)
        pwl_page_frame_paragraph(&page, "<p>", PWL_TEXT_LOGOUT_AS);
    pwl_page_frame_paragraph(&page, "<p>", PWL_TEXT_LOGOUT_PLAIN);
    pwl_page_frame_form(&page, "pwless-form", NULL, logout->token);
    pwl_page_frame_button(&page, "pwless-btn pwless-primary", NULL,
                          PWL_TEXT_DO_SIGN_OUT);
    return pwl_page_frame_end(&page, len);
}
