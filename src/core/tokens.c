/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session's tokens as bytes, and when to do what.
 *
 * What must stay true: opening accepts exactly what sealing can make, for the
 * session it was made for. The seal keeps strangers out, the checks of each
 * length keep our own mistakes from reading past the end.
 */
#include "core/tokens.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <string.h>

#include "core/hidden.h"
#include "core/limits.h"

#define VERSION 1
#define HEAD (1 + PWL_SKEY_BYTES + 2 * 8)
#define LENGTHS (2 * 2)

_Static_assert(PWL_TOKENS_MAX_BYTES <= 0xffff, "a length is two bytes");
/* Three bytes are four characters; nonce and tag are 28 bytes. */
_Static_assert((HEAD + LENGTHS + PWL_TOKENS_MAX_BYTES + 28 + 2) / 3 * 4 <=
                   PWL_NOTE_VALUE_MAX,
               "sealed tokens fit a note");

static unsigned char *put_time(unsigned char *at, apr_time_t time)
{
    for (int i = 0; i < 8; i++)
        *at++ = (unsigned char)((apr_uint64_t)time >> 8 * i);
    return at;
}

static apr_time_t get_time(const unsigned char *at)
{
    apr_uint64_t value = 0;

    for (int i = 7; i >= 0; i--)
        value = value << 8 | at[i];
    return (apr_time_t)value;
}

static apr_size_t length(const char *text)
{
    return text ? strlen(text) : 0;
}

/* NULL is kept as no bytes: an empty token is none. */
static unsigned char *put_text(unsigned char *at, const char *text)
{
    apr_size_t len = length(text);

    *at++ = (unsigned char)(len & 0xff);
    *at++ = (unsigned char)(len >> 8);
    if (len)
        memcpy(at, text, len);
    return at + len;
}

static const unsigned char *get_text(const unsigned char *at,
                                     const unsigned char *end,
                                     const char **text, apr_pool_t *pool)
{
    apr_size_t len;

    if (!at || end - at < 2)
        return NULL;
    len = at[0] | (apr_size_t)at[1] << 8;
    at += 2;
    /* A NUL inside would end the text sooner than its length says. */
    if ((apr_size_t)(end - at) < len || memchr(at, 0, len))
        return NULL;
    *text = len ? apr_pstrmemdup(pool, (const char *)at, len) : NULL;
    pwl_hidden_wipe_with(*text, len, pool);
    return at + len;
}

pwl_tokens_t pwl_tokens_given(const pwl_answer_t *answer,
                              const pwl_tokens_t *had, apr_time_t now)
{
    pwl_tokens_t tokens = {.got = now};

    if (answer->access_token && *answer->access_token)
        tokens.access = answer->access_token;
    if (answer->refresh_token && *answer->refresh_token)
        tokens.refresh = answer->refresh_token;
    else if (had)
        tokens.refresh = had->refresh;
    if (answer->expires_in)
        tokens.expires = now + apr_time_from_sec(answer->expires_in);
    return tokens;
}

/* RFC 6750's b64token and RFC 6749's VSCHAR: nothing that ends a header. */
static int is_visible(const char *text)
{
    for (; text && *text; text++) {
        if (*text <= 0x20 || *text > 0x7e)
            return 0;
    }
    return 1;
}

pwl_reason_t pwl_tokens_check(const pwl_tokens_t *tokens)
{
    if (length(tokens->access) + length(tokens->refresh) > PWL_TOKENS_MAX_BYTES)
        return PWL_TOKENS_TOO_BIG;
    if (!is_visible(tokens->access) || !is_visible(tokens->refresh))
        return PWL_TOKENS_MALFORMED;
    return PWL_OK;
}

const char *pwl_tokens_seal(const pwl_tokens_t *tokens,
                            const unsigned char *skey, const pwl_seal_t *seal,
                            apr_pool_t *pool)
{
    unsigned char plain[HEAD + LENGTHS + PWL_TOKENS_MAX_BYTES];
    unsigned char *at = plain;
    const char *note;

    if (pwl_tokens_check(tokens) != PWL_OK)
        return NULL;
    *at++ = VERSION;
    memcpy(at, skey, PWL_SKEY_BYTES);
    at = put_time(at + PWL_SKEY_BYTES, tokens->got);
    at = put_time(at, tokens->expires);
    at = put_text(at, tokens->access);
    at = put_text(at, tokens->refresh);
    note = pwl_seal_close(seal, plain, (apr_size_t)(at - plain), pool);
    OPENSSL_cleanse(plain, sizeof(plain));
    return note;
}

static int read_plain(const unsigned char *plain, apr_size_t len,
                      const unsigned char *skey, pwl_tokens_t *out,
                      apr_pool_t *pool)
{
    const unsigned char *end = plain + len;
    const unsigned char *at = plain + HEAD;

    if (len < HEAD || plain[0] != VERSION ||
        memcmp(plain + 1, skey, PWL_SKEY_BYTES) != 0)
        return 0;
    out->got = get_time(plain + 1 + PWL_SKEY_BYTES);
    out->expires = get_time(plain + 1 + PWL_SKEY_BYTES + 8);
    at = get_text(at, end, &out->access, pool);
    at = get_text(at, end, &out->refresh, pool);
    return at == end && pwl_tokens_check(out) == PWL_OK;
}

pwl_reason_t pwl_tokens_open(const char *note, const unsigned char *skey,
                             const pwl_seal_t *seal, pwl_tokens_t *out,
                             apr_pool_t *pool)
{
    pwl_reason_t why = PWL_TOKENS_UNREADABLE; /* until read */
    const unsigned char *plain;
    apr_size_t len;

    memset(out, 0, sizeof(*out));
    if (!note)
        return PWL_OK;
    if (pwl_seal_open(seal, note, strlen(note), &plain, &len, pool) != PWL_OK)
        return why;
    if (read_plain(plain, len, skey, out, pool))
        why = PWL_OK;
    else
        memset(out, 0, sizeof(*out));
    OPENSSL_cleanse((unsigned char *)plain, len);
    return why;
}

const char *pwl_tokens_note(const pwl_session_t *session)
{
    const pwl_field_t *last;

    if (session->field_count == 0)
        return NULL;
    last = &session->fields[session->field_count - 1];
    return last->kind == PWL_FIELD_NOTE &&
                   strcmp(last->name, PWL_NOTE_TOKENS) == 0
               ? last->value
               : NULL;
}

void pwl_tokens_put(pwl_session_t *session, const char *note, apr_pool_t *pool)
{
    int count = session->field_count - (pwl_tokens_note(session) != NULL);
    pwl_field_t *fields =
        apr_palloc(pool, ((apr_size_t)count + 1) * sizeof(*fields));

    if (count > 0)
        memcpy(fields, session->fields, (apr_size_t)count * sizeof(*fields));
    if (note)
        fields[count++] = (pwl_field_t){PWL_FIELD_NOTE, PWL_NOTE_TOKENS, note};
    session->fields = fields;
    session->field_count = count;
}

int pwl_tokens_usable(const pwl_tokens_t *tokens, apr_time_t now)
{
    return tokens->access && (!tokens->expires || now < tokens->expires);
}

int pwl_tokens_due(const pwl_tokens_t *tokens, apr_time_t now)
{
    apr_interval_time_t life = tokens->expires - tokens->got;
    apr_interval_time_t ahead = PWL_TOKENS_AHEAD;

    if (!tokens->refresh || !tokens->expires)
        return 0;
    if (now < tokens->got - PWL_TOKENS_AHEAD)
        return 1;
    if (ahead > life / 5)
        ahead = life / 5;
    return now >= tokens->expires - ahead;
}
