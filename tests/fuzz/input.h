/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets share: a promise, and an input taken piece by piece. */
#ifndef PWL_TESTS_FUZZ_INPUT_H
#define PWL_TESTS_FUZZ_INPUT_H

#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PROMISE(x)                                                             \
    do {                                                                       \
        if (!(x))                                                              \
            abort();                                                           \
    } while (0)

typedef struct {
    const uint8_t *at, *end;
} input_t;

/** A pool of its own for one input; the caller destroys it. */
static inline apr_pool_t *input_pool(void)
{
    static int ready;
    apr_pool_t *pool;

    if (!ready)
        ready = apr_initialize() == APR_SUCCESS;
    apr_pool_create(&pool, NULL);
    return pool;
}

/** The next byte; 0 behind the end. */
static inline unsigned int input_byte(input_t *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static inline apr_size_t input_left(const input_t *in)
{
    return (apr_size_t)(in->end - in->at);
}

/** What stands before the next NUL, or all the rest, as a string. */
static inline const char *input_text(input_t *in, apr_pool_t *pool)
{
    const uint8_t *nul =
        input_left(in) ? memchr(in->at, 0, input_left(in)) : NULL;
    const uint8_t *end = nul ? nul : in->end;
    const char *text =
        apr_pstrmemdup(pool, (const char *)in->at, (apr_size_t)(end - in->at));

    in->at = nul ? nul + 1 : end;
    return text;
}

/** The same; NULL when nothing stands there. */
static inline const char *input_word(input_t *in, apr_pool_t *pool)
{
    const char *text = input_text(in, pool);

    return *text ? text : NULL;
}

#endif
