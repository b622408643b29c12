/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Return targets: a target that passes begins with one slash, as given and
 * after each decoding, and has nothing in it that could split a header.
 */
#include "target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/returnto.h"

static int hex(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at;

    at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) % 16 : -1;
}

/** Decode in place by our own means, leaving broken sequences as they are. */
static void decode(char *text)
{
    char *to = text;

    for (const char *p = text; *p; p++) {
        if (*p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
            *to++ = (char)(hex(p[1]) * 16 + hex(p[2]));
            p += 2;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *target = malloc(size + 1);

    memcpy(target, data, size);
    target[size] = '\0';
    if (pwl_returnto_check(target, "/.auth0/") == PWL_OK) {
        if (strlen(target) > PWL_RETURNTO_MAX)
            abort();
        for (const char *p = target; *p; p++) {
            if ((unsigned char)*p <= ' ' || *p == 0x7f)
                abort();
        }
        /* A query may decode to anything, so only the path is decoded. */
        target[strcspn(target, "?#")] = '\0';
        for (int reading = 0; reading < 3; reading++) {
            if (target[0] != '/' || target[1] == '/' || target[1] == '\\')
                abort();
            /* With dot segments it may lead out of our path again. */
            if (strncmp(target, "/.auth0/", 8) == 0 && !strstr(target, "..") &&
                !strchr(target, '%'))
                abort();
            decode(target);
        }
    }
    free(target);
    return 0;
}
