/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms in JSON: whatever parses can be asked for any name, gives valid UTF-8
 * no longer than the data it came from, and never says that a name came twice:
 * that was refused before.
 */
#include "target.h"

#include <apr_general.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/jsonform.h"
#include "core/limits.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"email", "code", "t", "op", "a", ""};
    static int is_ready;
    apr_pool_t *pool;
    pwl_form_t *form;
    pwl_reason_t why;

    if (!is_ready)
        is_ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    why = pwl_jsonform_parse((const char *)data, size, PWL_FORM_MAX_BYTES,
                             &form, pool);
    if ((why == PWL_OK) != (form != NULL))
        abort();
    for (size_t i = 0; form && i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = pwl_form_get(form, names[i], &why);

        if (value && (why != PWL_OK || strlen(value) > size ||
                      !pwl_utf8_valid(value, strlen(value))))
            abort();
        if (why != PWL_OK && why != PWL_FORM_MALFORMED)
            abort();
    }
    apr_pool_destroy(pool);
    return 0;
}
