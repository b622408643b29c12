/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a browser may be sent after signing in or out.
 *
 *   /members/list?tab=2#top
 *   '-----------' '-------'
 *       path         rest (query and fragment)
 *
 * The whole target is judged as it stands: bytes, percent signs, UTF-8. Then
 * the path is judged three times, as given, decoded once and decoded twice,
 * since a proxy, a rewrite rule or a back end may decode it on the way. Each
 * time the dot segments are removed as browsers do it (WHATWG URL: '\' counts
 * as '/', "%2e" as '.', and an empty segment is one that ".." takes away), and
 * the outcome may neither begin with "//" nor lie below our own path: the
 * first is another host, the second a loop, or a sign-out by redirect.
 *
 * What must stay true: a target that passes begins with exactly one '/' in
 * each of the three readings, and has no control byte in its path in any of
 * them. The rest is free, as it can only ever be a query: "?next=//evil" is
 * for the page that reads it to judge. A fragment is allowed there, and only
 * there, because it never leaves the browser.
 *
 * Left to others: what to do with a bad one (the caller takes its default
 * page), and whether the page behind a good one exists.
 */
#include "core/returnto.h"

#include <string.h>

#include "core/limits.h"
#include "core/percent.h"
#include "core/utf8.h"

#define FULLWIDTH_SOLIDUS 0xff0f
#define FULLWIDTH_BACKSLASH 0xff3c

/** A path, or one reading of it. Not NUL-terminated: a NUL may be in it. */
typedef struct {
    char bytes[PWL_RETURNTO_MAX];
    apr_size_t len;
} path_t;

/** Line separators, direction overrides and the byte order mark are to text
 * what CR and LF are to bytes. Zero-width joiners pass: Persian and Hindi
 * page names are written with them. */
static int is_unfit(apr_uint32_t cp)
{
    return pwl_utf8_is_control(cp) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

/** No reading of a path may hold what is not UTF-8, nor an unfit character. */
static pwl_reason_t check_characters(const char *p, const char *end)
{
    apr_uint32_t cp;

    while (p < end) {
        int length = pwl_utf8_next(p, end, &cp);

        if (length == 0)
            return PWL_RETURNTO_ENCODING;
        if (is_unfit(cp))
            return PWL_RETURNTO_CONTROL;
        p += length;
    }
    return PWL_OK;
}

/** The rest may hold any byte percent-encoded, but for the controls that no
 * text area sends, in case somebody writes it decoded into a header or log. */
static int is_unfit_in_rest(int byte)
{
    return byte == 0x7f ||
           (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r');
}

/** Judge the whole target as it stands: what goes into a header as it is. */
static pwl_reason_t check_raw(const char *target, const char *rest,
                              const char *end)
{
    pwl_reason_t why = check_characters(target, end);
    const char *p;

    if (why != PWL_OK)
        return why;
    for (p = target; p < end; p++) {
        int byte;

        /* Blanks end a URL for some readers, and browsers trim them. */
        if (*p == ' ')
            return PWL_RETURNTO_CONTROL;
        /* Browsers read '\' as '/': "/\evil.example" is another host. */
        if (*p == '\\' && p < rest)
            return PWL_RETURNTO_NOT_LOCAL;
        if (*p != '%')
            continue;
        byte = pwl_percent_read(p, end);
        if (byte < 0)
            return PWL_RETURNTO_ENCODING;
        if (p >= rest && is_unfit_in_rest(byte))
            return PWL_RETURNTO_CONTROL;
    }
    return PWL_OK;
}

/** Decode a path in place, once. Broken sequences stay as they are: in the
 * second reading of "/100%25" they are text. */
static void decode(path_t *path)
{
    const char *p = path->bytes, *end = path->bytes + path->len;
    char *to = path->bytes;

    while (p < end) {
        int byte = *p == '%' ? pwl_percent_read(p, end) : -1;

        *to++ = byte < 0 ? *p : (char)byte;
        p += byte < 0 ? 1 : 3;
    }
    path->len = (apr_size_t)(to - path->bytes);
}

static int is_slash(char c)
{
    return c == '/' || c == '\\';
}

/** @return how many dots a segment consists of, "%2e" counting as one; 0 if
 * there is anything else in it */
static int count_dots(const char *p, const char *end)
{
    int dots = 0;

    for (; p < end; dots++) {
        if (*p == '.')
            p++;
        else if (*p == '%' && pwl_percent_read(p, end) == '.')
            p += 3;
        else
            return 0;
    }
    return dots;
}

/** Take the last segment, with the slash before it, off `out`. */
static void drop_segment(path_t *out)
{
    while (out->len > 0) {
        if (out->bytes[--out->len] == '/')
            return;
    }
}

/**
 * Remove dot segments, and make '\' into '/'.
 *
 * @param merge  also make one slash of several, as httpd does (MergeSlashes)
 *               before it looks where a path leads
 */
static void normalise(const path_t *path, int merge, path_t *out)
{
    const char *p = path->bytes, *end = path->bytes + path->len;

    out->len = 0;
    while (p < end) {
        const char *start = ++p; /* behind the slash */
        int dots;

        while (p < end && !is_slash(*p))
            p++;
        dots = count_dots(start, p);
        if (dots == 2)
            drop_segment(out);
        /* At the end a dot segment leaves its slash: "/a/.." is "/". */
        if (dots == 1 || dots == 2)
            start = p;
        if (start == p && p < end && (merge || dots > 0))
            continue;
        out->bytes[out->len++] = '/';
        memcpy(out->bytes + out->len, start, (apr_size_t)(p - start));
        out->len += (apr_size_t)(p - start);
    }
}

static int is_below(const path_t *path, const char *parent)
{
    apr_size_t len = strlen(parent);

    return path->len >= len && memcmp(path->bytes, parent, len) == 0;
}

/** Does the path, which begins with one slash, go on with another one, or
 * with one that Unicode's compatibility forms make of it? */
static int leads_away(const path_t *path)
{
    const char *p = path->bytes + 1, *end = path->bytes + path->len;
    apr_uint32_t cp;

    if (p >= end)
        return 0;
    if (is_slash(*p))
        return 1;
    return pwl_utf8_next(p, end, &cp) &&
           (cp == FULLWIDTH_SOLIDUS || cp == FULLWIDTH_BACKSLASH);
}

/** Judge where one reading of the path leads. */
static pwl_reason_t check_reading(const path_t *path, const char *auth0_path)
{
    path_t plain;

    normalise(path, 0, &plain);
    if (leads_away(path) || leads_away(&plain))
        return PWL_RETURNTO_NOT_LOCAL;
    if (!auth0_path)
        return PWL_OK;
    if (is_below(&plain, auth0_path))
        return PWL_RETURNTO_OURS;
    normalise(path, 1, &plain);
    return is_below(&plain, auth0_path) ? PWL_RETURNTO_OURS : PWL_OK;
}

/** Judge the path as given, decoded once and decoded twice. */
static pwl_reason_t check_readings(path_t *path, const char *auth0_path)
{
    pwl_reason_t why = PWL_OK;
    int reading;

    for (reading = 0; why == PWL_OK && reading < 3; reading++) {
        apr_size_t whole;

        if (reading > 0)
            decode(path);
        why = check_characters(path->bytes, path->bytes + path->len);
        if (why == PWL_OK)
            why = check_reading(path, auth0_path);

        /* Decoded, "%3f" and "%23" may end the path for someone. */
        whole = path->len;
        path->len = 1;
        while (path->len < whole && !strchr("?#", path->bytes[path->len]))
            path->len++;
        if (why == PWL_OK && path->len < whole)
            why = check_reading(path, auth0_path);
        path->len = whole;
    }
    return why;
}

pwl_reason_t pwl_returnto_check(const char *target, const char *auth0_path)
{
    const char *end, *rest;
    pwl_reason_t why;
    path_t path;

    if (!target || !*target)
        return PWL_RETURNTO_MISSING;
    end = memchr(target, '\0', PWL_RETURNTO_MAX + 1);
    if (!end)
        return PWL_RETURNTO_TOO_LONG;
    if (*target != '/')
        return PWL_RETURNTO_NOT_LOCAL;
    rest = target + strcspn(target, "?#");
    why = check_raw(target, rest, end);

    if (why != PWL_OK)
        return why;
    path.len = (apr_size_t)(rest - target);
    memcpy(path.bytes, target, path.len);
    return check_readings(&path, auth0_path);
}
