/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accept-Language, read for the tenant's pages (RFC 9110, 12.5.4).
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

typedef struct {
    const char *tag;
    int weight; /* thousandths */
} range_t;

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

/** "q=0.5" in thousandths; 0 for anything else. */
static int weight_of(const char *p)
{
    int weight, place;

    p = skip_blanks(p);
    if ((*p != 'q' && *p != 'Q') || p[1] != '=' || (p[2] != '0' && p[2] != '1'))
        return 0;
    weight = (p[2] - '0') * 1000;
    p += 3;
    if (*p == '.')
        for (p++, place = 100; apr_isdigit(*p); p++, place /= 10)
            weight += (*p - '0') * place;
    return *skip_blanks(p) || weight > 1000 ? 0 : weight;
}

/** One range of the header, which it takes apart. @return whether it is worth
 * telling */
static int read_range(char *text, range_t *range)
{
    char *semicolon = strchr(text, ';');

    range->weight = 1000;
    if (semicolon) {
        *semicolon = '\0';
        range->weight = weight_of(semicolon + 1);
    }
    range->tag = text = (char *)skip_blanks(text);
    text[strcspn(text, " \t")] = '\0';
    return range->weight > 0 && strlen(text) <= PWL_LOCALES_TAG_MAX &&
           pwl_locales_is_tag(text);
}

/** Put a range where it belongs: behind all that are liked as much. */
static int insert(range_t *list, int count, range_t range)
{
    int at = count;

    while (at > 0 && list[at - 1].weight < range.weight)
        at--;
    memmove(list + at + 1, list + at, (apr_size_t)(count - at) * sizeof(*list));
    list[at] = range;
    return count + 1;
}

const char *pwl_locales_of(const char *accept_language, apr_pool_t *pool)
{
    range_t list[PWL_LOCALES_RANGES_MAX];
    char *next = apr_pstrdup(pool, accept_language);
    const char *out = NULL;
    int count = 0;
    int seen, i;

    for (seen = 0; next && seen < PWL_LOCALES_RANGES_MAX; seen++) {
        char *text = next;
        range_t range;

        next = strchr(text, ',');
        if (next)
            *next++ = '\0';
        if (read_range(text, &range))
            count = insert(list, count, range);
    }
    for (i = 0; i < count && i < PWL_LOCALES_MAX; i++)
        out =
            out ? apr_pstrcat(pool, out, " ", list[i].tag, NULL) : list[i].tag;
    return out;
}
