/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs are told, with bytes of visitors in every place: it must be
 * JSON to our own strict reader, with each text as it was given and no member
 * twice; the list of sessions likewise, and as a page with no more tags than
 * with plain words. One byte is the reason, one says which answer; the texts
 * follow, parted by NUL. (D9: conversions of printf() are words like others.)
 */
#include "target.h"

#include "core/json.h"
#include "core/page.h"
#include "core/page_sessions.h"
#include "core/page_step.h"
#include "core/utf8.h"
#include "input.h"

static json_t *read_back(const char *text, const apr_size_t *len,
                         apr_pool_t *pool)
{
    json_t *json = NULL;

    PROMISE(*len == strlen(text) && !strchr(text, '<'));
    PROMISE(pwl_json_parse_pool(text, *len, *len, &json, pool) == PWL_OK);
    return json;
}

/* Bytes that are no UTF-8 are replaced, and nobody says by what. */
static void holds(json_t *json, const char *name, const char *value)
{
    const char *found = pwl_json_string(json, name);

    PROMISE(!!found == !!value);
    if (value && pwl_utf8_valid(value, strlen(value)))
        PROMISE(strcmp(found, value) == 0);
}

static void check_step(const pwl_page_site_t *site, pwl_reason_t why, int next,
                       input_t *in, apr_pool_t *pool)
{
    pwl_page_step_t step = {
        .next = (pwl_page_next_t)next,
        .token = input_word(in, pool),
        .connection = input_word(in, pool),
        .address = input_word(in, pool),
        .url = input_word(in, pool),
        .return_to = input_word(in, pool),
        .digits = 6,
        .tries_left = 2,
        .left = apr_time_from_sec(100),
        .why = why,
        .detail = pwl_page_message(why),
    };
    pwl_page_problem_t problem = {.title = PWL_TEXT_SEND_AGAIN,
                                  .detail = step.detail,
                                  .status = 400,
                                  .instance = step.url,
                                  .reason = pwl_reason_word(why),
                                  .login_url = step.return_to,
                                  .request_id = step.connection,
                                  .step = &step};
    int form = next != PWL_NEXT_NONE && next != PWL_NEXT_HOSTED;
    apr_size_t len;
    json_t *json;

    json = read_back(pwl_page_step(site, &step, pool, &len), &len, pool);
    holds(json, "t", form ? step.token : NULL);
    holds(json, "connection", form ? step.connection : NULL);
    holds(json, "address", form ? step.address : NULL);
    holds(json, "url", step.url);
    holds(json, "return_to", step.return_to);
    holds(json, "reason", why == PWL_OK ? NULL : pwl_reason_word(why));
    json = read_back(pwl_page_problem(site, &problem, pool, &len), &len, pool);
    holds(json, "instance", step.url);
    holds(json, "login_url", step.return_to);
    holds(json, "address", form ? step.address : NULL);
}

static int tags(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += *text == '<' || *text == '"';
    return n;
}

static void check_sessions(const pwl_page_site_t *site, const char *word,
                           apr_pool_t *pool)
{
    pwl_page_sessions_row_t row = {word, word, word, 1, 2};
    pwl_page_sessions_row_t plain = {"a", "b", "c", 1, 2};
    pwl_page_sessions_t page = {.rows = &row, .count = 1, .total = 2};
    pwl_page_site_t quiet = {.site = "s", .host = "h"};
    apr_size_t len;
    json_t *json;
    int count;

    json = read_back(
        pwl_page_sessions(site, &page, PWL_PAGE_SESSIONS_JSON, pool, &len),
        &len, pool);
    json = json_array_get(json_object_get(json, "sessions"), 0);
    holds(json, "user", word);
    holds(json, "network", word);
    count = tags(
        pwl_page_sessions(site, &page, PWL_PAGE_SESSIONS_HTML, pool, &len));
    page.rows = &plain;
    PROMISE(count == tags(pwl_page_sessions(
                         &quiet, &page, PWL_PAGE_SESSIONS_HTML, pool, &len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    pwl_reason_t why = (pwl_reason_t)(input_byte(&in) % PWL_REASON_COUNT);
    int next = (int)(input_byte(&in) % (PWL_NEXT_HOSTED + 1));
    pwl_page_site_t site = {0};

    site.site = site.host = site.help_text = input_text(&in, pool);
    check_sessions(&site, site.site, pool);
    check_step(&site, why, next, &in, pool);
    apr_pool_destroy(pool);
    return 0;
}
