/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms (D3: of nothing but '&' and '=', too): whatever parses can be asked
 * for any name, and no value is longer than the data it came from.
 */
#include "target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "core/form.h"
#include "core/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"email", "code", "t", "op", "a", ""};
    apr_pool_t *pool;
    pwl_form_t *form;
    pwl_reason_t why;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    why = pwl_form_parse((const char *)data, size, PWL_FORM_MAX_BYTES, &form,
                         pool);
    if ((why == PWL_OK) != (form != NULL))
        abort();
    for (size_t i = 0; form && i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = pwl_form_get(form, names[i], &why);

        if (value && (why != PWL_OK || strlen(value) > size))
            abort();
        if (why != PWL_OK && why != PWL_FORM_DUPLICATE)
            abort();
    }
    apr_pool_destroy(pool);
    return 0;
}
