/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering an answer as libcurl hands it over.
 *
 * libcurl calls with whole header lines, also for 1xx answers that come before
 * the real one and for trailers after a chunked body. A status line starts the
 * values anew, so those of a 1xx do not count; the first of a name counts, so
 * those of a trailer do not either.
 *
 * The body grows by doubling, and what it grows out of is wiped: it may be a
 * part of a token.
 */
#include "io/gather.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/crypto.h>

#include "core/limits.h"

#define BODY_FIRST 4096

/** Make room for `len` bytes and a NUL. */
static void grow(pwl_gather_t *gather, apr_size_t len)
{
    pwl_https_answer_t *answer = gather->answer;
    apr_size_t max = gather->body_max ? gather->body_max : BODY_FIRST;
    char *body;

    while (max < len + 1)
        max *= 2;
    if (max == gather->body_max)
        return;
    body = apr_palloc(gather->pool, max);
    if (answer->body_len > 0) {
        memcpy(body, answer->body, answer->body_len);
        OPENSSL_cleanse((char *)answer->body, answer->body_len);
    }
    answer->body = body;
    gather->body_max = max;
}

size_t pwl_gather_body(char *data, size_t size, size_t count, void *baton)
{
    pwl_gather_t *gather = baton;
    pwl_https_answer_t *answer = gather->answer;
    apr_size_t len = size * count;
    char *end;

    if (len > PWL_ANSWER_MAX_BYTES - answer->body_len) {
        gather->too_large = 1;
        return 0;
    }
    grow(gather, answer->body_len + len);
    end = (char *)answer->body + answer->body_len;
    memcpy(end, data, len);
    end[len] = '\0';
    answer->body_len += len;
    return len;
}

/** Keep the value of header `name` if `line` is one, the first time. */
static void keep_value(const char *line, apr_size_t len, const char *name,
                       apr_size_t max, const char **out, apr_pool_t *pool)
{
    apr_size_t name_len = strlen(name), i;

    if (*out || len <= name_len || line[name_len] != ':' ||
        strncasecmp(line, name, name_len) != 0)
        return;
    line += name_len + 1;
    len -= name_len + 1;
    while (len > 0 && apr_isspace(*line))
        line++, len--;
    while (len > 0 && apr_isspace(line[len - 1]))
        len--;
    if (len == 0 || len > max)
        return;
    for (i = 0; i < len; i++) {
        if (line[i] < 0x20 || line[i] > 0x7e)
            return;
    }
    *out = apr_pstrmemdup(pool, line, len);
}

size_t pwl_gather_header(char *line, size_t size, size_t count, void *baton)
{
    pwl_gather_t *gather = baton;
    pwl_https_answer_t *answer = gather->answer;
    struct {
        const char *name;
        apr_size_t max;
        const char **value;
    } kept[] = {
        {"content-type", PWL_ANSWER_VALUE_MAX, &answer->content_type},
        {"x-auth0-requestid", PWL_ANSWER_REQUEST_ID_MAX, &answer->request_id},
        {"retry-after", PWL_ANSWER_VALUE_MAX, &answer->retry_after},
        {"x-ratelimit-reset", PWL_ANSWER_VALUE_MAX, &answer->ratelimit_reset},
        {"x-ratelimit-remaining", PWL_ANSWER_VALUE_MAX,
         &answer->ratelimit_remaining},
        {"date", PWL_ANSWER_VALUE_MAX, &answer->date},
    };
    apr_size_t len = size * count, i;
    int is_status = len > 5 && memcmp(line, "HTTP/", 5) == 0;

    if (len > PWL_ANSWER_HEADER_BYTES - gather->header_bytes) {
        gather->too_large = 1;
        return 0;
    }
    gather->header_bytes += len;
    gather->head_ended = !is_status && (gather->head_ended || *line == '\r');
    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        if (is_status)
            *kept[i].value = NULL;
        keep_value(line, len, kept[i].name, kept[i].max, kept[i].value,
                   gather->pool);
    }
    return len;
}
