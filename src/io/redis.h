/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands to one Redis: a few kept connections of one child, one deadline for
 * everything a request asks.
 *
 * Commands and answers are put together and taken apart by hiredis; bytes
 * travel by io/wire.h. An answer may hold anything a server likes to send, up
 * to PWL_REDIS_ANSWER_MAX bytes and PWL_REDIS_LIST_MAX elements a list.
 */
#ifndef PWL_IO_REDIS_H
#define PWL_IO_REDIS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"
#include "io/wiretls.h"

typedef struct pwl_redis_t pwl_redis_t; /* of one child, shared by threads */

typedef struct {
    const char *host;
    int port;
    const pwl_wiretls_t *tls; /* NULL: none */
    const char *user;         /* NULL: the default user */
    const char *password;     /* NULL: no AUTH */
    int db;
    apr_interval_time_t timeout; /* of one pwl_redis_ask(), connecting
                                  * included */
} pwl_redis_to_t;

typedef enum {
    PWL_REDIS_NIL,
    PWL_REDIS_TEXT, /* bulk or status */
    PWL_REDIS_NUMBER,
    PWL_REDIS_LIST,
    PWL_REDIS_ERROR /* text is the server's, printable, cut to
                     * PWL_REDIS_ERROR_MAX */
} pwl_redis_kind_t;

typedef struct pwl_redis_answer_t {
    pwl_redis_kind_t kind;
    const char *text; /* TEXT, ERROR: a NUL after its last byte */
    apr_size_t len;
    long long number; /* NUMBER */
    int count;        /* LIST: of `items`; NULL ones come out as NIL */
    struct pwl_redis_answer_t *items;
} pwl_redis_answer_t;

/** One command: its name and arguments, any bytes. */
#define PWL_REDIS_ARGS_MAX 25

typedef struct {
    int count;
    const char *arg[PWL_REDIS_ARGS_MAX];
    apr_size_t len[PWL_REDIS_ARGS_MAX];
} pwl_redis_command_t;

/** Add an argument; NUL-terminated when len is 0. */
void pwl_redis_add(pwl_redis_command_t *command, const char *arg,
                   apr_size_t len);

/** A command of NUL-terminated words; the list of them ends with NULL. */
pwl_redis_command_t pwl_redis_command(const char *first, ...);

/**
 * Make the connections' keeper; connects to nothing.
 * @param to    copied; its strings stay the caller's, as long as `pool`
 * @param keep  idle connections that stay open, at most
 * @return NULL when a mutex cannot be made; connections close with `pool`
 */
pwl_redis_t *pwl_redis_make(const pwl_redis_to_t *to, int keep,
                            apr_pool_t *pool);

/**
 * Send `count` commands at once and read as many answers.
 *
 * A kept connection that turns out to be dead is replaced once, within the
 * same deadline, so commands must bear being sent twice.
 * @param answers  room for `count`; in `pool`
 * @return PWL_OK: Redis answered, be it with PWL_REDIS_ERROR;
 *         PWL_STORE_FAILED with rv (never 0) and detail: it did not, or refused
 *         the password or the database
 */
pwl_result_t pwl_redis_ask(pwl_redis_t *redis,
                           const pwl_redis_command_t *commands, int count,
                           pwl_redis_answer_t *answers, apr_pool_t *pool);

/** pwl_redis_ask(), with an error answer to any of the commands taken for a
 * failure: PWL_STORE_FAILED whose rv is 0. */
pwl_result_t pwl_redis_do(pwl_redis_t *redis,
                          const pwl_redis_command_t *commands, int count,
                          pwl_redis_answer_t *answers, apr_pool_t *pool);

/** @return a life or a time as PX and scores want it: milliseconds, 1 at least
 */
const char *pwl_redis_millis(apr_interval_time_t life, apr_pool_t *pool);

/** What to tell an operator of an error answer: one line with the cure. */
const char *pwl_redis_explain(const pwl_redis_answer_t *error);

#endif
