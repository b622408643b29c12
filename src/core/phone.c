/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telephone numbers as people type them.
 *
 *   "Tel: 0032 (0)470 12 34 56"
 *      squeeze   digits, '+' and "(0)" stay, punctuation goes, else refused
 *      country   00 or + begins an international number; others get ours
 *   "+32470123456"
 *
 * Which numbers exist is the provider's to know. What must stay true: all
 * spellings of a number become one text, or the limits for one recipient
 * would be limits for one spelling; and tidying it once more changes nothing.
 */
#include "core/phone.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include "core/limits.h"
#include "core/utf8.h"

/** @return the ASCII a character stands for; 0 when it is left out, -1 when a
 * number cannot have it */
static int fold(apr_uint32_t cp)
{
    static const apr_uint32_t zeros[] = {0x0660, 0x06f0, 0x0966, 0xff10};
    apr_size_t i;

    if (cp == 0xff0b) /* a full-width plus */
        return '+';
    if (cp == '+' || cp == '(' || cp == ')' || (cp >= '0' && cp <= '9'))
        return (int)cp;
    for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        if (cp >= zeros[i] && cp <= zeros[i] + 9)
            return (int)(cp - zeros[i]) + '0';
    }
    /* Dashes of all lengths; the minus sign. */
    if (cp == '-' || cp == '.' || cp == '/' || cp == 0x2212 ||
        (cp >= 0x2010 && cp <= 0x2015))
        return 0;
    return pwl_utf8_is_space(cp) || pwl_utf8_is_invisible(cp) ? 0 : -1;
}

/** @return digits, '+' and brackets of the text; NULL if it has others */
static char *squeeze(const char *p, const char *end, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, (apr_size_t)(end - p) + 1);
    char *to = out;
    apr_uint32_t cp;

    while (p < end) {
        int length = pwl_utf8_next(p, end, &cp);
        int c = length > 0 ? fold(cp) : -1;

        if (c < 0)
            return NULL;
        if (c > 0)
            *to++ = (char)c;
        p += length;
    }
    *to = '\0';
    return out;
}

/** Take the brackets out, with the zero of "(0)" behind a country code. */
static void drop_brackets(char *number, int is_international)
{
    char *to = number;
    const char *p;

    for (p = number; *p; p++) {
        if (is_international && strncmp(p, "(0)", 3) == 0)
            p += 2;
        else if (*p != '(' && *p != ')')
            *to++ = *p;
    }
    *to = '\0';
}

static const char *skip_scheme(const char *typed)
{
    while (apr_isspace(*typed))
        typed++;
    return apr_cstr_casecmpn(typed, "tel:", 4) == 0 ? typed + 4 : typed;
}

pwl_reason_t pwl_phone_tidy(const char *typed, const char *country,
                            const char **out, apr_pool_t *pool)
{
    const char *end, *digits;
    int is_international;
    char *number;

    *out = NULL;
    if (!typed)
        return PWL_ADDRESS_EMPTY;
    end = memchr(typed, '\0', PWL_ADDRESS_INPUT_MAX + 1);
    if (!end)
        return PWL_ADDRESS_LONG;
    number = squeeze(skip_scheme(typed), end, pool);
    if (!number)
        return PWL_ADDRESS_FORMAT;
    if (!*number)
        return PWL_ADDRESS_EMPTY;
    is_international = *number == '+' || strncmp(number, "00", 2) == 0;
    drop_brackets(number, is_international);
    if (is_international) {
        digits = number + (*number == '+' ? 1 : 2);
        country = "+";
    } else {
        digits = *number == '0' ? number + 1 : number;
    }
    if (!country)
        return PWL_ADDRESS_FORMAT;
    number = apr_pstrcat(pool, country, digits, NULL);
    if (strlen(number) > PWL_PHONE_MAX_DIGITS + 1)
        return PWL_ADDRESS_LONG;
    if (strlen(number) < PWL_PHONE_MIN_DIGITS + 1 ||
        !pwl_phone_is_prefix(number, PWL_PHONE_MAX_DIGITS))
        return PWL_ADDRESS_FORMAT;
    *out = number;
    return PWL_OK;
}

int pwl_phone_allowed(const char *number, const apr_array_header_t *prefixes)
{
    int i;

    for (i = 0; prefixes && i < prefixes->nelts; i++) {
        const char *prefix = APR_ARRAY_IDX(prefixes, i, const char *);

        if (strncmp(number, prefix, strlen(prefix)) == 0)
            return 1;
    }
    return prefixes == NULL;
}

int pwl_phone_is_prefix(const char *text, int most)
{
    apr_size_t digits = *text == '+' ? strspn(text + 1, "0123456789") : 0;

    return digits > 0 && digits <= (apr_size_t)most && text[1] != '0' &&
           text[1 + digits] == '\0';
}

const char *pwl_phone_mask(const char *number, apr_pool_t *pool)
{
    apr_size_t len = number ? strlen(number) : 0;

    /* Of a short one two digits more would be half of it. */
    if (!number || !pwl_phone_is_prefix(number, PWL_PHONE_MAX_DIGITS) ||
        len < PWL_PHONE_MIN_DIGITS + 1)
        return "***";
    return apr_psprintf(pool, "%.3s***%s", number, number + len - 2);
}
