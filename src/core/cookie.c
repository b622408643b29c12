/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Cookie header: find our cookies, and hide them from back ends.
 *
 *   a=1; __Host-auth0-session=abc; b="x, y"
 *   '-''                         ''        '   three pairs, each without the
 *                                              separator that ends it
 *
 * A cookie ends at ';' and nowhere else (RFC 6265): that is how we read. A
 * comma belongs to the value, and who sets cookies for the whole domain chooses
 * what stands behind it, where "__Host-" keeps nobody from writing our name.
 * What back ends see is cut at ',' too: some still read as RFC 2109 had it, and
 * httpd joins two Cookie headers by it. No browser sends two; of what a program
 * sends in the second nothing is read.
 *
 * What must stay true: nothing here fails, whatever the header; each byte is
 * looked at a fixed number of times; and what is read as our cookie is also
 * cut out, or a back end would see what we use.
 *
 * Left to others: whether a value is any good, and which of several counts.
 */
#include "core/cookie.h"

#include <string.h>

/** Where a walk from pair to pair stands. The separators ahead are kept, so
 * that a header of nothing but commas is not searched for ';' at each. */
typedef struct {
    const char *next; /* where the next pair starts; NULL after the last */
    const char *end;
    const char *semicolon, *comma; /* the next of each, or `end` */
} walk_t;

typedef struct {
    const char *start, *end; /* with the blanks around it, no separator */
} pair_t;

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

static const char *find_byte(const char *p, const char *end, char c)
{
    const char *hit = memchr(p, c, (apr_size_t)(end - p));

    return hit ? hit : end;
}

/** @param commas  true if pairs end at ',' as well */
static void walk_start(walk_t *walk, const char *header, int commas)
{
    walk->next = header;
    walk->end = header + strlen(header);
    walk->semicolon = find_byte(header, walk->end, ';');
    walk->comma = commas ? find_byte(header, walk->end, ',') : walk->end;
}

/** @return true if there was another pair */
static int walk_on(walk_t *walk, pair_t *pair)
{
    if (!walk->next)
        return 0;
    pair->start = walk->next;
    pair->end = walk->comma < walk->semicolon ? walk->comma : walk->semicolon;
    if (pair->end == walk->end) {
        walk->next = NULL;
        return 1;
    }
    walk->next = pair->end + 1;
    if (pair->end == walk->comma)
        walk->comma = find_byte(walk->next, walk->end, ',');
    else
        walk->semicolon = find_byte(walk->next, walk->end, ';');
    return 1;
}

/**
 * Is this a cookie called `name`?
 *
 * @return what follows the name: at the '=', or at the end of the pair when
 *         there is none; NULL for another cookie
 */
static const char *match(const pair_t *pair, const char *name)
{
    const char *p = skip_blanks(pair->start, pair->end);

    for (; *name; name++, p++) {
        if (p == pair->end || *p != *name)
            return NULL;
    }
    p = skip_blanks(p, pair->end);
    return p == pair->end || *p == '=' ? p : NULL;
}

int pwl_cookie_find(const char *header, const char *name,
                    pwl_cookie_value_t *values, int max)
{
    walk_t walk;
    pair_t pair;
    int found = 0;

    if (!header)
        return 0;
    walk_start(&walk, header, 0);
    while (found < max && walk_on(&walk, &pair)) {
        const char *value = match(&pair, name), *end = pair.end;

        if (!value || value == end)
            continue;
        value = skip_blanks(value + 1, end);
        while (end > value && is_blank(end[-1]))
            end--;
        values[found].ptr = value;
        values[found].len = (apr_size_t)(end - value);
        found++;
    }
    return found;
}

static int is_one_of(const pair_t *pair, const char *const *names)
{
    for (; *names; names++) {
        if (match(pair, *names))
            return 1;
    }
    return 0;
}

/**
 * Copy all of the header but the cookies that go.
 *
 * @param walk  just behind `pair`, the first cookie that goes
 * @return the end of the copy
 */
static char *copy_others(const char *header, walk_t *walk, pair_t *pair,
                         const char *const *names, char *copy)
{
    const char *kept = header; /* from here on nothing is copied yet */
    char *to = copy;

    do {
        /* The separator before a cookie goes with it. */
        const char *cut = pair->start > kept ? pair->start - 1 : kept;

        if (!is_one_of(pair, names))
            continue;
        memcpy(to, kept, (apr_size_t)(cut - kept));
        to += cut - kept;
        kept = pair->end;
        /* Nothing stays before it, so the separator behind goes instead. */
        if (to == copy && kept < walk->end)
            kept = skip_blanks(kept + 1, walk->end);
    } while (walk_on(walk, pair));

    memcpy(to, kept, (apr_size_t)(walk->end - kept));
    return to + (walk->end - kept);
}

const char *pwl_cookie_strip(const char *header, const char *const *names,
                             apr_pool_t *pool)
{
    walk_t walk;
    pair_t pair;
    char *copy;

    if (!header)
        return NULL;
    walk_start(&walk, header, 1);
    do {
        if (!walk_on(&walk, &pair))
            return header;
    } while (!is_one_of(&pair, names));

    copy = apr_palloc(pool, (apr_size_t)(walk.end - header) + 1);
    *copy_others(header, &walk, &pair, names, copy) = '\0';
    return copy[strspn(copy, "; ,\t")] ? copy : NULL;
}
