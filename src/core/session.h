/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session as plain data, its encoding, and the limits it lives by.
 *
 * The encoding is what the store keeps: fields one after another, each of
 *
 *     kind (1 byte), name length (2), value length (2), name, NUL, value, NUL
 *
 * little endian, so that reading one is pointer arithmetic: no JSON, no
 * allocation but the array of fields.
 */
#ifndef PWL_CORE_SESSION_H
#define PWL_CORE_SESSION_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/reason.h"

#define PWL_SID_BYTES 32   /* random bytes of a session id */
#define PWL_SID_CHARS 43   /* the same as base64url, what the cookie holds */
#define PWL_SKEY_BYTES 32  /* SHA-256 of the id: what the store is keyed by */
#define PWL_REALM_BYTES 16 /* digest of the realm a session belongs to */

typedef enum {
    PWL_FIELD_STRING = 's', /* a JSON string, kept verbatim as UTF-8 */
    PWL_FIELD_OTHER = 'o',  /* number, true, false or object, as JSON text */
    PWL_FIELD_ITEM = 'i',   /* one element of an array; the fields of one
                             * array stand together under the same name */
    PWL_FIELD_NOTE = 'n'    /* no claim but a note of ours, which is never
                             * exported or matched by a rule */
} pwl_field_kind_t;

typedef struct {
    pwl_field_kind_t kind;
    const char *name;  /* claim name as in the ID token, NUL-terminated */
    const char *value; /* NUL-terminated; holds no NUL of its own */
} pwl_field_t;

typedef struct {
    unsigned char realm[PWL_REALM_BYTES];
    apr_time_t created;
    apr_time_t last_seen;
    apr_time_t expires; /* ceiling set at sign-in; 0 means none */
    int field_count;
    const pwl_field_t *fields;
} pwl_session_t;

/**
 * Encode `count` fields.
 * @param out  caller's buffer of PWL_SESSION_MAX_BYTES
 * @return PWL_OK and *out_len, or PWL_SESSION_TOO_BIG (more than
 *         PWL_SESSION_MAX_BYTES or PWL_SESSION_MAX_FIELDS, a name over
 *         PWL_CLAIM_NAME_MAX or a value over PWL_CLAIM_VALUE_MAX; a note's
 *         over PWL_NOTE_VALUE_MAX)
 */
pwl_reason_t pwl_session_encode(const pwl_field_t *fields, int count,
                                unsigned char *out, apr_size_t *out_len);

/**
 * Decode what pwl_session_encode() made; `fields` point into `data`, and are
 * NULL when there is none.
 * @return PWL_OK, or PWL_SESSION_DAMAGED for anything it would not have made
 */
pwl_reason_t pwl_session_decode(const unsigned char *data, apr_size_t len,
                                const pwl_field_t **fields, int *count,
                                apr_pool_t *pool);

/** @return value of the first claim of that name, or NULL */
const char *pwl_session_value(const pwl_session_t *session, const char *name);

/** @return what its person is known by: the e-mail address, else the phone
 * number, else NULL */
const char *pwl_session_who(const pwl_session_t *session);

/** The network a session was signed in from, as pwl_network_of() says it. */
#define PWL_NOTE_NETWORK "network"
/** Its tokens, sealed (core/tokens.h); always the last field. */
#define PWL_NOTE_TOKENS "tokens"

/** @return the note of that name, or NULL */
const char *pwl_session_note(const pwl_session_t *session, const char *name);

/**
 * Is it a session of this user?
 * @param user  an e-mail address in any case, a phone number or a `sub`
 */
int pwl_session_is_of(const pwl_session_t *session, const char *user);

/** Which sessions are meant: those of a realm that are of all that is said. */
typedef struct {
    const unsigned char *realm;
    const char *user; /* as pwl_session_is_of() takes it; NULL: anyone */
    const char *sub;  /* this `sub`, byte by byte; NULL: any */
    const char *sid;  /* at the tenant, byte by byte; NULL: any */
} pwl_session_whose_t;

/** Is the session one of those? */
int pwl_session_is_one_of(const pwl_session_t *session,
                          const pwl_session_whose_t *whose);

/**
 * May a session of these times be used at `now`?
 *
 * A time is over when now - start > limit. A clock that went back (last_seen
 * or created in the future) counts as no time passed. A limit of 0 is over at
 * once, never "no limit". At the ceiling `expires` itself it is over.
 * @return PWL_OK, PWL_SESSION_IDLE or PWL_SESSION_MAX
 */
pwl_reason_t pwl_session_limits(const pwl_session_t *session, apr_time_t now,
                                apr_interval_time_t max,
                                apr_interval_time_t idle);

/** Is last_seen old enough to be written again? True once a sixtieth of
 * `idle`, and at least a second, has passed. */
int pwl_session_touch_due(const pwl_session_t *session, apr_time_t now,
                          apr_interval_time_t idle);

/** New random id as PWL_SID_CHARS characters and NUL in `sid`, and its key.
 * @return PWL_OK, or PWL_SEAL_FAILED when the system gives no random bytes */
pwl_reason_t pwl_session_new_id(char *sid, unsigned char *skey);

/** Read a cookie value and hash it to its key.
 * @param value  need not be NUL-terminated
 * @return PWL_OK or PWL_SESSION_FORGED (not exactly PWL_SID_CHARS of
 *         base64url with zero spare bits) */
pwl_reason_t pwl_session_key(const char *value, apr_size_t len,
                             unsigned char *skey);

#endif
