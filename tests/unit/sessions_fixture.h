/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session tables to test with: memory that forked processes share, and users
 * whose sessions can be told apart in every field.
 *
 * What a user's session holds follows from a number and a version, so a reader
 * can tell without asking whether it was shown the right one, and whole.
 */
#ifndef PWL_TESTS_SESSIONS_FIXTURE_H
#define PWL_TESTS_SESSIONS_FIXTURE_H

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "core/limits.h"
#include "core/sha256.h"
#include "io/sessions.h"
#include "tap.h"

#define SEC(n) ((apr_time_t)(n)*APR_USEC_PER_SEC)
#define NOW SEC(1700000000)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline void *fixture_map(apr_size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (base == MAP_FAILED)
        abort();
    return base;
}

static inline pwl_sessions_t *fixture_table(apr_size_t bytes, apr_pool_t *pool)
{
    pwl_sessions_t *table;

    if (pwl_sessions_format(fixture_map(bytes), bytes, &table, pool).why !=
        PWL_OK)
        abort();
    return table;
}

static inline void fixture_key(unsigned int user, unsigned char *skey)
{
    pwl_sha256(&user, sizeof(user), skey);
}

/* Texts of a user: a name with number and version, then fields that grow with
 * both, so that records of all sizes take each other's blocks. */
typedef struct {
    char sub[32], filling[1600];
    pwl_field_t fields[4];
    unsigned char data[PWL_SESSION_MAX_BYTES];
    apr_size_t len;
} fixture_user_t;

static inline void fixture_fill(fixture_user_t *it, unsigned int user,
                                unsigned int version)
{
    unsigned int seed = user * 2654435761u + version * 40503u;
    apr_size_t size = seed % 7 == 0 ? seed % 1500 : seed % 300;

    snprintf(it->sub, sizeof(it->sub), "user-%u-%u", user, version);
    memset(it->filling, 'a' + (int)(seed % 26), size);
    it->filling[size] = '\0';
    it->fields[0] = (pwl_field_t){PWL_FIELD_STRING, "sub", it->sub};
    it->fields[1] = (pwl_field_t){PWL_FIELD_STRING, "email", it->sub};
    it->fields[2] = (pwl_field_t){PWL_FIELD_STRING, "filling", it->filling};
    it->fields[3] = (pwl_field_t){PWL_FIELD_OTHER, "sub2", it->sub};
}

static inline pwl_reason_t fixture_write(pwl_sessions_t *table,
                                         unsigned int user,
                                         unsigned int version, apr_time_t now,
                                         apr_time_t hint, int anew)
{
    fixture_user_t it;
    pwl_session_t meta = {{0}};
    unsigned char skey[PWL_SKEY_BYTES];

    fixture_fill(&it, user, version);
    if (pwl_session_encode(it.fields, 4, it.data, &it.len) != PWL_OK)
        abort();
    memset(meta.realm, (int)(user & 0xff), sizeof(meta.realm));
    meta.created = NOW + user;
    meta.last_seen = now;
    meta.expires = NOW + SEC(1) + version;
    fixture_key(user, skey);
    return anew
               ? pwl_sessions_replace(table, skey, &meta, hint, it.data, it.len)
                     .why
               : pwl_sessions_put(table, skey, &meta, hint, it.data, it.len)
                     .why;
}

static inline pwl_reason_t fixture_put(pwl_sessions_t *table, unsigned int user,
                                       unsigned int version, apr_time_t now,
                                       apr_time_t hint)
{
    return fixture_write(table, user, version, now, hint, 0);
}

static inline pwl_reason_t fixture_replace(pwl_sessions_t *table,
                                           unsigned int user,
                                           unsigned int version, apr_time_t now,
                                           apr_time_t hint)
{
    return fixture_write(table, user, version, now, hint, 1);
}

/* Is that the session of this user and version, in each byte? */
static inline int fixture_is(const pwl_session_t *session, unsigned int user,
                             unsigned int version)
{
    fixture_user_t it;

    fixture_fill(&it, user, version);
    if (session->created != NOW + user ||
        session->expires != NOW + SEC(1) + version ||
        session->realm[0] != (user & 0xff) ||
        session->realm[15] != (user & 0xff) || session->field_count != 4)
        return 0;
    for (int i = 0; i < 4; i++)
        if (session->fields[i].kind != it.fields[i].kind ||
            strcmp(session->fields[i].name, it.fields[i].name) != 0 ||
            strcmp(session->fields[i].value, it.fields[i].value) != 0)
            return 0;
    return 1;
}

static inline pwl_reason_t fixture_get(pwl_sessions_t *table, unsigned int user,
                                       pwl_session_t *out, apr_pool_t *pool)
{
    unsigned char skey[PWL_SKEY_BYTES];

    fixture_key(user, skey);
    return pwl_sessions_get(table, skey, out, pool).why;
}

static inline pwl_reason_t fixture_remove(pwl_sessions_t *table,
                                          unsigned int user)
{
    unsigned char skey[PWL_SKEY_BYTES];

    fixture_key(user, skey);
    return pwl_sessions_remove(table, skey).why;
}

/* Is the session of this user there, and its own? */
static inline int fixture_has(pwl_sessions_t *table, unsigned int user,
                              unsigned int version, apr_pool_t *pool)
{
    pwl_session_t session;

    return fixture_get(table, user, &session, pool) == PWL_OK &&
           fixture_is(&session, user, version);
}

static inline void fixture_check(pwl_sessions_t *table, const char *sentence)
{
    const char *what = NULL;

    pwl_sessions_check(table, &what);
    tap_str(sentence, what, NULL);
}

#endif
