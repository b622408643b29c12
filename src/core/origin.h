/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did one of our own pages send this form?
 *
 * The form token proves it too; this is the second lock on the same door,
 * and it needs no secret.
 */
#ifndef PWL_CORE_ORIGIN_H
#define PWL_CORE_ORIGIN_H

#include <apr_pools.h>

#include "core/reason.h"

/**
 * Judge the headers by which a browser names the page behind a POST.
 *
 * An Origin must be scheme://host[:port] of `base_url`: host in any case, the
 * scheme's own port written or not; "null" is foreign. A Sec-Fetch-Site must
 * be "same-origin" or "none". Old browsers send neither; the token decides.
 *
 * @param origin          header Origin, or NULL when absent
 * @param sec_fetch_site  header Sec-Fetch-Site, or NULL when absent
 * @param base_url        as pwl_setting_base_url() made it
 * @return PWL_OK or PWL_ORIGIN_FOREIGN
 */
pwl_reason_t pwl_origin_check(const char *origin, const char *sec_fetch_site,
                              const char *base_url);

/**
 * Why pwl_origin_check() found it foreign, for the log: which site it came from
 * and which was expected. Of an Origin that is a URL, scheme, host and port and
 * no more; of either header PWL_ORIGIN_SHOWN_MAX bytes. Not escaped.
 */
const char *pwl_origin_explain(const char *origin, const char *sec_fetch_site,
                               const char *base_url, apr_pool_t *pool);

#endif
