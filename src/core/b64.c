/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict base64url without padding.
 *
 * Four characters hold three bytes. A rest of two characters holds one byte
 * and four spare bits, a rest of three holds two bytes and two spare bits; the
 * spare bits must be zero, or one value could be written in many ways.
 *
 *     text    |  c0  |  c1  |  c2  |  c3  |
 *     bits    |654321|65 4321|6543 21|654321|
 *     bytes   |    b0   |    b1    |   b2   |
 *
 * Decoding looks each character up in a table whose entry for a foreign one
 * has bit 7 set, and collects all entries by OR: one look at the end gives the
 * verdict, so the loop has no branch that depends on what the text says. The
 * table itself can still be timed through the cache; what is decoded here is
 * hashed or verified afterwards and never compared as it stands.
 */
#include "core/b64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* clang-format off */
#define NO 0x80
static const unsigned char values[256] = {
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, 62, NO, NO,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO, NO, NO, NO,
    NO,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO, NO, NO, 63,
    NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
};
#undef NO
/* clang-format on */

apr_size_t pwl_b64_encode_to(char *out, const void *data, apr_size_t len)
{
    const unsigned char *in = data;
    char *at = out;

    for (; len >= 3; len -= 3, in += 3) {
        unsigned int v = (unsigned int)in[0] << 16 | in[1] << 8 | in[2];

        *at++ = alphabet[v >> 18];
        *at++ = alphabet[v >> 12 & 63];
        *at++ = alphabet[v >> 6 & 63];
        *at++ = alphabet[v & 63];
    }
    if (len > 0) {
        unsigned int v =
            (unsigned int)in[0] << 16 | (len == 2 ? in[1] << 8 : 0);

        *at++ = alphabet[v >> 18];
        *at++ = alphabet[v >> 12 & 63];
        if (len == 2)
            *at++ = alphabet[v >> 6 & 63];
    }
    *at = '\0';
    return (apr_size_t)(at - out);
}

char *pwl_b64_encode(const void *data, apr_size_t len, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, PWL_B64_CHARS(len) + 1);

    pwl_b64_encode_to(out, data, len);
    return out;
}

int pwl_b64_decode(const char *text, apr_size_t text_len, unsigned char *out,
                   apr_size_t out_max, apr_size_t *out_len)
{
    const unsigned char *in = (const unsigned char *)text;
    apr_size_t left = text_len;
    unsigned int wrong = 0; /* bit 7 is set by a foreign character */
    unsigned int spare = 0;

    *out_len = 0;
    if (left % 4 == 1 || PWL_B64_BYTES(text_len) > out_max)
        return 0;
    for (; left >= 4; left -= 4, in += 4, out += 3) {
        unsigned int a = values[in[0]], b = values[in[1]];
        unsigned int c = values[in[2]], d = values[in[3]];

        wrong |= a | b | c | d;
        out[0] = (unsigned char)(a << 2 | b >> 4);
        out[1] = (unsigned char)(b << 4 | c >> 2);
        out[2] = (unsigned char)(c << 6 | d);
    }
    if (left > 0) {
        unsigned int a = values[in[0]], b = values[in[1]];
        unsigned int c = left == 3 ? values[in[2]] : 0;

        wrong |= a | b | c;
        spare = left == 3 ? c & 3 : b & 15;
        out[0] = (unsigned char)(a << 2 | b >> 4);
        if (left == 3)
            out[1] = (unsigned char)(b << 4 | c >> 2);
    }
    if ((wrong & 0x80) || spare)
        return 0;
    *out_len = PWL_B64_BYTES(text_len);
    return 1;
}
