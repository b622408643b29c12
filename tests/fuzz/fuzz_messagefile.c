/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of messages, from the disk into a language. What is read is what is
 * there, and whatever cannot be laid over a language is said in one line that
 * an operator's terminal can show.
 *
 * Input: a byte, for bytes that stand behind the rest, so that the limit is
 * near; then the file.
 */
#include "target.h"

#include "core/language.h"
#include "core/limits.h"
#include "core/messages.h"
#include "io/messagefile.h"
#include "place.h"

/* Behind the file: 255 of these are more than one may have. */
#define FILLER (PWL_MESSAGES_MAX_BYTES / 255 + 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    apr_size_t behind = input_byte(&in) * (apr_size_t)FILLER;
    apr_size_t want = input_left(&in) + behind, len = 0;
    apr_pool_t *pool = input_pool();
    uint8_t *file = apr_palloc(pool, want + 1);
    const pwl_language_t *out = NULL;
    const char *bad;
    char *text = NULL;

    memcpy(file, in.at, input_left(&in));
    memset(file + input_left(&in), '\n', behind);
    place_write(file, want);
    bad = pwl_messagefile_read(place_file(), &text, &len, pool);
    PROMISE(!bad == (want <= PWL_MESSAGES_MAX_BYTES));
    if (bad) {
        apr_pool_destroy(pool);
        return 0;
    }
    PROMISE(len == want && memcmp(text, file, want) == 0 && text[len] == '\0');
    bad = pwl_messages_lay(text, len, pwl_language_built_in(0), &out, pool);
    PROMISE(!bad != !out);
    for (; bad && *bad; bad++)
        PROMISE((unsigned char)*bad >= ' ' && *bad != 0x7f);
    apr_pool_destroy(pool);
    return 0;
}
