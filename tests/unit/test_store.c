/* SPDX-License-Identifier: Apache-2.0 */
/* The shared segment: made once, attached to again, its parts apart. */
#include "io/store.h"

#include <apr_general.h>
#include <string.h>

#include "tap.h"

static void fresh_and_again(apr_pool_t *process)
{
    apr_size_t bytes = pwl_store_min_bytes();
    unsigned char key[PWL_SEAL_KEY_BYTES];
    pwl_session_t session = {.created = 1, .last_seen = 1};
    unsigned char skey[PWL_SKEY_BYTES];
    unsigned char txn[PWL_TXN_BYTES] = {7};
    apr_pool_t *first;
    apr_pool_t *second;
    pwl_store_t *store;
    void *kept = NULL;
    pwl_result_t res;

    apr_pool_create(&first, process);
    res = pwl_store_open(bytes, &kept, process, &store, first);
    tap_str("a segment is made", pwl_reason_word(res.why), "ok");
    tap_ok(kept != NULL, "and its address kept");
    tap_ok(((apr_size_t)kept & 4095) == 0, "on a page");
    memcpy(key, store->seal_key, sizeof(key));
    memset(skey, 5, sizeof(skey));
    res = pwl_sessions_put(store->sessions, skey, &session, 1, NULL, 0);
    tap_str("a session goes in", pwl_reason_word(res.why), "ok");
    res = pwl_txns_use_once(store->txns, txn, 1, apr_time_from_sec(60));
    tap_str("a state is used", pwl_reason_word(res.why), "ok");
    apr_pool_destroy(first); /* a graceful restart ends the configuration */

    apr_pool_create(&second, process);
    res = pwl_store_open(bytes * 2, &kept, process, &store, second);
    tap_str("S17: the next configuration attaches", pwl_reason_word(res.why),
            "ok");
    tap_int("S17: the table keeps its size", (long long)store->session_bytes,
            (long long)bytes);
    tap_ok(memcmp(key, store->seal_key, sizeof(key)) == 0,
           "S17: and the key that cookies are sealed with");
    res = pwl_sessions_get(store->sessions, skey, &session, second);
    tap_str("S17: the session is still there", pwl_reason_word(res.why), "ok");
    res = pwl_txns_use_once(store->txns, txn, 1, apr_time_from_sec(60));
    tap_str("O3: and the state still used", pwl_reason_word(res.why),
            "callback-used");
    memset(kept, 0, 8);
    res = pwl_store_open(bytes, &kept, process, &store, second);
    tap_str("a segment of another version is refused", pwl_reason_word(res.why),
            "store-failed");
}

static void apart(apr_pool_t *process)
{
    pwl_store_t *one;
    pwl_store_t *two;
    void *kept_one = NULL;
    void *kept_two = NULL;

    pwl_store_open(pwl_store_min_bytes(), &kept_one, process, &one, process);
    pwl_store_open(pwl_store_min_bytes(), &kept_two, process, &two, process);
    tap_ok(memcmp(one->seal_key, two->seal_key, PWL_SEAL_KEY_BYTES) != 0,
           "each segment has a random key of its own");
}

int main(void)
{
    apr_pool_t *process;

    apr_initialize();
    apr_pool_create(&process, NULL);
    fresh_and_again(process);
    apart(process);
    apr_terminate();
    return tap_done();
}
