/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth0-check told anything by a tenant. What an operator reads is a level, a
 * topic and lines without control bytes; "good" is said of a document only if
 * it names our issuer, or has a key. Byte 1 and 2 are the status; then a Date
 * to a NUL, and the body.
 */
#include "target.h"

#include "core/answer.h"
#include "core/finding.h"
#include "core/json.h"
#include "core/limits.h"
#include "input.h"

#define ISSUER "https://t.example.org/"

static void check(pwl_finding_t found)
{
    const char *p;

    PROMISE(found.level <= PWL_FINDING_BAD && found.topic && found.text);
    PROMISE(*pwl_finding_word(found.level));
    for (p = found.text; *p; p++)
        PROMISE((unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f);
    for (p = found.cure ? found.cure : ""; *p; p++)
        PROMISE(*p >= ' ' && *p <= '~');
    PROMISE(found.level == PWL_FINDING_GOOD ||
            found.level == PWL_FINDING_UNKNOWN || found.cure);
}

static void check_documents(const pwl_finding_answer_t *answer,
                            apr_pool_t *pool)
{
    pwl_finding_t found = pwl_finding_issuer(answer, ISSUER, pool);
    json_t *json;

    check(found);
    if (found.level == PWL_FINDING_GOOD) {
        PROMISE(answer->status == 200 &&
                pwl_json_parse_pool(answer->body, answer->len,
                                    PWL_ANSWER_MAX_BYTES, &json,
                                    pool) == PWL_OK);
        PROMISE(strcmp(pwl_json_string(json, "issuer"), ISSUER) == 0);
    }
    found = pwl_finding_keys(answer, PWL_ALG_RS256, pool);
    check(found);
    PROMISE(found.level != PWL_FINDING_GOOD || answer->status == 200);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {data, data + size};
    apr_pool_t *pool = input_pool();
    pwl_finding_answer_t got = {{PWL_OK}};
    pwl_answer_t answer;
    pwl_result_t res;

    got.status = (int)(input_byte(&in) << 8);
    got.status = 100 + (got.status | (int)input_byte(&in)) % 500;
    got.date = input_word(&in, pool);
    got.len = input_left(&in);
    got.body = apr_pstrmemdup(pool, (const char *)in.at, got.len);
    check(pwl_finding_reach(&got, pool));
    check(pwl_finding_clock(got.date, apr_time_from_sec(1700000000),
                            apr_time_from_sec(60), pool));
    check(pwl_finding_callback(&got, "https://a.example/cb", 1, pool));
    check(pwl_finding_logout(&got, "https://a.example/out", pool));
    check_documents(&got, pool);
    res = pwl_answer_judge_start(got.status, "application/json", got.body,
                                 got.len, &answer, pool);
    check(pwl_finding_connection(res, &answer, "email", pool));
    check(pwl_finding_sent(res, &answer, pool));
    res = pwl_answer_judge_token(got.status, "application/json", got.body,
                                 got.len, PWL_ANSWER_OTP, &answer, pool);
    check(pwl_finding_secret(res, &answer, 0, pool));
    apr_pool_destroy(pool);
    return 0;
}
