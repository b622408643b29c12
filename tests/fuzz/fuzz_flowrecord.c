/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as the record of a sign-in in Redis, or as the pointer to the newest,
 * as if somebody had sealed them. What is taken for a transaction's names that
 * transaction, counts no further than core/flow.h does, and is what would be
 * written again, byte by byte.
 */
#include "target.h"

#include "core/flowrecord.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char other[PWL_TXN_BYTES] = {0xff, 1};
    unsigned char again[PWL_FLOWRECORD_MAX_BYTES];
    unsigned char txn[PWL_TXN_BYTES] = {0}, newest[PWL_TXN_BYTES];
    pwl_flowrecord_t record;
    apr_time_t when;

    if (size > PWL_TXN_BYTES)
        memcpy(txn, data + 1, sizeof(txn));
    if (pwl_flowrecord_decode(data, size, txn, &record) == PWL_OK) {
        PROMISE(size >= PWL_FLOWRECORD_HEAD && size <= sizeof(again));
        PROMISE(record.flow.state < PWL_FLOW_STATE_COUNT);
        PROMISE(record.flow.tries <= PWL_FLOW_TRIES);
        PROMISE(record.flow.sends <= PWL_FLOW_SENDS);
        PROMISE(record.flow.flash < PWL_REASON_COUNT);
        PROMISE(pwl_flowrecord_encode(txn, &record, again) == size);
        PROMISE(memcmp(again, data, size) == 0);
    }
    if (memcmp(txn, other, sizeof(txn)) != 0)
        PROMISE(pwl_flowrecord_decode(data, size, other, &record) ==
                    PWL_FLOW_DAMAGED &&
                record.flow.state == PWL_FLOW_STATE_NONE);
    if (pwl_flowrecord_newest_decode(data, size, txn, &when, newest) ==
        PWL_OK) {
        PROMISE(size == PWL_FLOWRECORD_NEWEST_BYTES);
        pwl_flowrecord_newest_encode(txn, when, newest, again);
        PROMISE(memcmp(again, data, size) == 0);
    }
    return 0;
}
