/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a secret comes from.
 *
 * pwl_secret_check() is what `httpd -t` asks: it looks at files and runs
 * nothing. pwl_secret_read() looks again, because a file may have changed in
 * between, and a file is judged by the handle it was opened with.
 *
 *   source   -> text                -> inspect()
 *   text        the argument           not empty, at most
 *   env:        the variable           PWL_SECRET_MAX_BYTES, one line of
 *   file:       all of the file        printable characters
 *   exec:       the first line
 * */
#include "io/secret.h"

#include <apr_cstr.h>
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "core/b64.h"
#include "core/hidden.h"
#include "core/limits.h"
#include "io/program.h"

#define DEADLINE apr_time_from_sec(10)
#define LOOKED_AT (APR_FINFO_TYPE | APR_FINFO_PROT)

static pwl_result_t refused(pwl_reason_t why, apr_status_t rv,
                            const char *detail)
{
    pwl_result_t res = {why, rv, detail};

    return res;
}

static pwl_result_t good(void)
{
    return refused(PWL_OK, 0, NULL);
}

static const char *const prefixes[] = {
    [PWL_SECRET_FROM_TEXT] = "",
    [PWL_SECRET_FROM_FILE] = "file:",
    [PWL_SECRET_FROM_ENV] = "env:",
    [PWL_SECRET_FROM_EXEC] = "exec:",
};

static apr_size_t prefix_len(pwl_secret_kind_t kind)
{
    return strlen(prefixes[kind]);
}

/** Is `text` fit to be a secret? `what` names its source to the operator. */
static pwl_result_t inspect(const char *text, apr_size_t len, int lines,
                            const char *what, apr_pool_t *pool)
{
    apr_size_t i;

    if (len == 0)
        return refused(PWL_SECRET_EMPTY, 0,
                       apr_pstrcat(pool, what, " is empty", NULL));
    if (len > PWL_SECRET_MAX_BYTES)
        return refused(PWL_SECRET_TOO_LONG, 0,
                       apr_psprintf(pool, "%s is longer than %d bytes", what,
                                    PWL_SECRET_MAX_BYTES));
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (lines && (c == '\n' || c == '\r'))
            continue;
        if (c < 0x20 || c == 0x7f)
            return refused(PWL_SECRET_MALFORMED, 0,
                           apr_pstrcat(pool, what,
                                       " must be one line of text and nothing "
                                       "else",
                                       NULL));
    }
    return good();
}

/** Without one "\n" or "\r\n" at the end. */
static apr_size_t chomp(const char *text, apr_size_t len)
{
    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    return len;
}

static const char *path_of(const char *arg, const char *server_root,
                           apr_pool_t *pool)
{
    char *path;

    if (apr_filepath_merge(&path, server_root, arg, 0, pool) != APR_SUCCESS)
        return arg;
    return path;
}

/** A regular file that nobody outside owner and group may touch. */
static pwl_result_t judge_file(const apr_finfo_t *finfo, const char *path,
                               apr_pool_t *pool)
{
    if (finfo->filetype != APR_REG)
        return refused(PWL_SECRET_MISSING, 0,
                       apr_pstrcat(pool, path, " is not a regular file", NULL));
    if (finfo->protection & (APR_WREAD | APR_WWRITE))
        return refused(PWL_SECRET_READABLE, 0,
                       apr_pstrcat(pool, "anybody may read or write ", path,
                                   "; run: chmod o-rwx ", path, NULL));
    return good();
}

pwl_result_t pwl_secret_file(const char *path, apr_pool_t *pool)
{
    apr_finfo_t finfo;
    apr_status_t rv = apr_stat(&finfo, path, LOOKED_AT, pool);

    if (rv != APR_SUCCESS && rv != APR_INCOMPLETE)
        return refused(PWL_SECRET_MISSING, rv,
                       apr_pstrcat(pool, "cannot read ", path, NULL));
    return judge_file(&finfo, path, pool);
}

/** Read the whole file, if it may be. */
static pwl_result_t read_file(const char *path, char **text, apr_size_t *len,
                              apr_pool_t *pool)
{
    /* Looked at before it is opened: opening a FIFO could wait for ever. */
    pwl_result_t res = pwl_secret_file(path, pool);
    apr_file_t *file = NULL;
    apr_finfo_t finfo;

    if (res.why != PWL_OK)
        return res;
    res.rv = apr_file_open(&file, path, APR_FOPEN_READ, APR_OS_DEFAULT, pool);
    if (res.rv == APR_SUCCESS)
        res.rv = apr_file_info_get(&finfo, LOOKED_AT, file);
    if (res.rv != APR_SUCCESS) {
        res.why = PWL_SECRET_MISSING;
        res.detail = apr_pstrcat(pool, "cannot read ", path, NULL);
        goto out;
    }
    res = judge_file(&finfo, path, pool);
    if (res.why != PWL_OK)
        goto out;

    /* One more than fits with its line end, so that too long shows. */
    *text = apr_pcalloc(pool, PWL_SECRET_MAX_BYTES + 4);
    res.rv = apr_file_read_full(file, *text, PWL_SECRET_MAX_BYTES + 3, len);
    if (res.rv != APR_SUCCESS && res.rv != APR_EOF) {
        res.why = PWL_SECRET_MISSING;
        res.detail = apr_pstrcat(pool, "cannot read ", path, NULL);
        goto out;
    }
    res.rv = 0;
out:
    if (file)
        apr_file_close(file);
    return res;
}

typedef struct {
    const char *arg;
    const char *server_root;
    apr_interval_time_t deadline; /* 0: run nothing */
    int lines;                    /* may there be several? */
    apr_pool_t *pool;
} job_t;

/** Get the text and judge it. `*out` stays NULL when nothing is run. */
static pwl_result_t fetch(const job_t *job, char **out)
{
    pwl_secret_kind_t kind = pwl_secret_kind(job->arg);
    const char *rest = job->arg + prefix_len(kind);
    apr_pool_t *pool = job->pool;
    const char *what = job->arg;
    pwl_result_t res = good();
    apr_size_t len = 0;
    char *text = NULL;
    char **argv;

    switch (kind) {
    case PWL_SECRET_FROM_TEXT:
        what = "the value";
        text = apr_pstrdup(pool, rest);
        len = strlen(text);
        break;
    case PWL_SECRET_FROM_ENV:
        if (!getenv(rest))
            return refused(PWL_SECRET_MISSING, 0,
                           apr_pstrcat(pool, "no environment variable ", rest,
                                       " where httpd was started", NULL));
        text = apr_pstrdup(pool, getenv(rest));
        len = strlen(text);
        break;
    case PWL_SECRET_FROM_FILE:
        what = path_of(rest, job->server_root, pool);
        res = read_file(what, &text, &len, pool);
        break;
    case PWL_SECRET_FROM_EXEC:
        res = pwl_program_find(rest, job->server_root, &argv, pool);
        if (res.why != PWL_OK || !job->deadline)
            return res;
        what = apr_pstrcat(pool, "the first line of ", argv[0], NULL);
        res = pwl_program_first_line(argv, job->deadline, &text, &len, pool);
        break;
    }
    if (res.why == PWL_OK) {
        len = chomp(text, len);
        res = inspect(text, len, job->lines, what, pool);
    }
    if (res.why == PWL_OK) {
        text[len] = '\0';
        *out = text;
    } else if (text) {
        OPENSSL_cleanse(text, len);
    }
    return res;
}

const char *pwl_secret_slip(const char *arg)
{
    static const char ending[] = ".secret"; /* as our own pages name it */
    apr_size_t len = strlen(arg), tail = sizeof(ending) - 1;
    pwl_secret_kind_t kind;

    if (pwl_secret_kind(arg) != PWL_SECRET_FROM_TEXT)
        return NULL;
    for (kind = PWL_SECRET_FROM_EXEC; kind > PWL_SECRET_FROM_TEXT; kind--) {
        if (!apr_cstr_casecmpn(arg, prefixes[kind], prefix_len(kind)))
            return "begins with a prefix in capitals: write file:, env: or "
                   "exec: in lower case";
    }
    if (*arg == '/' || (len > tail && !strcmp(arg + len - tail, ending)))
        return "names a path where the secret itself would stand: put file: "
               "in front of it";
    return NULL;
}

pwl_secret_kind_t pwl_secret_kind(const char *arg)
{
    int kind;

    for (kind = PWL_SECRET_FROM_EXEC; kind > PWL_SECRET_FROM_TEXT; kind--) {
        if (strncmp(arg, prefixes[kind], prefix_len(kind)) == 0)
            break;
    }
    return kind;
}

pwl_result_t pwl_secret_check(const char *arg, const char *server_root,
                              apr_pool_t *pool)
{
    job_t job = {arg, server_root, 0, 0, pool};
    char *text = NULL;
    pwl_result_t res = fetch(&job, &text);

    if (text)
        OPENSSL_cleanse(text, strlen(text));
    return res;
}

pwl_result_t pwl_secret_read_within(const char *arg, const char *server_root,
                                    apr_interval_time_t deadline,
                                    const char **out, apr_pool_t *pool)
{
    job_t job = {arg, server_root, deadline, 0, pool};
    char *text = NULL;
    pwl_result_t res = fetch(&job, &text);
    char *kept;

    if (res.why != PWL_OK || !text)
        return res;
    kept = pwl_hidden_alloc(strlen(text) + 1, pool);
    strcpy(kept, text);
    OPENSSL_cleanse(text, strlen(text));
    *out = kept;
    return res;
}

pwl_result_t pwl_secret_read(const char *arg, const char *server_root,
                             const char **out, apr_pool_t *pool)
{
    return pwl_secret_read_within(arg, server_root, DEADLINE, out, pool);
}

/** A line of base64 into 32 bytes. The two alphabets differ in two
 * characters, and 32 bytes take one '=' of padding. @return true if good */
static int read_key(char *line, unsigned char *key)
{
    apr_size_t len = strlen(line), got = 0;
    char *c;

    if (len == PWL_B64_CHARS(PWL_SEAL_KEY_BYTES) + 1 && line[len - 1] == '=')
        len--;
    for (c = line; *c; c++) {
        if (*c == '+')
            *c = '-';
        if (*c == '/')
            *c = '_';
    }
    return pwl_b64_decode(line, len, key, PWL_SEAL_KEY_BYTES, &got) &&
           got == PWL_SEAL_KEY_BYTES;
}

/** @return true if `text` is one or two keys, a line each; cuts it up */
static int read_keys(char *text, pwl_seal_keys_t *out)
{
    char *rest, *line = apr_strtok(text, " \r\n", &rest);

    for (; line; line = apr_strtok(NULL, " \r\n", &rest)) {
        if (out->count == 2 || !read_key(line, out->key[out->count]))
            return 0;
        out->count++;
    }
    return out->count > 0;
}

pwl_result_t pwl_secret_seal_keys(const char *arg, const char *server_root,
                                  pwl_seal_keys_t *out, apr_pool_t *pool)
{
    static const char cure[] =
        "must be one or two lines, each 32 random bytes in base64; make one "
        "with: openssl rand -base64 32";
    job_t job = {arg, server_root, DEADLINE, 1, pool};
    char *text = NULL;
    apr_size_t len;
    pwl_result_t res;

    memset(out, 0, sizeof(*out));
    if (pwl_secret_kind(arg) == PWL_SECRET_FROM_TEXT)
        return refused(PWL_SECRET_KEY, 0,
                       "write file:PATH; the key itself must not stand in the "
                       "configuration");
    res = fetch(&job, &text);
    if (res.why != PWL_OK)
        return res;
    len = strlen(text);
    if (!read_keys(text, out))
        res =
            refused(PWL_SECRET_KEY, 0, apr_pstrcat(pool, arg, " ", cure, NULL));
    if (res.why != PWL_OK)
        OPENSSL_cleanse(out, sizeof(*out));
    OPENSSL_cleanse(text, len);
    return res;
}

pwl_result_t pwl_secret_client_key(const char *path, const char *server_root,
                                   pwl_assertion_key_t **out, apr_pool_t *pool)
{
    job_t job = {apr_pstrcat(pool, prefixes[PWL_SECRET_FROM_FILE], path, NULL),
                 server_root, 0, 1, pool};
    char *text = NULL;
    pwl_result_t res = fetch(&job, &text);

    *out = NULL;
    if (res.why != PWL_OK)
        return res;
    res = pwl_assertion_key_read(text, strlen(text), out, pool);
    if (res.why != PWL_OK)
        res.detail = apr_pstrcat(pool, path, " ", res.detail, NULL);
    OPENSSL_cleanse(text, strlen(text));
    return res;
}
