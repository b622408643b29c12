/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading UTF-8 strictly, and the classes of characters that what people
 * paste is full of.
 *
 * Strictly means: shortest form only, no surrogates, nothing above U+10FFFF,
 * no sequence cut short. Whoever is lenient here lets %c0%af through as '/'.
 * The classes are by code point and by purpose, not by Unicode property: a
 * visitor never sees an invisible one, so it may be dropped from an address
 * or a code; a control one has no place in any of our inputs.
 */
#ifndef PWL_CORE_UTF8_H
#define PWL_CORE_UTF8_H

#include <apr.h>

/**
 * Read the character at `p`.
 *
 * @param p    at least one byte before `end`
 * @param end  one past the last byte that may be read
 * @param cp   the code point; untouched when the bytes are not UTF-8
 * @return how many bytes it takes, 1 to 4; 0 when they are not UTF-8
 */
int pwl_utf8_next(const char *p, const char *end, apr_uint32_t *cp);

/** Write `cp`, which must be valid, at `out`. @return bytes written, 1 to 4 */
int pwl_utf8_put(apr_uint32_t cp, char *out);

/** @return true if all `len` bytes at `p` are UTF-8; true for none at all */
int pwl_utf8_valid(const char *p, apr_size_t len);

/** White space of all kinds: ASCII's, no-break and typographic ones, and the
 * line and paragraph separators. */
int pwl_utf8_is_space(apr_uint32_t cp);

/** Takes no room on the screen: soft hyphen, zero-width characters, marks of
 * writing direction, byte order mark, variation selectors. */
int pwl_utf8_is_invisible(apr_uint32_t cp);

/** C0 and C1 controls and DEL; ASCII white space other than ' ' is one too. */
int pwl_utf8_is_control(apr_uint32_t cp);

#endif
