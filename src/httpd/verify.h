/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a code at the tenant, at most three times, with one outcome. */
#ifndef PWL_HTTPD_VERIFY_H
#define PWL_HTTPD_VERIFY_H

#include "httpd/code.h"

/** Answer the POST of a code that reads like one (post->digits). */
int pwl_verify_post(pwl_code_t *post);

#endif
