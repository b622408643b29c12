/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading UTF-8 strictly (RFC 3629), and classes of characters.
 *
 *   first byte   bytes   smallest code point that may be written so
 *   00-7f        1       0
 *   c2-df        2       U+0080
 *   e0-ef        3       U+0800, surrogates excepted
 *   f0-f4        4       U+10000, up to U+10FFFF
 *
 * What must stay true: bytes at or behind `end` are never read, and whatever
 * pwl_utf8_put() writes, pwl_utf8_next() reads back.
 *
 * The tables of classes are short on purpose. They hold what shows up in
 * pasted text and what attackers use to make one string look like another;
 * who needs all of Unicode's properties needs a library.
 */
#include "core/utf8.h"

typedef struct {
    apr_uint32_t first, last;
} range_t;

/* clang-format off */
static const range_t spaces[] = {
    {0x0009, 0x000d}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00a0, 0x00a0},
    {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
    {0x205f, 0x205f}, {0x3000, 0x3000},
};

static const range_t invisibles[] = {
    {0x00ad, 0x00ad}, /* soft hyphen */
    {0x034f, 0x034f}, /* combining grapheme joiner */
    {0x061c, 0x061c}, /* Arabic letter mark */
    {0x180b, 0x180f}, /* Mongolian variation selectors, vowel separator */
    {0x200b, 0x200f}, /* zero-width space, joiners, direction marks */
    {0x202a, 0x202e}, /* direction embeddings and overrides */
    {0x2060, 0x206f}, /* word joiner, isolates, deprecated formats */
    {0xfe00, 0xfe0f}, /* variation selectors */
    {0xfeff, 0xfeff}, /* byte order mark */
    {0xe0000, 0xe0fff}, /* tags, more variation selectors */
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int in_ranges(const range_t *ranges, apr_size_t count, apr_uint32_t cp)
{
    apr_size_t i;

    for (i = 0; i < count; i++) {
        if (cp >= ranges[i].first && cp <= ranges[i].last)
            return 1;
    }
    return 0;
}

/** @return bytes that a sequence beginning with `c` takes; 0 if none does */
static int sequence_length(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    if (c >= 0xf0 && c <= 0xf4)
        return 4;
    return 0;
}

int pwl_utf8_next(const char *p, const char *end, apr_uint32_t *cp)
{
    static const apr_uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char payload[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    int length = sequence_length((unsigned char)*p);
    apr_uint32_t value;
    int i;

    if (length == 0 || end - p < length)
        return 0;
    value = (unsigned char)*p & payload[length];
    for (i = 1; i < length; i++) {
        if (((unsigned char)p[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | ((unsigned char)p[i] & 0x3f);
    }
    if (value < smallest[length] || value > 0x10ffff)
        return 0;
    if (value >= 0xd800 && value <= 0xdfff)
        return 0;
    *cp = value;
    return length;
}

int pwl_utf8_put(apr_uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

int pwl_utf8_valid(const char *p, apr_size_t len)
{
    const char *end = p + len;
    apr_uint32_t cp;

    while (p < end) {
        int length = pwl_utf8_next(p, end, &cp);

        if (length == 0)
            return 0;
        p += length;
    }
    return 1;
}

int pwl_utf8_is_space(apr_uint32_t cp)
{
    return in_ranges(spaces, COUNT(spaces), cp);
}

int pwl_utf8_is_invisible(apr_uint32_t cp)
{
    return in_ranges(invisibles, COUNT(invisibles), cp);
}

int pwl_utf8_is_control(apr_uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f);
}
