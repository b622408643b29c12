/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page or program: each line of the input is one of the headers. A page never
 * wants JSON, and what wants JSON is never a page.
 */
#include "target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/navigation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *next = text;
    pwl_navigation_t nav = {.method = "GET"};
    const char **fields[] = {&nav.accept,           &nav.sec_fetch_mode,
                             &nav.sec_fetch_dest,   &nav.sec_purpose,
                             &nav.purpose,          &nav.x_moz,
                             &nav.x_requested_with, &nav.upgrade};

    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t i = 0; next && i < sizeof(fields) / sizeof(fields[0]); i++) {
        char *line = next;

        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        *fields[i] = *line ? line : NULL;
    }
    if (pwl_navigation_is_page(&nav) && pwl_navigation_wants_json(nav.accept))
        abort();
    free(text);
    return 0;
}
