/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail addresses as people type and paste them.
 *
 *   " Ann <mailto:Ann@EXAMPLE.org>\u200b "
 *      fold        blanks plain, full-width to ASCII, invisible ones dropped
 *      unwrap      the only address of "Name <...>", without "mailto:"
 *      lower       the domain's ASCII letters
 *      check       one '@', a local part, a domain with a dot
 *   "Ann@example.org"
 *
 * Checks are no stricter than they must be: what is one mailbox for some mail
 * server passes. What is refused could be two addresses, needs quoting, or
 * would be read differently by someone further on: quoted local parts,
 * comments, address literals, routes, groups, lists, blanks, controls.
 * Homographs are not judged: the code goes to where the mail goes.
 *
 * What must stay true: the result is UTF-8 without control characters, and
 * tidying it once more changes nothing.
 */
#include "core/address.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <idn2.h>

#include "core/limits.h"
#include "core/phone.h"
#include "core/utf8.h"

/* RFC 5322's specials but for '.' and '@'. */
#define SPECIALS "\"(),:;<>[\\]"

/* No-break ones are dropped: they hold together what belongs together. */
#define NO_BREAK_SPACE 0x00a0
#define FIGURE_SPACE 0x2007
#define NARROW_NO_BREAK_SPACE 0x202f

/** A part of a text, not NUL-terminated. */
typedef struct {
    const char *p, *end;
} span_t;

/** @return what a character becomes: 0 when it is dropped */
static apr_uint32_t fold(apr_uint32_t cp)
{
    if (pwl_utf8_is_invisible(cp) || cp == NO_BREAK_SPACE ||
        cp == FIGURE_SPACE || cp == NARROW_NO_BREAK_SPACE)
        return 0;
    /* Full-width forms of '!' to '~', as Asian keyboards type them. */
    if (cp >= 0xff01 && cp <= 0xff5e)
        return cp - 0xff01 + '!';
    if (cp == 0xfe6b)
        return '@';
    /* Ideographic full stops; IDNA takes them for dots as well. */
    if (cp == 0x3002 || cp == 0xff61)
        return '.';
    /* A line break at the end goes with the blanks; inside it is refused. */
    return cp > 0x7f && pwl_utf8_is_space(cp) ? ' ' : cp;
}

/** @return the folded copy, or NULL if `typed` is not UTF-8 */
static char *fold_all(const char *typed, const char *end, apr_pool_t *pool)
{
    /* No character folds to one that takes more bytes. */
    char *folded = apr_palloc(pool, (apr_size_t)(end - typed) + 1);
    char *to = folded;
    apr_uint32_t cp;

    while (typed < end) {
        int length = pwl_utf8_next(typed, end, &cp);

        if (length == 0)
            return NULL;
        typed += length;
        cp = fold(cp);
        if (cp)
            to += pwl_utf8_put(cp, to);
    }
    *to = '\0';
    return folded;
}

static span_t trim(span_t s)
{
    while (s.p < s.end && apr_isspace(*s.p))
        s.p++;
    while (s.end > s.p && apr_isspace(s.end[-1]))
        s.end--;
    return s;
}

static const char *find(span_t s, char c)
{
    return memchr(s.p, c, (apr_size_t)(s.end - s.p));
}

/** Take the address out of "Name <address>"; other texts stay as they are.
 * A name with an '@' could be a second address, so that stays too, to be
 * refused for its '<'. */
static span_t unwrap(span_t s)
{
    const char *open = find(s, '<'), *at = find(s, '@');

    if (!open || (at && at < open) || s.end[-1] != '>')
        return s;
    s.p = open + 1;
    s.end--;
    return trim(s);
}

/** Take off "mailto:", and with it the "?subject=..." that links have. */
static span_t strip_mailto(span_t s)
{
    static const char mailto[] = "mailto:";
    const apr_size_t len = sizeof(mailto) - 1;
    const char *query;

    if ((apr_size_t)(s.end - s.p) < len ||
        apr_cstr_casecmpn(s.p, mailto, len) != 0)
        return s;
    s.p += len;
    query = find(s, '?');
    if (query)
        s.end = query;
    return trim(s);
}

/** Is this a local part that needs no quoting? */
static int is_local_part(span_t s)
{
    apr_uint32_t cp;

    if (s.p == s.end)
        return 0;
    while (s.p < s.end) {
        int length = pwl_utf8_next(s.p, s.end, &cp);

        if (length == 0 || pwl_utf8_is_control(cp) || pwl_utf8_is_space(cp))
            return 0;
        if (cp == '@' || (cp < 0x80 && strchr(SPECIALS, (int)cp)))
            return 0;
        s.p += length;
    }
    return 1;
}

/** Of ASCII a domain has letters, digits, '-', '_' and dots; beyond it, what
 * is neither control nor space. No label is empty, and there are two. */
static int is_domain(span_t s)
{
    apr_size_t label = 0;
    int dots = 0;
    apr_uint32_t cp;

    while (s.p < s.end) {
        int length = pwl_utf8_next(s.p, s.end, &cp);

        if (length == 0 || pwl_utf8_is_control(cp) || pwl_utf8_is_space(cp))
            return 0;
        if (cp < 0x80 && !apr_isalnum((int)cp) && !strchr("-_.", (int)cp))
            return 0;
        if (cp == '.' && label == 0)
            return 0;
        dots += cp == '.';
        label = cp == '.' ? 0 : label + 1;
        s.p += length;
    }
    return dots > 0 && label > 0;
}

static char *lower(char *p)
{
    char *at;

    for (at = p; *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    return at;
}

pwl_reason_t pwl_address_tidy(const char *typed, const char **out,
                              apr_pool_t *pool)
{
    const char *end, *at;
    char *address;
    span_t s;

    *out = NULL;
    if (!typed)
        return PWL_ADDRESS_EMPTY;
    end = memchr(typed, '\0', PWL_ADDRESS_INPUT_MAX + 1);
    if (!end)
        return PWL_ADDRESS_LONG;
    s.p = fold_all(typed, end, pool);
    if (!s.p)
        return PWL_ADDRESS_FORMAT;
    s.end = s.p + strlen(s.p);
    s = strip_mailto(unwrap(strip_mailto(trim(s))));
    if (s.p == s.end)
        return PWL_ADDRESS_EMPTY;
    if (s.end - s.p > PWL_ADDRESS_MAX)
        return PWL_ADDRESS_LONG;

    at = find(s, '@');
    if (!at || !is_local_part((span_t){s.p, at}) ||
        !is_domain((span_t){at + 1, s.end}))
        return PWL_ADDRESS_FORMAT;
    address = apr_pstrmemdup(pool, s.p, (apr_size_t)(s.end - s.p));
    lower(address + (at - s.p));
    *out = address;
    return PWL_OK;
}

const char *pwl_address_key(const char *tidied, apr_pool_t *pool)
{
    return lower(apr_pstrdup(pool, tidied));
}

/** @return the domain as DNS has it ("xn--..."), or as it stands when it cannot
 * be a name there */
static const char *dns_name(const char *domain, apr_pool_t *pool)
{
    uint8_t *ascii = NULL;

    if (idn2_lookup_u8((const uint8_t *)domain, &ascii,
                       IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
        domain = apr_pstrdup(pool, (char *)ascii);
    idn2_free(ascii);
    return domain;
}

const char *pwl_address_bucket(const char *tidied, apr_pool_t *pool)
{
    char *bucket = lower(apr_pstrdup(pool, tidied));
    char *at = strrchr(bucket, '@'), *to = bucket;
    const char *p;

    if (!at)
        return bucket;
    for (p = bucket; p < at && *p != '+'; p++) {
        if (*p != '.')
            *to++ = *p;
    }
    *to = '\0';
    return apr_pstrcat(pool, bucket, "@", dns_name(at + 1, pool), NULL);
}

/** The first character if a log can show it, and three stars. */
static const char *mask_part(const char *p, const char *end, apr_pool_t *pool)
{
    if (p < end && apr_isalnum(*p))
        return apr_psprintf(pool, "%c***", *p);
    return "***";
}

const char *pwl_address_mask(const char *address, apr_pool_t *pool)
{
    const char *at = address ? strchr(address, '@') : NULL;
    const char *dot = at ? strrchr(at, '.') : NULL;
    const char *p;

    if (!at && address && *address == '+')
        return pwl_phone_mask(address, pool);
    if (!dot || at == address || strchr(at + 1, '@'))
        return "***";
    for (p = dot + 1; *p; p++) {
        if (!apr_isalnum(*p) && *p != '-')
            return "***";
    }
    return apr_pstrcat(pool, mask_part(address, at, pool), "@",
                       mask_part(at + 1, dot, pool), dot, NULL);
}

int pwl_address_in_domain(const char *address, const char *domain)
{
    const char *at = address ? strchr(address, '@') : NULL;

    return at && is_local_part((span_t){address, at}) && *domain &&
           apr_cstr_casecmp(at + 1, domain) == 0;
}
