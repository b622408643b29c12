/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Query and Accept of a request for the status, parted by NUL; then the host
 * and the numbers. A format comes out, known or not; JSON is JSON to our own
 * reader and says the host, and a page has no more tags than one of plain
 * words.
 */
#include "target.h"

#include "core/html.h"
#include "core/json.h"
#include "core/status.h"
#include "core/utf8.h"
#include "input.h"

static int tags(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += *text == '<' || *text == '"';
    return n;
}

static void check_json(const pwl_status_t *status, apr_pool_t *pool)
{
    const char *text = pwl_status_json(status, pool);
    json_t *json;

    PROMISE(pwl_json_parse_pool(text, strlen(text), strlen(text), &json,
                                pool) == PWL_OK);
}

static void check_page(pwl_status_t *status, apr_pool_t *pool)
{
    int count = tags(pwl_status_page(status, pool));

    status->host = "h";
    PROMISE(count == tags(pwl_status_page(status, pool)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    const char *args = input_word(&in, pool);
    const char *accept = input_word(&in, pool);
    pwl_status_t *status = apr_pcalloc(pool, sizeof(*status));
    unsigned char *cells = (unsigned char *)status->metrics.cell;
    pwl_status_format_t format = pwl_status_format(args, accept);

    PROMISE(format <= PWL_STATUS_UNKNOWN && *pwl_status_type(format));
    PROMISE(args || format != PWL_STATUS_UNKNOWN);
    status->version = "0";
    status->url = "/status";
    status->host = input_text(&in, pool);
    for (size_t i = 0; i < sizeof(status->metrics.cell) && input_left(&in); i++)
        cells[i] = (unsigned char)input_byte(&in);
    /* A count that is carried over has no sign, and so has JSON. */
    for (size_t i = 7; i < sizeof(status->metrics.cell); i += 8)
        cells[i] &= 0x0f;
    check_json(status, pool);
    PROMISE(*pwl_status_text(status, 1, pool) &&
            *pwl_status_auto(status, pool));
    check_page(status, pool);
    apr_pool_destroy(pool);
    return 0;
}
