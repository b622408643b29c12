/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPS calls to the tenant with libcurl.
 *
 * io/handles.c keeps the handles, io/gather.c the answer; this file gives
 * handles their options and says what became of a call.
 *
 * A POST leaves at most once. libcurl (7.88, Curl_retry_request) sends a
 * request again, POST or not, when a kept connection dies before a byte of
 * the answer came. The peer may have worked on it by then: a second mail kills
 * the code of the first, a second exchange finds the code used. So:
 *
 *   - the pre-request callback counts, and stops a POST's second departure;
 *   - before a kept connection is used, its socket is asked whether there is
 *     anything to read. Idle, there is nothing: FIN, TLS close_notify (which
 *     libcurl's own check takes for life) and an answer nobody asked for all
 *     show, and a fresh connection is made in its place;
 *   - a connection idle for IDLE_SECONDS is not used again, below the 60 s
 *     after which common load balancers close theirs.
 *
 * What is left is a peer that closes in the microseconds between look and
 * send: that call fails, with `sent` set. A GET may be sent again.
 *
 * libcurl waits for its resolver thread when it gives up, for as long as the
 * system's resolver cares to; CURLOPT_QUICK_EXIT leaves the thread to end by
 * itself. There is no limit of bytes a second: a tenant that thinks for eight
 * seconds is honest, and one that drips is ended by the deadline all the same.
 */
#include "io/https.h"

#include <apr_strings.h>
#include <curl/curl.h>
#include <poll.h>

#include "core/answer.h"
#include "core/limits.h"
#include "io/gather.h"
#include "io/handles.h"
#include "io/https_policy.h"
#include "io/wire.h"

struct pwl_https_t {
    pwl_handles_t *handles;
    pwl_outages_t *outages;   /* NULL: every call is made */
    pwl_bulkhead_t *bulkhead; /* NULL: other processes do not count */
    int max_of_all;
};

/** One call while it is going on. */
typedef struct {
    const pwl_https_request_t *request;
    pwl_gather_t gather;
    int is_post;
    int departures; /* how often the request left */
    char error[CURL_ERROR_SIZE];
} call_t;

/** The request is about to leave. */
static int on_departure(void *data, char *peer, char *local, int peer_port,
                        int local_port)
{
    call_t *call = data;

    if (call->departures > 0 && call->is_post)
        return CURL_PREREQFUNC_ABORT;
    call->departures++;
    call->gather.answer->sent = 1;
    return CURL_PREREQFUNC_OK;
}

/* ---- options ---- */

/** Whole milliseconds; 0 would mean no limit to libcurl. */
static long limit_ms(apr_interval_time_t time)
{
    long ms = (long)apr_time_as_msec(time);

    return ms > 0 ? ms : 1;
}

/** Is there anything to read on the idle connection? See the essay on top. */
static int is_stale(CURL *curl)
{
    struct pollfd fd = {-1, POLLIN, 0};

    if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &fd.fd) != CURLE_OK ||
        fd.fd < 0)
        return 0;
    return poll(&fd, 1, 0) != 0;
}

static CURLcode set_request(CURL *curl, const pwl_https_options_t *options,
                            call_t *call, struct curl_slist *headers)
{
    const pwl_https_request_t *request = call->request;

    PWL_HTTPS_SET(CURLOPT_ERRORBUFFER, call->error);
    PWL_HTTPS_SET(CURLOPT_URL, request->url);
    PWL_HTTPS_SET(CURLOPT_CONNECTTIMEOUT_MS,
                  limit_ms(options->connect_timeout));
    PWL_HTTPS_SET(CURLOPT_TIMEOUT_MS, limit_ms(options->timeout));
    PWL_HTTPS_SET(CURLOPT_FRESH_CONNECT, (long)is_stale(curl));
    PWL_HTTPS_SET(CURLOPT_HTTPHEADER, headers);
    PWL_HTTPS_SET(CURLOPT_WRITEDATA, &call->gather);
    PWL_HTTPS_SET(CURLOPT_HEADERDATA, &call->gather);
    PWL_HTTPS_SET(CURLOPT_PREREQFUNCTION, on_departure);
    PWL_HTTPS_SET(CURLOPT_PREREQDATA, call);
    if (!call->is_post) {
        PWL_HTTPS_SET(CURLOPT_HTTPGET, 1L);
        return CURLE_OK;
    }
    PWL_HTTPS_SET(CURLOPT_POST, 1L);
    PWL_HTTPS_SET(CURLOPT_POSTFIELDSIZE, (long)request->body_len);
    PWL_HTTPS_SET(CURLOPT_POSTFIELDS, request->body ? request->body : "");
    return CURLE_OK;
}

/** Nothing of a call may be reached from an idle handle. */
static void unset_request(CURL *curl)
{
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, NULL);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, NULL);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, NULL);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
}

/** What a handle's connection and CA store depend on, as one text. */
static const char *key_of(const pwl_https_options_t *options, const char *url,
                          apr_pool_t *pool)
{
    apr_size_t origin = strlen("https://");

    origin += strcspn(url + origin, "/?#");
    /* No setting and no URL contains a line feed. */
    return apr_psprintf(pool, "%.*s\n%s\n%s", (int)origin, url,
                        options->ca_file ? options->ca_file : "",
                        options->proxy ? options->proxy : "");
}

/* ---- the call ---- */

static pwl_result_t failed(pwl_reason_t why, const char *detail)
{
    pwl_result_t res = {why, 0, detail};

    return res;
}

static int is_printable(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return 0;
    }
    return 1;
}

/** Could any part of the request end its line and begin another? */
static int is_well_formed(const pwl_https_request_t *request)
{
    const char *const *header;

    if (strncmp(request->url, "https://", 8) != 0)
        return 0;
    if (!is_printable(request->url) || strchr(request->url, ' '))
        return 0;
    if (request->content_type && !is_printable(request->content_type))
        return 0;
    for (header = request->headers; header && *header; header++) {
        if (!is_printable(*header))
            return 0;
    }
    return strcmp(request->method, "GET") == 0 ||
           strcmp(request->method, "POST") == 0;
}

/** @return a list to free, or NULL when memory is out */
static struct curl_slist *make_headers(const pwl_https_request_t *request,
                                       apr_pool_t *pool)
{
    const char *const *header = request->headers;
    /* Without a value libcurl leaves its own header out: no waiting for
     * 100 Continue, however long the body. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    struct curl_slist *longer = list;

    if (longer && request->content_type) {
        longer = curl_slist_append(
            list,
            apr_pstrcat(pool, "Content-Type: ", request->content_type, NULL));
    }
    for (; longer && header && *header; header++)
        longer = curl_slist_append(list, *header);
    if (longer)
        return list;
    curl_slist_free_all(list);
    return NULL;
}

static pwl_reason_t reason_of(CURLcode rv, const call_t *call)
{
    if (call->gather.too_large)
        return PWL_HTTPS_TOO_LARGE;
    switch (rv) {
    case CURLE_OK:
        return PWL_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return PWL_HTTPS_RESOLVE;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        return PWL_HTTPS_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
        return PWL_HTTPS_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        return PWL_HTTPS_TIMEOUT;
    case CURLE_FILESIZE_EXCEEDED:
        return PWL_HTTPS_TOO_LARGE;
    default:
        /* A proxy that says no to CONNECT has many codes. */
        return call->gather.answer->sent ? PWL_HTTPS_FAILED : PWL_HTTPS_CONNECT;
    }
}

/** libcurl's own sentence, without what a URL may tell after its '?'. */
static const char *detail_of(CURLcode rv, call_t *call)
{
    char *query = strchr(call->error, '?');

    if (call->gather.too_large)
        return "the answer is larger than we take";
    if (rv == CURLE_ABORTED_BY_CALLBACK && call->departures > 0)
        return "the kept connection closed before an answer came; not sent "
               "again";
    if (query)
        *query = '\0';
    return pwl_answer_text(call->error[0] ? call->error
                                          : curl_easy_strerror(rv),
                           call->gather.pool);
}

static void read_answer(CURL *curl, pwl_https_answer_t *answer)
{
    long status = 0;

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &answer->handshakes);
    answer->status = (int)status;
}

/** The call on a handle that is ours. */
static CURLcode perform(pwl_handle_t *handle,
                        const pwl_https_options_t *options, call_t *call,
                        struct curl_slist *headers)
{
    CURL *curl = handle->curl;
    CURLcode rv = CURLE_OK;

    if (handle->fresh) {
        rv = pwl_https_set_policy(curl);
        if (rv == CURLE_OK)
            rv = pwl_https_set_settings(curl, options);
        /* Still fresh, it is not kept: nobody would know its settings. */
        handle->fresh = rv != CURLE_OK;
    }
    if (rv == CURLE_OK)
        rv = set_request(curl, options, call, headers);
    if (rv == CURLE_OK)
        rv = curl_easy_perform(curl);
    read_answer(curl, call->gather.answer);
    unset_request(curl);
    return rv;
}

pwl_https_t *pwl_https_make(int max, apr_pool_t *pool)
{
    pwl_https_t *https = apr_palloc(pool, sizeof(*https));

    https->handles = pwl_handles_make(max, pool);
    https->outages = NULL;
    https->bulkhead = NULL;
    return https->handles ? https : NULL;
}

void pwl_https_guard(pwl_https_t *https, pwl_outages_t *outages)
{
    https->outages = outages;
}

void pwl_https_share(pwl_https_t *https, pwl_bulkhead_t *bulkhead, int max)
{
    https->bulkhead = bulkhead;
    https->max_of_all = max;
}

/** host[:port] of a URL that is_well_formed(). */
static const char *host_of(const char *url, apr_pool_t *pool)
{
    const char *host = strstr(url, "://") + 3;

    return apr_pstrndup(pool, host, strcspn(host, "/?#"));
}

/** Make the call on a handle that is ours, and give it back. */
static pwl_result_t talk(pwl_https_t *https, pwl_handle_t *handle,
                         const pwl_https_options_t *options, call_t *call,
                         struct curl_slist *headers)
{
    const pwl_https_answer_t *answer = call->gather.answer;
    CURLcode rv = perform(handle, options, call, headers);
    pwl_reason_t why = reason_of(rv, call);

    /* After an error libcurl has closed the connection itself; CA store and
     * TLS session are as good as before. */
    pwl_handles_give(https->handles, handle, !handle->fresh);
    if (why != PWL_OK)
        return failed(why, detail_of(rv, call));
    /* libcurl takes a connection closed in the header lines for an answer
     * without a body. */
    if (!call->gather.head_ended)
        return failed(PWL_HTTPS_FAILED, "the answer broke off");
    if (answer->status >= 300 && answer->status < 400)
        return failed(
            PWL_HTTPS_REDIRECT,
            apr_psprintf(call->gather.pool, "status %d", answer->status));
    return failed(PWL_OK, NULL);
}

/** The same, unless the tenant is known to be down. */
static pwl_result_t try_talk(pwl_https_t *https, pwl_handle_t *handle,
                             const pwl_https_options_t *options, call_t *call,
                             struct curl_slist *headers)
{
    pwl_https_answer_t *answer = call->gather.answer;
    const char *host = host_of(call->request->url, call->gather.pool);
    pwl_result_t res;

    if (!https->outages)
        return talk(https, handle, options, call, headers);
    if (!pwl_outages_allows(https->outages, host, pwl_wire_clock(),
                            options->timeout)) {
        pwl_handles_give(https->handles, handle, !handle->fresh);
        return failed(PWL_HTTPS_DOWN, "the last calls failed; one a second "
                                      "finds out whether it is back");
    }
    res = talk(https, handle, options, call, headers);
    answer->tidings = pwl_outages_note(https->outages, host, res.why,
                                       answer->status, pwl_wire_clock());
    return res;
}

pwl_result_t pwl_https_call(pwl_https_t *https,
                            const pwl_https_options_t *options,
                            const pwl_https_request_t *request,
                            pwl_https_answer_t *answer, apr_pool_t *pool)
{
    pwl_bulkhead_place_t place = {0};
    call_t call = {request, {answer, pool}};
    struct curl_slist *headers;
    pwl_handle_t *handle;
    pwl_result_t res;

    memset(answer, 0, sizeof(*answer));
    answer->body = "";
    if (!https)
        return failed(PWL_HTTPS_FAILED, "libcurl could not be set up");
    if (!is_well_formed(request))
        return failed(PWL_HTTPS_FAILED, "not a request that can be sent");
    call.is_post = strcmp(request->method, "POST") == 0;
    headers = make_headers(request, pool);
    if (!headers)
        return failed(PWL_HTTPS_FAILED, "out of memory");
    if (https->bulkhead)
        place = pwl_bulkhead_enter(https->bulkhead, https->max_of_all,
                                   pwl_wire_clock(), options->timeout);
    handle = place.at < 0
                 ? NULL
                 : pwl_handles_take(https->handles,
                                    key_of(options, request->url, pool));
    res = handle ? try_talk(https, handle, options, &call, headers)
                 : failed(PWL_HTTPS_BUSY, NULL);
    if (https->bulkhead)
        pwl_bulkhead_leave(https->bulkhead, place);
    curl_slist_free_all(headers);
    return res;
}
