/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as UTF-8, read a second time by the table of RFC 3629, and as percent-
 * encoded text, read a second time by looking digits up.
 */
#include "target.h"

#include "core/percent.h"
#include "core/utf8.h"
#include "input.h"

/* RFC 3629, section 4: what may follow which first byte. */
static const struct {
    unsigned char first, last, low, high, length;
} table[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static int length_of(const uint8_t *at, const uint8_t *end)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int length = table[i].length;

        if (*at < table[i].first || *at > table[i].last)
            continue;
        if (end - at < length)
            return 0;
        for (int j = 1; j < length; j++) {
            unsigned char low = j == 1 ? table[i].low : 0x80;
            unsigned char high = j == 1 ? table[i].high : 0xbf;

            if (at[j] < low || at[j] > high)
                return 0;
        }
        return length;
    }
    return 0;
}

static void check_utf8(const uint8_t *at, const uint8_t *end)
{
    int good = 1;

    PROMISE(pwl_utf8_valid((const char *)at, 0));
    for (const uint8_t *p = at; p < end && good;) {
        apr_uint32_t cp = 0xdeadbeef;
        int len = pwl_utf8_next((const char *)p, (const char *)end, &cp);
        char again[4];

        PROMISE(len == length_of(p, end));
        PROMISE(len || cp == 0xdeadbeef);
        PROMISE(!len || (pwl_utf8_put(cp, again) == len &&
                         memcmp(p, again, (size_t)len) == 0));
        PROMISE(!len || !pwl_utf8_is_control(cp) || cp < 0xa0);
        good = len > 0;
        p += len;
    }
    PROMISE(good == pwl_utf8_valid((const char *)at, (apr_size_t)(end - at)));
}

static int digit(uint8_t c)
{
    static const char digits[] = "00112233445566778899AaBbCcDdEeFf";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) / 2 : -1;
}

static void check_percent(const uint8_t *at, const uint8_t *end)
{
    for (; at < end; at++) {
        int byte = pwl_percent_read((const char *)at, (const char *)end);
        int high = end - at > 2 ? digit(at[1]) : -1;
        int low = end - at > 2 ? digit(at[2]) : -1;

        PROMISE(byte == (high < 0 || low < 0 ? -1 : high * 16 + low));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    check_utf8(data, data + size);
    check_percent(data, data + size);
    return 0;
}
