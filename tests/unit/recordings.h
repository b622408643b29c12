/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the recorded exchanges in ../shared/recordings (or $PWL_RECORDINGS).
 *
 * Not YAML in general: the lines of the files there, in which the request
 * stands before the answer and each value we want on a line of its own.
 */
#ifndef PWL_TESTS_RECORDINGS_H
#define PWL_TESTS_RECORDINGS_H

#include <apr_file_io.h>
#include <apr_strings.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *method, *url, *type, *body;
    const char *answer_type, *answer_body;
    int status;
} recording_t;

static const char *recordings_folder(void)
{
    const char *folder = getenv("PWL_RECORDINGS");

    return folder ? folder : "../shared/recordings";
}

/** The value behind "key: " without its quotes, if the line has that key. */
static const char *recording_value(const char *line, const char *key,
                                   apr_pool_t *pool)
{
    char *value;
    size_t len;

    line += strspn(line, " ");
    if (strncmp(line, key, strlen(key)) != 0)
        return NULL;
    value = apr_pstrdup(pool, line + strlen(key));
    len = strcspn(value, "\r\n");
    value[len] = '\0';
    if (len >= 2 && (*value == '\'' || *value == '"') &&
        value[len - 1] == *value) {
        value[len - 1] = '\0';
        value++;
    }
    return value;
}

static void recording_keep(const char **first, const char **second,
                           const char *value)
{
    if (!value)
        return;
    if (!*first)
        *first = value;
    else if (second && !*second)
        *second = value;
}

/** @return 0 if there is no such file */
static int recording_read(const char *name, recording_t *out, apr_pool_t *pool)
{
    const char *path =
        apr_psprintf(pool, "%s/%s.yaml", recordings_folder(), name);
    char line[8192];
    apr_file_t *file;
    int in_type = 0;

    memset(out, 0, sizeof(*out));
    if (apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BUFFERED, 0,
                      pool) != APR_SUCCESS)
        return 0;
    while (apr_file_gets(line, sizeof(line), file) == APR_SUCCESS) {
        const char *code = recording_value(line, "code: ", pool);

        recording_keep(&out->method, NULL,
                       recording_value(line, "method: ", pool));
        recording_keep(&out->url, NULL, recording_value(line, "url: ", pool));
        recording_keep(&out->body, &out->answer_body,
                       recording_value(line, "body: ", pool));
        if (in_type)
            recording_keep(&out->type, &out->answer_type,
                           recording_value(line, "- ", pool));
        in_type = strstr(line, "Content-Type:") != NULL;
        if (code)
            out->status = atoi(code);
    }
    apr_file_close(file);
    return out->method && out->url && out->type && out->body;
}

/** The keys of a JSON object or a form, sorted, each with its type, as one
 * text; `but` is left out. */
static const char *recording_keys(const char *body, const char *but,
                                  apr_pool_t *pool)
{
    json_t *object = json_loads(body, 0, NULL);
    const char *keys = "";
    const char *key;
    json_t *value;
    char *pair, *rest;

    if (!object) {
        object = json_object();
        for (pair = apr_strtok(apr_pstrdup(pool, body), "&", &rest); pair;
             pair = apr_strtok(NULL, "&", &rest)) {
            pair[strcspn(pair, "=")] = '\0';
            json_object_set_new(object, pair, json_string(""));
        }
    }
    json_object_del(object, but);
    /* jansson's SORT_KEYS orders what it writes, so types are values first. */
    json_object_foreach(object, key, value)
        json_object_set_new(object, key, json_integer(json_typeof(value)));
    rest = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
    keys = apr_pstrdup(pool, rest);
    free(rest);
    json_decref(object);
    return keys;
}

#endif
