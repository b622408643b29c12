/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions as bytes and as times.
 *
 *     +------+----------+-----------+------ - - -+---+------- - - -+---+
 *     | kind | name len | value len | name       | 0 | value       | 0 |
 *     | 1    | 2        | 2         |            |   |             |   |
 *     +------+----------+-----------+------ - - -+---+------- - - -+---+
 *
 * Fields stand back to back. Lengths are little endian on every machine, so
 * that a store shared by several machines holds one kind of record. The NUL
 * bytes are what lets a decoded field be used where it lies.
 *
 * What must stay true: decoding accepts exactly what encoding can make. What
 * it reads may come from a damaged file or from a store others can write, so
 * each length is compared with what is left before anything is believed.
 *
 * Times are taken apart without signed arithmetic: the difference of two
 * apr_time_t out of a damaged record need not fit into one.
 */
#include "core/session.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/b64.h"
#include "core/limits.h"
#include "core/sha256.h"

#define FIELD_HEADER 5 /* kind and the two lengths */

/* No claim of the limits below is longer than two bytes can say. */
_Static_assert(PWL_CLAIM_NAME_MAX <= 0xffff && PWL_CLAIM_VALUE_MAX <= 0xffff &&
                   PWL_NOTE_VALUE_MAX <= 0xffff,
               "lengths of a field are two bytes");
_Static_assert(PWL_B64_CHARS(PWL_SID_BYTES) == PWL_SID_CHARS,
               "an id is PWL_SID_CHARS characters");
_Static_assert(PWL_SKEY_BYTES == PWL_SHA256_BYTES, "a key is a SHA-256");

static int is_kind(int kind)
{
    return kind == PWL_FIELD_STRING || kind == PWL_FIELD_OTHER ||
           kind == PWL_FIELD_ITEM || kind == PWL_FIELD_NOTE;
}

static apr_size_t value_max(int kind)
{
    return kind == PWL_FIELD_NOTE ? PWL_NOTE_VALUE_MAX : PWL_CLAIM_VALUE_MAX;
}

static unsigned char *put_length(unsigned char *at, apr_size_t len)
{
    *at++ = (unsigned char)(len & 0xff);
    *at++ = (unsigned char)(len >> 8);
    return at;
}

pwl_reason_t pwl_session_encode(const pwl_field_t *fields, int count,
                                unsigned char *out, apr_size_t *out_len)
{
    unsigned char *at = out;

    *out_len = 0;
    if (count > PWL_SESSION_MAX_FIELDS)
        return PWL_SESSION_TOO_BIG;
    for (int i = 0; i < count; i++) {
        apr_size_t name_len = strlen(fields[i].name);
        apr_size_t value_len = strlen(fields[i].value);
        apr_size_t left = PWL_SESSION_MAX_BYTES - (apr_size_t)(at - out);

        if (name_len > PWL_CLAIM_NAME_MAX ||
            value_len > value_max(fields[i].kind))
            return PWL_SESSION_TOO_BIG;
        if (FIELD_HEADER + name_len + 1 + value_len + 1 > left)
            return PWL_SESSION_TOO_BIG;
        *at++ = (unsigned char)fields[i].kind;
        at = put_length(at, name_len);
        at = put_length(at, value_len);
        memcpy(at, fields[i].name, name_len + 1);
        at += name_len + 1;
        memcpy(at, fields[i].value, value_len + 1);
        at += value_len + 1;
    }
    *out_len = (apr_size_t)(at - out);
    return PWL_OK;
}

/* Is there a text of exactly `len` bytes and a NUL at `at`? */
static int is_text(const unsigned char *at, apr_size_t len)
{
    return memchr(at, '\0', len + 1) == at + len;
}

/* Read the field at `at`. @return the byte after it, or NULL */
static const unsigned char *
get_field(const unsigned char *at, const unsigned char *end, pwl_field_t *field)
{
    apr_size_t name_len, value_len;

    if (end - at < FIELD_HEADER || !is_kind(at[0]))
        return NULL;
    name_len = at[1] | (apr_size_t)at[2] << 8;
    value_len = at[3] | (apr_size_t)at[4] << 8;
    field->kind = (pwl_field_kind_t)at[0];
    at += FIELD_HEADER;
    if (name_len > PWL_CLAIM_NAME_MAX || value_len > value_max(field->kind) ||
        (apr_size_t)(end - at) < name_len + 1 + value_len + 1)
        return NULL;
    if (!is_text(at, name_len) || !is_text(at + name_len + 1, value_len))
        return NULL;
    field->name = (const char *)at;
    field->value = (const char *)at + name_len + 1;
    return at + name_len + 1 + value_len + 1;
}

pwl_reason_t pwl_session_decode(const unsigned char *data, apr_size_t len,
                                const pwl_field_t **fields, int *count,
                                apr_pool_t *pool)
{
    pwl_field_t found[PWL_SESSION_MAX_FIELDS];
    const unsigned char *at = data;
    int n = 0;

    *fields = NULL;
    *count = 0;
    if (len > PWL_SESSION_MAX_BYTES)
        return PWL_SESSION_DAMAGED;
    while (at < data + len) {
        if (n == PWL_SESSION_MAX_FIELDS)
            return PWL_SESSION_DAMAGED;
        at = get_field(at, data + len, &found[n]);
        if (!at)
            return PWL_SESSION_DAMAGED;
        n++;
    }
    if (n > 0)
        *fields = apr_pmemdup(pool, found, (apr_size_t)n * sizeof(found[0]));
    *count = n;
    return PWL_OK;
}

static const char *find_value(const pwl_session_t *session, const char *name,
                              int notes)
{
    for (int i = 0; i < session->field_count; i++)
        if ((session->fields[i].kind == PWL_FIELD_NOTE) == notes &&
            strcmp(session->fields[i].name, name) == 0)
            return session->fields[i].value;
    return NULL;
}

const char *pwl_session_value(const pwl_session_t *session, const char *name)
{
    return find_value(session, name, 0);
}

const char *pwl_session_note(const pwl_session_t *session, const char *name)
{
    return find_value(session, name, 1);
}

const char *pwl_session_who(const pwl_session_t *session)
{
    const char *email = pwl_session_value(session, "email");

    return email ? email : pwl_session_value(session, "phone_number");
}

int pwl_session_is_of(const pwl_session_t *session, const char *user)
{
    const char *email = pwl_session_value(session, "email");
    const char *phone = pwl_session_value(session, "phone_number");
    const char *sub = pwl_session_value(session, "sub");

    return (email && apr_cstr_casecmp(email, user) == 0) ||
           (phone && strcmp(phone, user) == 0) ||
           (sub && strcmp(sub, user) == 0);
}

/* Is it said, and so? What nobody asks for is so. */
static int is_value(const pwl_session_t *session, const char *name,
                    const char *want)
{
    const char *value = pwl_session_value(session, name);

    return !want || (value && strcmp(value, want) == 0);
}

int pwl_session_is_one_of(const pwl_session_t *session,
                          const pwl_session_whose_t *whose)
{
    return memcmp(session->realm, whose->realm, PWL_REALM_BYTES) == 0 &&
           (!whose->user || pwl_session_is_of(session, whose->user)) &&
           is_value(session, "sub", whose->sub) &&
           is_value(session, "sid", whose->sid);
}

/* Time from `start` to `now`; none if the clock went back. Unsigned, because
 * it may be more than the most an apr_time_t holds. */
static apr_uint64_t elapsed(apr_time_t start, apr_time_t now)
{
    return now > start ? (apr_uint64_t)now - (apr_uint64_t)start : 0;
}

static int is_over(apr_time_t start, apr_time_t now, apr_interval_time_t limit)
{
    return limit <= 0 || elapsed(start, now) > (apr_uint64_t)limit;
}

pwl_reason_t pwl_session_limits(const pwl_session_t *session, apr_time_t now,
                                apr_interval_time_t max,
                                apr_interval_time_t idle)
{
    if (session->expires != 0 && now >= session->expires)
        return PWL_SESSION_MAX;
    if (is_over(session->created, now, max))
        return PWL_SESSION_MAX;
    if (is_over(session->last_seen, now, idle))
        return PWL_SESSION_IDLE;
    return PWL_OK;
}

int pwl_session_touch_due(const pwl_session_t *session, apr_time_t now,
                          apr_interval_time_t idle)
{
    apr_interval_time_t wait = idle / 60;

    if (wait < apr_time_from_sec(1))
        wait = apr_time_from_sec(1);
    return elapsed(session->last_seen, now) >= (apr_uint64_t)wait;
}

pwl_reason_t pwl_session_new_id(char *sid, unsigned char *skey)
{
    unsigned char id[PWL_SID_BYTES];
    pwl_reason_t why = PWL_SEAL_FAILED; /* until there was randomness */

    sid[0] = '\0';
    memset(skey, 0, PWL_SKEY_BYTES);
    if (RAND_priv_bytes(id, sizeof(id)) != 1)
        goto out;
    pwl_b64_encode_to(sid, id, sizeof(id));
    pwl_sha256(id, sizeof(id), skey);
    why = PWL_OK;
out:
    OPENSSL_cleanse(id, sizeof(id));
    return why;
}

pwl_reason_t pwl_session_key(const char *value, apr_size_t len,
                             unsigned char *skey)
{
    unsigned char id[PWL_SID_BYTES];
    apr_size_t id_len;
    pwl_reason_t why = PWL_SESSION_FORGED; /* until proven well formed */

    if (len != PWL_SID_CHARS ||
        !pwl_b64_decode(value, len, id, sizeof(id), &id_len))
        goto out;
    pwl_sha256(id, sizeof(id), skey);
    why = PWL_OK;
out:
    OPENSSL_cleanse(id, sizeof(id));
    return why;
}
