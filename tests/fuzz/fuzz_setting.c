/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of directives. The first byte chooses the kind. A good value is fit
 * for a URL and good once more; an error is one clean line.
 */
#include "target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "core/limits.h"
#include "core/setting.h"

static void check_line(const char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~')
            abort();
    }
}

static const char *set(int kind, const char *arg, const char **out,
                       apr_pool_t *pool)
{
    apr_size_t bytes = 0;
    const char *error;
    apr_interval_time_t time;
    int number;

    *out = arg;
    switch (kind) {
    case 0:
        return pwl_setting_domain(arg, out, pool);
    case 1:
        return pwl_setting_base_url(arg, 0, out, pool);
    case 2:
        return pwl_setting_base_url(arg, 1, out, pool);
    case 3:
        return pwl_setting_path(arg, pool);
    case 4:
        return pwl_setting_token(arg, pool);
    case 5:
        error = pwl_setting_size(arg, &bytes, pool);
        if (!error && bytes == 0)
            abort();
        return error;
    case 6:
        error = pwl_setting_interval(arg, &time, pool);
        if (!error &&
            (time <= 0 || time > apr_time_from_sec(PWL_SETTING_TIME_MAX)))
            abort();
        return error;
    default:
        error = pwl_setting_int(arg, -5, 100, &number, pool);
        if (!error && (number < -5 || number > 100))
            abort();
        return error;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *out, *error, *again;
    apr_pool_t *pool;
    char *arg;

    if (size < 1)
        return 0;
    arg = malloc(size);
    memcpy(arg, data + 1, size - 1);
    arg[size - 1] = '\0';
    apr_initialize();
    apr_pool_create(&pool, NULL);
    error = set(data[0] % 8, arg, &out, pool);
    if (error) {
        check_line(error);
        if (!strstr(error, "(try "))
            abort();
    } else {
        check_line(out);
        if (set(data[0] % 8, out, &again, pool) || strcmp(out, again) != 0)
            abort();
    }
    apr_pool_destroy(pool);
    free(arg);
    return 0;
}
