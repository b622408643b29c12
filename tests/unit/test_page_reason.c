/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_reason.c: every reason of core/reason.h has its sentence, or none
 * on purpose; every notice page is complete.
 */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/page_frame.h"

static apr_pool_t *pool;

static void test_every_reason(void)
{
    int why;

    for (why = 0; why < PWL_REASON_COUNT; why++)
        tap_ok(pwl_page_reason_known((pwl_reason_t)why) &&
                   pwl_page_message((pwl_reason_t)why) < PWL_TEXT_COUNT &&
                   pwl_page_kind((pwl_reason_t)why) < PWL_PAGE_KINDS,
               apr_psprintf(pool, "%s has its sentence, or none on purpose",
                            pwl_reason_word((pwl_reason_t)why)));
    tap_int("a reason out of range is a failure of ours",
            pwl_page_message(PWL_REASON_COUNT), PWL_TEXT_PROVIDER_DOWN);
    for (why = PWL_PAGE_NONE; why < PWL_PAGE_KINDS; why++)
        tap_ok(pwl_page_notice_make((pwl_page_kind_t)why).title !=
                       PWL_TEXT_NONE &&
                   pwl_page_notice_make((pwl_page_kind_t)why).status >= 200,
               apr_psprintf(pool, "notice %d has a title and a status", why));
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_every_reason();
    return tap_done();
}
