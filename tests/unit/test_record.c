/* SPDX-License-Identifier: Apache-2.0 */
/* core/record.c: there and back again, and nothing else is taken. */
#include <apr_general.h>

#include "core/record.h"
#include "tap.h"

static const pwl_field_t fields[] = {
    {PWL_FIELD_STRING, "sub", "auth0|1"},
    {PWL_FIELD_STRING, "email", "ann@example.org"},
    {PWL_FIELD_ITEM, "groups", "rowers"},
};

static pwl_session_t a_session(void)
{
    pwl_session_t session = {.created = 0x1122334455667788,
                             .last_seen = -1,
                             .expires = 4102444800000000,
                             .field_count = 3,
                             .fields = fields};

    memset(session.realm, 0xa5, sizeof(session.realm));
    return session;
}

static int same(const pwl_session_t *a, const pwl_session_t *b)
{
    if (memcmp(a->realm, b->realm, PWL_REALM_BYTES) != 0 ||
        a->created != b->created || a->last_seen != b->last_seen ||
        a->expires != b->expires || a->field_count != b->field_count)
        return 0;
    for (int i = 0; i < a->field_count; i++) {
        if (a->fields[i].kind != b->fields[i].kind ||
            strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
            strcmp(a->fields[i].value, b->fields[i].value) != 0)
            return 0;
    }
    return 1;
}

static void test_damage(const unsigned char *data, apr_size_t len,
                        const unsigned char *skey, apr_pool_t *pool)
{
    unsigned char copy[PWL_RECORD_MAX_BYTES];
    pwl_session_t out;
    int taken = 0;

    for (apr_size_t cut = 0; cut < len; cut++) {
        memcpy(copy, data, cut);
        /* At the end of a field the rest is a good record of fewer fields. */
        if (pwl_record_decode(copy, cut, skey, &out, pool) == PWL_OK &&
            out.field_count == 3)
            taken++;
    }
    tap_int("S10: a record cut short is not whole, wherever it is cut", taken,
            0);
    taken = 0;
    for (apr_size_t at = 0; at < 1 + PWL_SKEY_BYTES; at++) {
        memcpy(copy, data, len);
        copy[at] ^= 1;
        taken += pwl_record_decode(copy, len, skey, &out, pool) == PWL_OK;
    }
    tap_int("S10: another version or another session's key is damage", taken,
            0);
}

int main(void)
{
    unsigned char data[PWL_RECORD_MAX_BYTES], skey[PWL_SKEY_BYTES];
    static char big[PWL_CLAIM_VALUE_MAX + 1];
    pwl_field_t many[8];
    pwl_session_t session = a_session(), out;
    apr_pool_t *pool;
    apr_size_t len;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    memset(skey, 7, sizeof(skey));
    tap_int("encoded", pwl_record_encode(skey, &session, data, &len), PWL_OK);
    tap_ok(memcmp(pwl_record_key(data), skey, sizeof(skey)) == 0,
           "its key can be read off it");
    tap_int("decoded", pwl_record_decode(data, len, skey, &out, pool), PWL_OK);
    tap_ok(same(&session, &out), "and nothing is lost, not even odd times");
    tap_int("S13: little endian on every machine",
            data[1 + PWL_SKEY_BYTES + PWL_REALM_BYTES], 0x88);
    test_damage(data, len, skey, pool);

    session.field_count = 0;
    session.fields = NULL;
    pwl_record_encode(skey, &session, data, &len);
    tap_int("no fields at all: only the head", (long)len, PWL_RECORD_HEAD);
    tap_int("and back", pwl_record_decode(data, len, skey, &out, pool), PWL_OK);

    memset(big, 'x', PWL_CLAIM_VALUE_MAX);
    for (int i = 0; i < 8; i++)
        many[i] = (pwl_field_t){PWL_FIELD_STRING, "n", big};
    session.fields = many;
    session.field_count = 8;
    tap_str("S10: too much for a session",
            pwl_reason_word(pwl_record_encode(skey, &session, data, &len)),
            "session-too-big");
    tap_int("and nothing to be sent", (long)len, 0);
    return tap_done();
}
