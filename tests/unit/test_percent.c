/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Percent-encoded bytes: all 256 in both cases, and what is none.
 */
#include "core/percent.h"

#include "tap.h"

/* clang-format off */
static const struct { const char *what, *text; int want; } cases[] = {
    {"a NUL is a byte",               "%00",  0},
    {"mixed case",                    "%aF",  0xaf},
    {"what follows is left alone",    "%411", 0x41},
    {"R16: a percent sign alone",     "%",    -1},
    {"R16: one digit",                "%4",   -1},
    {"R16: a letter past f, first",   "%g1",  -1},
    {"R16: a letter past f, second",  "%1g",  -1},
    {"R16: a letter past F",          "%G1",  -1},
    {"R16: before 0",                 "%/1",  -1},
    {"R16: past 9",                   "%:1",  -1},
    {"R16: before A",                 "%@1",  -1},
    {"R16: before a",                 "%`1",  -1},
    {"R16: a plus sign",              "%+1",  -1},
    {"R16: a blank",                  "% 1",  -1},
    {"R16: a prefix",                 "%0x",  -1},
    {"R16: another percent sign",     "%%4",  -1},
    {"R16: a high byte",              "%\xb1\xb2", -1},
};
/* clang-format on */

int main(void)
{
    int wrong = 0;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tap_int(cases[i].what,
                pwl_percent_read(cases[i].text,
                                 cases[i].text + strlen(cases[i].text)),
                cases[i].want);
    for (int byte = 0; byte < 256; byte++) {
        char lower[8], upper[8];

        snprintf(lower, sizeof(lower), "%%%02x", (unsigned)byte);
        snprintf(upper, sizeof(upper), "%%%02X", (unsigned)byte);
        wrong += pwl_percent_read(lower, lower + 3) != byte;
        wrong += pwl_percent_read(upper, upper + 3) != byte;
        wrong += pwl_percent_read(lower, lower + 2) != -1;
        wrong += pwl_percent_read(lower, lower + 1) != -1;
    }
    tap_int("every byte in both cases, and never past the end", wrong, 0);
    return tap_done();
}
