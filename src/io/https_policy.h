/* SPDX-License-Identifier: Apache-2.0 */
/* What libcurl may do and may not, on any call to a tenant. */
#ifndef PWL_IO_HTTPS_POLICY_H
#define PWL_IO_HTTPS_POLICY_H

#include <curl/curl.h>

#include "io/https.h"

/** In a function that returns CURLcode and has a `curl`. */
#define PWL_HTTPS_SET(option, value)                                           \
    do {                                                                       \
        CURLcode set = curl_easy_setopt(curl, option, value);                  \
        if (set != CURLE_OK)                                                   \
            return set;                                                        \
    } while (0)

/** What no call changes: TLS, verified; no redirect, no other protocol. */
CURLcode pwl_https_set_policy(CURL *curl);

/** What a handle keeps as long as it keeps its key: CA file and proxy. */
CURLcode pwl_https_set_settings(CURL *curl, const pwl_https_options_t *options);

#endif
