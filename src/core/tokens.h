/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of a session: the tenant's access token, when it is over, and the
 * refresh token that gets another. Kept as one note of the session, sealed:
 *
 *     version (1) | key of the session (32) | got (8) | expires (8) |
 *     access length (2) | access | refresh length (2) | refresh
 *
 * numbers little endian. The seal is the realm's; the key inside tells that a
 * note was not put into another session. Whose tokens they are, and what they
 * say, is the tenant's and the application's business: nobody here looks in.
 *
 *     got                      due                expires
 *      |--------- usable -------+------ usable ------|------ of no use
 *      |                        '-- to be refreshed -----------------------
 */
#ifndef PWL_CORE_TOKENS_H
#define PWL_CORE_TOKENS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/answer.h"
#include "core/seal.h"
#include "core/session.h"

/** Purpose of the seal that closes them. */
#define PWL_TOKENS_PURPOSE "tokens"

/** A refresh is due so long before the access token is over, or after four
 * fifths of its life if that is later. */
#define PWL_TOKENS_AHEAD apr_time_from_sec(60)

typedef struct {
    const char *access;  /* NULL: none, or none that could be kept */
    const char *refresh; /* NULL: the tenant gave none */
    apr_time_t got;      /* when the access token came */
    apr_time_t expires;  /* when it is over; 0: the tenant did not say */
} pwl_tokens_t;

/**
 * What a token answer gives.
 * @param had  what a refresh was asked with: its refresh token stays when the
 *             answer brings none; NULL at a sign-in
 * @param now  when the answer came
 */
pwl_tokens_t pwl_tokens_given(const pwl_answer_t *answer,
                              const pwl_tokens_t *had, apr_time_t now);

/**
 * May they be kept? Every byte must be one that can stand in a header and an
 * environment variable, and all of them must fit PWL_TOKENS_MAX_BYTES.
 * @return PWL_OK, PWL_TOKENS_TOO_BIG or PWL_TOKENS_MALFORMED
 */
pwl_reason_t pwl_tokens_check(const pwl_tokens_t *tokens);

/**
 * Seal them for the session of that key.
 * @return the note's text in `pool`; NULL when they may not be kept, or
 *         libcrypto fails
 */
const char *pwl_tokens_seal(const pwl_tokens_t *tokens,
                            const unsigned char *skey, const pwl_seal_t *seal,
                            apr_pool_t *pool);

/**
 * Open what pwl_tokens_seal() made.
 * @param note  NULL-terminated; NULL: the session has none
 * @param out   empty unless PWL_OK with a note; in `pool`
 * @return PWL_OK; PWL_TOKENS_UNREADABLE: sealed with another key, or for
 *         another session, or by nobody
 */
pwl_reason_t pwl_tokens_open(const char *note, const unsigned char *skey,
                             const pwl_seal_t *seal, pwl_tokens_t *out,
                             apr_pool_t *pool);

/** The note of a session that holds its tokens, or NULL. Costs one comparison:
 * it is the last field or there is none. */
const char *pwl_tokens_note(const pwl_session_t *session);

/** The fields of a session with another note, or without one (NULL). The note
 * comes last. */
void pwl_tokens_put(pwl_session_t *session, const char *note, apr_pool_t *pool);

/** Can the access token be passed on? */
int pwl_tokens_usable(const pwl_tokens_t *tokens, apr_time_t now);

/** Is it time to get another? Never without a refresh token, and not when the
 * tenant did not say how long it lives. A clock that went back makes it due:
 * nobody can tell how old it is. */
int pwl_tokens_due(const pwl_tokens_t *tokens, apr_time_t now);

#endif
