/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/page_problem.c: application/problem+json, read back by a JSON parser.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>
#include <stdlib.h>

#include "page_fixture.h"

static void test_problem(void)
{
    pwl_page_site_t site = site_of("Club");
    pwl_page_problem_t problem = {.title = PWL_TEXT_TITLE_LIMIT,
                                  .detail = PWL_TEXT_SEND_LIMIT,
                                  .status = 429,
                                  .reason = "flow-limit",
                                  .instance = "urn:x",
                                  .login_url = "/a/login",
                                  .request_id = "\"</script>\xff",
                                  .retry_after = apr_time_from_sec(41) + 1};
    apr_size_t len;
    const char *text = pwl_page_problem(&site, &problem, pool, &len);
    json_t *json = json_loadb(text, len, 0, NULL);

    tap_ok(json && json_object_size(json) == 9, "X11: a problem is valid JSON");
    tap_str("... its type", json_string_value(json_object_get(json, "type")),
            "about:blank");
    tap_str("... its detail in words",
            json_string_value(json_object_get(json, "detail")),
            "Too many codes were asked for. You can ask again in 42 seconds");
    tap_int("... its wait in whole seconds, rounded up",
            json_integer_value(json_object_get(json, "retry_after")), 42);
    tap_str("X1: ... its values stay values",
            json_string_value(json_object_get(json, "request_id")),
            "\"</script>\xef\xbf\xbd");
    json_decref(json);
    memset(&problem, 0, sizeof(problem));
    problem.title = PWL_TEXT_TITLE_NEEDED;
    problem.status = 401;
    text = pwl_page_problem(&site, &problem, pool, &len);
    json = json_loadb(text, len, 0, NULL);
    tap_int("... and what has no value is left out",
            (long long)json_object_size(json), 3);
    json_decref(json);
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    test_problem();
    return tap_done();
}
