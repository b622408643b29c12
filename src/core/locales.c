/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accept-Language (RFC 9110, 12.5.4), and what the tenant's pages are told of
 * it.
 *
 *   "nl-BE, nl;q=0.9, *;q=0.1, en;q=0.95"  ->  "nl-BE en nl"
 *
 * Whatever the header holds, what leaves here is made of language tags alone.
 * Ranges of one weight stay in the header's order.
 */
#include "core/locales.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "core/limits.h"

int pwl_locales_is_tag(const char *text)
{
    apr_size_t len = 0;

    while (apr_isalpha(text[len]))
        len++;
    if (len < 2 || len > 3)
        return 0;
    for (text += len; *text == '-'; text += len + 1) {
        len = 0;
        while (apr_isalnum(text[1 + len]))
            len++;
        if (len < 1 || len > 8)
            return 0;
    }
    return *text == '\0';
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

/** "q=0.5" in thousandths; -1 for anything else. */
static int weight_of(const char *p)
{
    int weight, place;

    p = skip_blanks(p);
    if ((*p != 'q' && *p != 'Q') || p[1] != '=' || (p[2] != '0' && p[2] != '1'))
        return -1;
    weight = (p[2] - '0') * 1000;
    p += 3;
    if (*p == '.')
        for (p++, place = 100; apr_isdigit(*p); p++, place /= 10)
            weight += (*p - '0') * place;
    return *skip_blanks(p) || weight > 1000 ? -1 : weight;
}

/** One range of the header, which it takes apart. @return whether it is one */
static int read_range(char *text, pwl_locales_range_t *range)
{
    char *semicolon = strchr(text, ';');

    range->weight = 1000;
    if (semicolon) {
        *semicolon = '\0';
        range->weight = weight_of(semicolon + 1);
    }
    range->tag = text = (char *)skip_blanks(text);
    text[strcspn(text, " \t")] = '\0';
    return range->weight >= 0 && strlen(text) <= PWL_LOCALES_TAG_MAX &&
           (strcmp(text, "*") == 0 || pwl_locales_is_tag(text));
}

/** Put a range where it belongs: behind all that are liked as much. */
static int insert(pwl_locales_range_t *list, int count,
                  pwl_locales_range_t range)
{
    int at = count;

    while (at > 0 && list[at - 1].weight < range.weight)
        at--;
    memmove(list + at + 1, list + at, (apr_size_t)(count - at) * sizeof(*list));
    list[at] = range;
    return count + 1;
}

int pwl_locales_read(const char *accept_language,
                     pwl_locales_range_t list[PWL_LOCALES_RANGES_MAX],
                     apr_pool_t *pool)
{
    char *next = apr_pstrdup(pool, accept_language);
    int count = 0;
    int seen;

    for (seen = 0; next && seen < PWL_LOCALES_RANGES_MAX; seen++) {
        char *text = next;
        pwl_locales_range_t range;

        next = strchr(text, ',');
        if (next)
            *next++ = '\0';
        if (read_range(text, &range))
            count = insert(list, count, range);
    }
    return count;
}

const char *pwl_locales_of(const char *accept_language, apr_pool_t *pool)
{
    pwl_locales_range_t list[PWL_LOCALES_RANGES_MAX];
    int count = pwl_locales_read(accept_language, list, pool);
    const char *out = NULL;
    int passed = 0;
    int i;

    for (i = 0; i < count && passed < PWL_LOCALES_MAX; i++) {
        if (list[i].weight == 0 || strcmp(list[i].tag, "*") == 0)
            continue;
        out =
            out ? apr_pstrcat(pool, out, " ", list[i].tag, NULL) : list[i].tag;
        passed++;
    }
    return out;
}
