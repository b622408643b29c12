/* SPDX-License-Identifier: Apache-2.0 */
#include "core/throttle.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[PWL_THROTTLE_KINDS] = {"address", "client",
                                                      "site", "wrong"};

apr_interval_time_t pwl_throttle_take(apr_time_t *empty_at, apr_time_t now,
                                      const pwl_throttle_limit_t *limit)
{
    apr_interval_time_t wait;
    apr_time_t at = *empty_at;

    if (limit->count == 0)
        return 0;
    if (at < now)
        at = now;
    if (at > now + limit->period)
        *empty_at = at = now + limit->period;
    at += limit->period / limit->count;
    wait = at - now - limit->period;
    if (wait > 0)
        return wait;
    *empty_at = at;
    return 0;
}

void pwl_throttle_give_back(apr_time_t *empty_at,
                            const pwl_throttle_limit_t *limit)
{
    if (limit->count != 0)
        *empty_at -= limit->period / limit->count;
}

/* Digits at *at, moving it on. @return the number, or -1 if there is none or
 * it is above `max` */
static apr_int64_t number(const char **at, apr_int64_t max)
{
    apr_int64_t value = 0;

    if (!apr_isdigit(**at))
        return -1;
    for (; apr_isdigit(**at); (*at)++) {
        value = value * 10 + (**at - '0');
        if (value > max)
            return -1;
    }
    return value;
}

/* Seconds of "15m", or -1. */
static apr_int64_t seconds_of(const char *at)
{
    static const struct {
        char unit;
        apr_int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    apr_int64_t value = number(&at, PWL_THROTTLE_PERIOD_MAX);

    if (value < 0)
        return -1;
    for (apr_size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (at[0] == units[i].unit && at[1] == '\0')
            return value * units[i].seconds;
    return -1;
}

static int read_limit(const char *at, pwl_throttle_limit_t *limit)
{
    apr_int64_t count, seconds;

    if (strcmp(at, "off") == 0) {
        limit->count = 0;
        limit->period = 0;
        return 1;
    }
    count = number(&at, PWL_THROTTLE_COUNT_MAX);
    if (count < 1 || *at++ != '/')
        return 0;
    seconds = seconds_of(at);
    if (seconds < 1 || seconds > PWL_THROTTLE_PERIOD_MAX)
        return 0;
    limit->count = (int)count;
    limit->period = apr_time_from_sec(seconds);
    return 1;
}

const char *pwl_throttle_parse(const char *arg, pwl_throttle_kind_t *kind,
                               pwl_throttle_limit_t *limit, apr_pool_t *pool)
{
    for (int i = 0; i < PWL_THROTTLE_KINDS; i++) {
        apr_size_t len = strlen(kinds[i]);
        pwl_throttle_limit_t found;

        if (strncmp(arg, kinds[i], len) != 0 || arg[len] != '=')
            continue;
        if (!read_limit(arg + len + 1, &found))
            return apr_psprintf(
                pool,
                "\"%s\" is no limit: it is %s=COUNT/TIME with "
                "a time of at most 7d, or %s=off (try %s=20/1h)",
                arg, kinds[i], kinds[i], kinds[i]);
        *kind = (pwl_throttle_kind_t)i;
        *limit = found;
        return NULL;
    }
    return apr_psprintf(pool,
                        "\"%s\" names no limit: there are address, client, "
                        "site and wrong (try address=5/15m client=20/1h "
                        "site=1000/1h wrong=50/7d)",
                        arg);
}
