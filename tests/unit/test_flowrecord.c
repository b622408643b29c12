/* SPDX-License-Identifier: Apache-2.0 */
/* core/flowrecord.c: there and back again, and nothing else is taken. */
#include <string.h>

#include "core/flowrecord.h"
#include "tap.h"

static pwl_flowrecord_t a_record(void)
{
    pwl_flowrecord_t record;

    memset(&record, 0, sizeof(record));
    record.serial = 0x1122334455667788;
    record.expires = 4102444800000000;
    record.flow.state = PWL_FLOW_STATE_CHECKING;
    record.flow.sends = PWL_FLOW_SENDS;
    record.flow.tries = PWL_FLOW_TRIES;
    record.flow.joined = PWL_FLOW_JOINS;
    record.flow.flash = PWL_FLOW_SUPERSEDED;
    record.flow.answer = PWL_TENANT_WRONG_CODE;
    record.flow.began = 1;
    record.flow.sent = 2;
    record.flow.answered = -3;
    record.flow.retry_after = 4;
    record.flow.check_after = 5;
    record.flow.done = 6;
    memset(record.flow.address, 0xa1, sizeof(record.flow.address));
    memset(record.flow.last_code, 0xa2, sizeof(record.flow.last_code));
    memset(record.flow.typed, 0xa3, sizeof(record.flow.typed));
    memset(record.flow.sid, 0xa4, sizeof(record.flow.sid));
    return record;
}

static const unsigned char txn[PWL_TXN_BYTES] = "the transaction";
static const unsigned char other[PWL_TXN_BYTES] = "another of them";

static const char *decode(const unsigned char *data, apr_size_t len,
                          pwl_flowrecord_t *out)
{
    return pwl_reason_word(pwl_flowrecord_decode(data, len, txn, out));
}

/* What is taken after a change is what would be written. */
static void test_damage(const unsigned char *data, apr_size_t len)
{
    static const pwl_flowrecord_t nothing;
    unsigned char copy[PWL_FLOWRECORD_MAX_BYTES + 1];
    unsigned char again[PWL_FLOWRECORD_MAX_BYTES];
    int taken = 0, otherwise = 0, left = 0;
    pwl_flowrecord_t out;

    for (apr_size_t cut = 0; cut < len; cut++)
        taken += pwl_flowrecord_decode(data, cut, txn, &out) == PWL_OK;
    tap_int("S10: a record cut short is damage, wherever it is cut", taken, 0);
    memcpy(copy, data, len);
    copy[len] = 0;
    tap_str("S10: one longer, too", decode(copy, len + 1, &out),
            "flow-damaged");
    for (apr_size_t at = 0; at < len; at++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, data, len);
            copy[at] ^= (unsigned char)(1 << bit);
            if (pwl_flowrecord_decode(copy, len, txn, &out) != PWL_OK) {
                left += memcmp(&out, &nothing, sizeof(out)) != 0;
                continue;
            }
            taken += at < 1 + PWL_TXN_BYTES;
            otherwise += pwl_flowrecord_encode(txn, &out, again) != len ||
                         memcmp(again, copy, len) != 0;
        }
    }
    tap_int("S10: another version or another's record is damage", taken, 0);
    tap_int("S10: what is taken is what would be written", otherwise, 0);
    tap_int("S10: of what is not, nothing is left", left, 0);
}

static void test_limits(void)
{
    unsigned char data[PWL_FLOWRECORD_MAX_BYTES];
    apr_uint32_t *counts[4];
    pwl_flowrecord_t record, out;

    counts[0] = &record.flow.state;
    counts[1] = &record.flow.sends;
    counts[2] = &record.flow.tries;
    counts[3] = &record.flow.joined;
    for (int i = 0; i < 4; i++) {
        record = a_record();
        *counts[i] += i == 0 ? PWL_FLOW_STATE_COUNT : 1;
        tap_str("L15: a count that core/flow.c never comes to is damage",
                decode(data, pwl_flowrecord_encode(txn, &record, data), &out),
                "flow-damaged");
    }
    record = a_record();
    record.serial = 0;
    tap_str("S10: nor was one ever written for the zeroth time",
            decode(data, pwl_flowrecord_encode(txn, &record, data), &out),
            "flow-damaged");
}

static void test_reasons(void)
{
    unsigned char data[PWL_FLOWRECORD_MAX_BYTES];
    pwl_flowrecord_t record = a_record(), out;
    int lost = 0;

    for (int i = 0; i < PWL_REASON_COUNT; i++) {
        apr_size_t len;

        record.flow.flash = (apr_uint32_t)i;
        record.flow.answer = (apr_uint32_t)(PWL_REASON_COUNT - 1 - i);
        len = pwl_flowrecord_encode(txn, &record, data);
        lost += pwl_flowrecord_decode(data, len, txn, &out) != PWL_OK ||
                memcmp(&out, &record, sizeof(out)) != 0;
    }
    tap_int("every reason comes back", lost, 0);
}

static void test_newest(void)
{
    unsigned char data[PWL_FLOWRECORD_NEWEST_BYTES + 1], got[PWL_TXN_BYTES];
    static const unsigned char who[16] = "browser+address";
    apr_time_t when = 0;

    memset(data, 0, sizeof(data));
    pwl_flowrecord_newest_encode(who, 0x1122334455667788, txn, data);
    tap_ok(pwl_flowrecord_newest_decode(data, PWL_FLOWRECORD_NEWEST_BYTES, who,
                                        &when, got) == PWL_OK &&
               when == 0x1122334455667788 && memcmp(got, txn, 16) == 0,
           "the newest comes back");
    tap_ok(pwl_flowrecord_newest_decode(data, PWL_FLOWRECORD_NEWEST_BYTES,
                                        other, &when, got) == PWL_FLOW_DAMAGED,
           "S10: not for somebody else");
    tap_ok(
        pwl_flowrecord_newest_decode(data, PWL_FLOWRECORD_NEWEST_BYTES - 1, who,
                                     &when, got) == PWL_FLOW_DAMAGED &&
            pwl_flowrecord_newest_decode(data, PWL_FLOWRECORD_NEWEST_BYTES + 1,
                                         who, &when, got) == PWL_FLOW_DAMAGED,
        "S10: nor a byte shorter or longer");
    data[0]++;
    tap_ok(pwl_flowrecord_newest_decode(data, PWL_FLOWRECORD_NEWEST_BYTES, who,
                                        &when, got) == PWL_FLOW_DAMAGED,
           "S10: nor of another version");
}

int main(void)
{
    unsigned char data[PWL_FLOWRECORD_MAX_BYTES];
    pwl_flowrecord_t record = a_record(), out;
    apr_size_t len = pwl_flowrecord_encode(txn, &record, data);

    tap_str("decoded", decode(data, len, &out), "ok");
    tap_ok(memcmp(&record, &out, sizeof(out)) == 0,
           "and nothing is lost, not even odd times");
    tap_int("S13: little endian on every machine", data[1 + PWL_TXN_BYTES],
            0x88);
    tap_int("a reason stands there as its word",
            memcmp(data + len - 17, "tenant", 6), 0);
    tap_ok(pwl_flowrecord_decode(data, len, other, &out) == PWL_FLOW_DAMAGED,
           "S10: it is no record of another transaction");
    test_damage(data, len);
    test_limits();
    test_reasons();
    test_newest();
    return tap_done();
}
