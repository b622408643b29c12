/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer of the tenant as libcurl hands it over, against a reader that goes
 * the other way: from the last line up.
 *
 * Input: how many bytes of other header lines, and of body, go before (two
 * bytes each; limits are far away else), then header lines to the first empty
 * one that no status line follows, then the body. What is kept can be printed,
 * has its limit, and is the first that can be kept of its name behind the last
 * status line; the body is there whole; and an answer is broken off at its
 * limit, not before.
 */
#include "target.h"

#include <strings.h>

#include "core/limits.h"
#include "input.h"
#include "io/gather.h"

#define PIECE 7

typedef struct {
    const char *name;
    apr_size_t max;
    const char *const *got;
} kept_t;

/* Take an input in pieces that end where memory does, as a sanitizer sees. */
static size_t hand_over(size_t (*take)(char *, size_t, size_t, void *),
                        const uint8_t *from, apr_size_t len, void *gather)
{
    char *exact = malloc(len);
    size_t taken;

    PROMISE(exact);
    memcpy(exact, from, len);
    taken = take(exact, 1, len, gather);
    free(exact);
    return taken;
}

static apr_size_t line_at(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *newline =
        from < end ? memchr(from, '\n', (apr_size_t)(end - from)) : NULL;

    return (apr_size_t)((newline ? newline + 1 : end) - from);
}

static int is_empty(const uint8_t *line, apr_size_t len)
{
    return len == 0 || *line == '\n' || *line == '\r';
}

static int is_status(const uint8_t *line, apr_size_t len)
{
    return len > 5 && memcmp(line, "HTTP/", 5) == 0;
}

/* The value of one line, or NULL if it is none that could be kept. */
static const char *value_of(const uint8_t *line, apr_size_t len,
                            const kept_t *kept, apr_pool_t *pool)
{
    apr_size_t name = strlen(kept->name);
    char *text = apr_pstrmemdup(pool, (const char *)line, len), *end;

    if (len <= name || strncasecmp(text, kept->name, name) != 0 ||
        text[name] != ':')
        return NULL;
    end = text + len;
    text += name + 1;
    while (end > text && strchr(" \t\r\n\v\f", end[-1]) && end[-1])
        *--end = '\0';
    while (text < end && *text && strchr(" \t\r\n\v\f", *text))
        text++;
    if (text == end || end - text > (long)kept->max)
        return NULL;
    for (const char *at = text; at < end; at++)
        if (*at < ' ' || *at > '~')
            return NULL;
    return text;
}

/* What must be kept of the lines before `end`. */
static void check_values(const uint8_t *head, const uint8_t *end,
                         const kept_t *kept, apr_pool_t *pool)
{
    const char *want = NULL;

    for (const uint8_t *at = head; at < end;) {
        apr_size_t len = line_at(at, end);
        const char *value = value_of(at, len, kept, pool);

        if (is_status(at, len))
            want = NULL;
        else if (!want)
            want = value;
        at += len;
    }
    PROMISE(!want == !*kept->got);
    PROMISE(!want || strcmp(want, *kept->got) == 0);
}

/* @return how many bytes were taken */
static apr_size_t feed_head(input_t *in, apr_size_t before,
                            pwl_gather_t *gather)
{
    uint8_t filler[65536];
    apr_size_t taken = before;

    memset(filler, 'x', sizeof(filler));
    if (before)
        PROMISE(hand_over(pwl_gather_header, filler, before, gather) == before);
    for (;;) {
        apr_size_t len = line_at(in->at, in->end);
        const uint8_t *line = in->at;
        size_t got;

        if (len == 0)
            return taken;
        got = hand_over(pwl_gather_header, line, len, gather);
        PROMISE(got == (taken + len > PWL_ANSWER_HEADER_BYTES ? 0 : len));
        PROMISE(!gather->too_large == (got != 0));
        if (got == 0)
            return taken;
        taken += len;
        in->at += len;
        /* Another answer may follow one of 1xx. */
        if (is_empty(line, len) && !is_status(in->at, input_left(in)))
            return taken;
    }
}

static void feed_body(input_t *in, apr_size_t before, pwl_gather_t *gather)
{
    static uint8_t filler[2 * 65536];
    const uint8_t *rest = in->at;
    apr_size_t sum = before;

    memset(filler, 'y', sizeof(filler));
    if (before)
        PROMISE(hand_over(pwl_gather_body, filler, before, gather) == before);
    while (input_left(in)) {
        apr_size_t len = input_left(in) < PIECE ? input_left(in) : PIECE;
        size_t got = hand_over(pwl_gather_body, in->at, len, gather);

        PROMISE(got == (sum + len > PWL_ANSWER_MAX_BYTES ? 0 : len));
        PROMISE(!gather->too_large == (got != 0));
        if (got == 0)
            break;
        sum += len;
        in->at += len;
    }
    PROMISE(gather->answer->body_len == sum);
    PROMISE(gather->answer->body[sum] == '\0');
    PROMISE(memcmp(gather->answer->body, filler, before) == 0);
    PROMISE(memcmp(gather->answer->body + before, rest, sum - before) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pwl_https_answer_t answer = {.body = ""};
    const kept_t kept[] = {
        {"content-type", PWL_ANSWER_VALUE_MAX, &answer.content_type},
        {"x-auth0-requestid", PWL_ANSWER_REQUEST_ID_MAX, &answer.request_id},
        {"retry-after", PWL_ANSWER_VALUE_MAX, &answer.retry_after},
        {"x-ratelimit-reset", PWL_ANSWER_VALUE_MAX, &answer.ratelimit_reset},
        {"x-ratelimit-remaining", PWL_ANSWER_VALUE_MAX,
         &answer.ratelimit_remaining},
        {"date", PWL_ANSWER_VALUE_MAX, &answer.date},
    };
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    pwl_gather_t gather = {&answer, pool};
    apr_size_t head = input_byte(&in) << 8 | input_byte(&in);
    apr_size_t body = 2 * (input_byte(&in) << 8 | input_byte(&in));
    const uint8_t *first = in.at;

    feed_head(&in, head, &gather);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        check_values(first, in.at, &kept[i], pool);
    if (!gather.too_large)
        feed_body(&in, body, &gather);
    apr_pool_destroy(pool);
    return 0;
}
