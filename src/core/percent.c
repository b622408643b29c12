/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Percent-encoded bytes (RFC 3986, section 2.1).
 *
 * One function, because whoever decodes has to decide for himself what a
 * broken sequence means: a form with one is refused, a path decoded for the
 * second time keeps it as text ("100%25" is a percent sign after the first).
 *
 * What must stay true: two digits, no sign, no blank, no "0x", which strtol()
 * would all let pass.
 */
#include "core/percent.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int pwl_percent_read(const char *p, const char *end)
{
    int high, low;

    if (end - p < 3)
        return -1;
    high = hex_digit(p[1]);
    low = hex_digit(p[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}
