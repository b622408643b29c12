/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Auth0's answers mean.
 *
 *   status 2xx    start: good. token: good if the JSON says so, else nonsense
 *          429    too_many_attempts: blocked; whatever else: rate limit
 *          5xx    failed, whatever the body says
 *          4xx    the first row of answer_rows.h that fits; the last says
 *                 config: our request was refused and would be again
 *          other  nonsense: the way there follows no redirects
 *
 * The status rules because a 429 may carry any code, and because one mistake
 * comes as 400, 401 or 403 depending on the tenant's age.
 *
 * Auth0 says its English may change. It decides only in rows with a fragment,
 * where one code stands for things a visitor must be told apart, and a row
 * without a fragment always follows that is right enough should the text
 * change: an expired code is then a wrong one.
 *
 * What must stay true: nothing of an answer reaches `error` or `detail` but
 * through pwl_answer_code() and pwl_answer_text(); `mfa_token` is not read.
 */
#include "core/answer.h"

#include <apr_date.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "core/answer_rows.h"
#include "core/hidden.h"
#include "core/json.h"
#include "core/limits.h"

#define TEN_YEARS 315360000   /* seconds; no access token lives longer */
#define EPOCH_FROM 1000000000 /* a greater reset is a date, not a delay */
#define WAIT_UNTOLD 60
#define WAIT_MAX 3600

/** The body as an object, or NULL: HTML, text, an array, nothing. */
static json_t *read_object(const char *body, apr_size_t len, apr_pool_t *pool)
{
    json_t *root = NULL;

    if (len == 0)
        return NULL;
    if (pwl_json_parse_pool(body, len, PWL_ANSWER_MAX_BYTES, &root, pool) !=
        PWL_OK)
        return NULL;
    return json_is_object(root) ? root : NULL;
}

/** The error code of any of the three shapes; NULL if there is none. */
static const char *find_code(const json_t *root)
{
    static const char *const keys[] = {"error", "code", "errorCode", "name"};
    const char *code;
    size_t i;

    /* A gateway's `error` is a phrase ("Too Many Requests"). */
    code = pwl_json_string(root, "error");
    if (code && strchr(code, ' ') && pwl_json_string(root, "errorCode"))
        return pwl_json_string(root, "errorCode");
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        code = pwl_json_string(root, keys[i]);
        if (code && *code)
            return code;
    }
    return NULL;
}

static const char *find_text(const json_t *root)
{
    const char *text = pwl_json_string(root, "error_description");

    if (!text)
        text = pwl_json_string(root, "description");
    if (!text)
        text = pwl_json_string(root, "message");
    return text;
}

/** Does `text` contain `fragment` (lower case), whatever the case? */
static int contains(const char *text, const char *fragment)
{
    apr_size_t len = strlen(fragment);

    for (; text && *text; text++) {
        if (strncasecmp(text, fragment, len) == 0)
            return 1;
    }
    return 0;
}

static const row_t *find_row(int call, int status, const char *code,
                             const char *text)
{
    const row_t *row = rows;

    /* The last row fits everything. */
    for (;; row++) {
        if (!(row->call & call) || (row->status && row->status != status))
            continue;
        if (row->code && (!code || strcmp(row->code, code) != 0))
            continue;
        if (!row->fragment || contains(text, row->fragment))
            return row;
    }
}

/** Anything but 2xx. */
static pwl_result_t judge_refusal(int call, int status, const json_t *root,
                                  const char *content_type, pwl_answer_t *out,
                                  apr_pool_t *pool)
{
    pwl_result_t res = {PWL_TENANT_NONSENSE, 0, NULL};
    const char *code = find_code(root);
    const char *text = find_text(root);

    out->error = code ? pwl_answer_code(code, pool)
                      : apr_psprintf(pool, "http_%d", status);
    if (status == 429) {
        int blocked = code && strcmp(code, "too_many_attempts") == 0;

        res.why = blocked ? PWL_TENANT_BLOCKED : PWL_TENANT_RATE_LIMIT;
        out->hint = HINT_RATE;
    } else if (status >= 500 && status < 600) {
        res.why = PWL_TENANT_FAILED;
    } else if (status >= 400 && status < 500) {
        const row_t *row = find_row(call, status, code, text);

        res.why = row->why;
        out->hint = row->hint;
    }
    if (!root && content_type)
        text = content_type;
    res.detail = apr_psprintf(pool, "status %d, %s%s%s", status, out->error,
                              text ? ": " : "", pwl_answer_text(text, pool));
    return res;
}

pwl_result_t pwl_answer_judge_start(int status, const char *content_type,
                                    const char *body, apr_size_t len,
                                    pwl_answer_t *out, apr_pool_t *pool)
{
    static const pwl_result_t good = {PWL_OK, 0, NULL};

    memset(out, 0, sizeof(*out));
    if (status >= 200 && status < 300)
        return good;
    return judge_refusal(START, status, read_object(body, len, pool),
                         content_type, out, pool);
}

/** Absent is 0; anything but a whole number that makes sense is bad. */
static int read_expires_in(const json_t *root, apr_int64_t *out)
{
    const json_t *value = json_object_get(root, "expires_in");

    *out = 0;
    if (!value)
        return 1;
    if (!json_is_integer(value))
        return 0;
    *out = json_integer_value(value);
    return *out >= 0 && *out <= TEN_YEARS;
}

pwl_result_t pwl_answer_judge_revoke(int status, const char *content_type,
                                     const char *body, apr_size_t len,
                                     pwl_answer_t *out, apr_pool_t *pool)
{
    static const pwl_result_t good = {PWL_OK, 0, NULL};

    memset(out, 0, sizeof(*out));
    if (status >= 200 && status < 300)
        return good;
    return judge_refusal(REVOKE, status, read_object(body, len, pool),
                         content_type, out, pool);
}

/** A sign-in needs an ID token, a refresh an access token. */
static const char *find_missing(const json_t *root, pwl_answer_grant_t grant,
                                pwl_answer_t *out)
{
    const char *id_token = pwl_json_string(root, "id_token");
    const char *access = pwl_json_string(root, "access_token");

    if (grant == PWL_ANSWER_REFRESH) {
        /* One that is there and no text is not taken for none. */
        if (json_object_get(root, "id_token") && (!id_token || !*id_token))
            return "id_token is no text";
        return access && *access ? NULL : "no access_token";
    }
    if (id_token && *id_token)
        return NULL;
    out->hint = HINT_SCOPE;
    return "no id_token";
}

/** @return what is wrong with a 2xx token answer, or NULL */
static const char *read_tokens(const json_t *root, pwl_answer_grant_t grant,
                               pwl_answer_t *out, apr_pool_t *pool)
{
    const char *type = pwl_json_string(root, "token_type");
    const char *missing;
    apr_int64_t expires_in;

    if (!root)
        return "no JSON object";
    if (!type || strcasecmp(type, "Bearer") != 0)
        return "token_type is not Bearer";
    missing = find_missing(root, grant, out);
    if (missing)
        return missing;
    if (!read_expires_in(root, &expires_in))
        return "expires_in makes no sense";

    out->id_token = pwl_hidden_dup(pwl_json_string(root, "id_token"), pool);
    out->access_token =
        pwl_hidden_dup(pwl_json_string(root, "access_token"), pool);
    out->refresh_token =
        pwl_hidden_dup(pwl_json_string(root, "refresh_token"), pool);
    out->scope = apr_pstrdup(pool, pwl_json_string(root, "scope"));
    out->expires_in = expires_in;
    return NULL;
}

pwl_result_t pwl_answer_judge_token(int status, const char *content_type,
                                    const char *body, apr_size_t len,
                                    pwl_answer_grant_t grant, pwl_answer_t *out,
                                    apr_pool_t *pool)
{
    static const int calls[] = {[PWL_ANSWER_OTP] = OTP,
                                [PWL_ANSWER_CODE] = CODE,
                                [PWL_ANSWER_REFRESH] = REFRESH};
    pwl_result_t res = {PWL_TENANT_NONSENSE, 0, NULL};
    const json_t *root = read_object(body, len, pool);
    const char *wrong;

    memset(out, 0, sizeof(*out));
    if (status < 200 || status >= 300)
        return judge_refusal(calls[grant], status, root, content_type, out,
                             pool);
    wrong = read_tokens(root, grant, out, pool);
    if (wrong) {
        out->error = apr_psprintf(pool, "http_%d", status);
        res.detail = apr_psprintf(pool, "status %d, %s (%s)", status, wrong,
                                  pwl_answer_text(content_type, pool));
        return res;
    }
    res.why = PWL_OK;
    return res;
}

pwl_reason_t pwl_answer_judge_callback(const char *error)
{
    size_t i;

    for (i = 0; error && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].error, error) == 0)
            return words[i].why;
    }
    return PWL_TENANT_FAILED;
}

pwl_reason_t pwl_answer_judge_link(const char *error, const char *text)
{
    size_t i = 0;

    if (!error || strcmp(error, "unauthorized") != 0)
        return pwl_answer_judge_callback(error);
    while (*link_words[i].fragment && !contains(text, link_words[i].fragment))
        i++;
    return link_words[i].why;
}

const char *pwl_answer_code(const char *error, apr_pool_t *pool)
{
    char clean[PWL_ANSWER_CODE_MAX + 1];
    apr_size_t i;

    for (i = 0; error && error[i] && i < PWL_ANSWER_CODE_MAX; i++) {
        char c = error[i];

        clean[i] = apr_isalnum(c) || strchr("._-", c) ? c : '_';
    }
    clean[i] = '\0';
    return i > 0 ? apr_pstrdup(pool, clean) : "none";
}

/** Could this word be somebody's address, as it is or percent-encoded? */
static int looks_private(const char *word, apr_size_t len)
{
    apr_size_t i;

    if (memchr(word, '@', len) || word[0] == '+')
        return 1;
    for (i = 0; i + 3 <= len; i++) {
        if (memcmp(word + i, "%40", 3) == 0)
            return 1;
    }
    return 0;
}

const char *pwl_answer_text(const char *text, apr_pool_t *pool)
{
    char clean[PWL_ANSWER_TEXT_MAX + 1];
    apr_size_t out = 0, len, i;

    /* Whole words are looked at before anything is cut: what is left of an
     * address without its '@' would no longer look like one. */
    for (text = text ? text : ""; *text && out < PWL_ANSWER_TEXT_MAX;
         text += len) {
        len = *text == ' ' ? 1 : strcspn(text, " ");
        if (looks_private(text, len)) {
            clean[out++] = '*';
            continue;
        }
        for (i = 0; i < len && out < PWL_ANSWER_TEXT_MAX; i++)
            clean[out++] = text[i] < 0x20 || text[i] > 0x7e ? '.' : text[i];
    }
    clean[out] = '\0';
    return apr_pstrdup(pool, clean);
}

/** Decimal digits and nothing else. @return -1 for other texts; numbers
 * beyond any use come back as a very large one */
static apr_int64_t read_number(const char *text)
{
    apr_int64_t value = 0;

    if (!text || !*text)
        return -1;
    for (; *text; text++) {
        if (!apr_isdigit(*text))
            return -1;
        if (value < APR_INT64_MAX / 100)
            value = value * 10 + (*text - '0');
    }
    return value;
}

/** Seconds from now, of a number of seconds or a date. @return -1 for a number
 * that is none; a date in the past is 0 */
static apr_int64_t read_reset(const char *reset, apr_time_t now)
{
    apr_int64_t until = read_number(reset);

    if (until <= EPOCH_FROM)
        return until;
    until -= apr_time_sec(now);
    return until > 0 ? until : 0;
}

apr_time_t pwl_answer_reset(const char *reset, apr_time_t now)
{
    apr_int64_t wait = read_reset(reset, now);

    if (wait < 0)
        return 0;
    if (wait > PWL_ANSWER_RESET_MAX)
        wait = PWL_ANSWER_RESET_MAX;
    return now + apr_time_from_sec(wait);
}

apr_interval_time_t pwl_answer_wait(const char *retry_after, const char *reset,
                                    apr_time_t now)
{
    apr_int64_t wait = read_number(retry_after);
    apr_time_t date;

    date = wait < 0 && retry_after ? apr_date_parse_http(retry_after) : 0;
    if (date != APR_DATE_BAD)
        wait = date > now ? apr_time_sec(date - now) : 0;
    else if (wait < 0)
        wait = read_reset(reset, now);
    if (wait < 0)
        wait = WAIT_UNTOLD;

    /* Somebody's clock may be off, theirs or ours. */
    if (wait < 1)
        wait = 1;
    if (wait > WAIT_MAX)
        wait = WAIT_MAX;
    return apr_time_from_sec(wait);
}
