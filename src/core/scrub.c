/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which request headers could pass for what we say about a visitor?
 *
 * A header reaches an application under a name that others make of it:
 *
 *   X-Auth0-Email   mod_proxy          X-Auth0-Email
 *   x_auth0.email   CGI, FCGI, uwsgi   HTTP_X_AUTH0_EMAIL
 *   Remote-User     CGI                HTTP_REMOTE_USER
 *   HTTP_AUTH_TYPE  careless gateways  AUTH_TYPE
 *
 * So a name is compared the way it ends up: letters in any case, each run of
 * other characters as one '_', none at the ends, "HTTP_" taken off in front
 * however often it stands there. Then REMOTE_USER and AUTH_TYPE are ours, and
 * AUTH0 and X_AUTH0 with everything behind them.
 *
 * What must stay true: no allocation for a name, and two letters are all that
 * is read of most. Whoever adds a name adds its first two to may_be_ours().
 *
 * Left to others: removing the headers, on every way through the server.
 */
#include "core/scrub.h"

#include <string.h>

/* As they end up, in lower case. With '*': and whatever follows a '_'. */
static const char *const ours[] = {"remote_user", "auth_type", "auth0*",
                                   "x_auth0*"};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/** Letters and digits of ASCII; other bytes are separators. */
static int is_separator(char c)
{
    return !((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z'));
}

static const char *skip_separators(const char *p, const char *end)
{
    while (p < end && is_separator(*p))
        p++;
    return p;
}

/** @return what follows `prefix` (lower case, '_' for separators) in p..end,
 * or NULL if the name does not begin with it */
static const char *after(const char *p, const char *end, const char *prefix)
{
    for (; *prefix && *prefix != '*'; prefix++) {
        if (p == end)
            return NULL;
        if (*prefix != '_') {
            if (lower(*p++) != *prefix)
                return NULL;
        } else {
            if (!is_separator(*p))
                return NULL;
            p = skip_separators(p, end);
        }
    }
    return p;
}

static int is_name(const char *p, const char *end, const char *want)
{
    const char *rest = after(p, end, want);

    if (!rest || (rest < end && !is_separator(*rest)))
        return 0;
    return strchr(want, '*') || skip_separators(rest, end) == end;
}

static int is_ours(const char *p, const char *end)
{
    const char *rest;
    size_t i;

    p = skip_separators(p, end);
    while ((rest = after(p, end, "http_")) != NULL)
        p = rest;
    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (p < end && lower(*p) == *ours[i] && is_name(p, end, ours[i]))
            return 1;
    }
    return 0;
}

/** Look at the first two letters, which is all that most headers cost. */
static int may_be_ours(const char *name)
{
    switch (lower(name[0])) {
    case 'a':
        return lower(name[1]) == 'u';
    case 'h':
        return lower(name[1]) == 't';
    case 'r':
        return lower(name[1]) == 'e';
    case 'x':
        return is_separator(name[1]);
    default:
        return is_separator(name[0]);
    }
}

int pwl_scrub_is_ours(const char *header_name)
{
    return may_be_ours(header_name) &&
           is_ours(header_name, header_name + strlen(header_name));
}

/** Find the next token of a list that is not empty. It ends wherever one does
 * for ap_get_token(), by which mod_proxy finds what to drop: at blanks and ';'
 * as well as at ','. What is quoted there is no name of ours.
 * @return its end, or NULL when there is none; `*p` is moved to its start */
static const char *find_token(const char **p)
{
    static const char ends[] = ",; \t\n\v\f\r";

    *p += strspn(*p, ends);
    return **p ? *p + strcspn(*p, ends) : NULL;
}

/** Copy the tokens that are not ours. @return the end of the copy */
static char *copy_others(const char *value, char *copy)
{
    const char *p = value, *end;
    char *to = copy;

    for (; (end = find_token(&p)) != NULL; p = end) {
        if (is_ours(p, end))
            continue;
        if (to > copy) {
            *to++ = ',';
            *to++ = ' ';
        }
        memcpy(to, p, (size_t)(end - p));
        to += end - p;
    }
    return to;
}

const char *pwl_scrub_connection(const char *value, apr_pool_t *pool)
{
    const char *p = value, *end;
    char *copy, *to;

    if (!value)
        return NULL;
    while ((end = find_token(&p)) != NULL && !is_ours(p, end))
        p = end;
    if (!end)
        return value;

    /* Twice as long at most: every separator may become ", ". */
    copy = apr_palloc(pool, 2 * strlen(value) + 1);
    to = copy_others(value, copy);
    *to = '\0';
    return to > copy ? copy : NULL;
}
