/* SPDX-License-Identifier: Apache-2.0 */
#include "io/outages.h"

#include <string.h>

#include "core/sha256.h"
#include "io/breaker.h"

typedef struct {
    apr_uint64_t name;     /* of the tenant, hashed; 0: nobody's yet */
    apr_uint32_t failures; /* in a row */
    pwl_breaker_t breaker;
} outage_t;

struct pwl_outages_t {
    outage_t slot[PWL_OUTAGES_SLOTS];
};

apr_size_t pwl_outages_bytes(void)
{
    return sizeof(pwl_outages_t);
}

/* Nobody's slots become the first asker's, for good: tenants are as few as the
 * configuration names. Of more than there are slots, some share. */
static outage_t *slot_of(pwl_outages_t *outages, const char *host)
{
    unsigned char digest[PWL_SHA256_BYTES];
    apr_uint64_t name;

    pwl_sha256(host, strlen(host), digest);
    memcpy(&name, digest, sizeof(name));
    name |= 1;
    for (int i = 0; i < PWL_OUTAGES_SLOTS; i++) {
        outage_t *slot = &outages->slot[(digest[0] + i) % PWL_OUTAGES_SLOTS];
        apr_uint64_t whose = __atomic_load_n(&slot->name, __ATOMIC_RELAXED);

        if (whose == 0 &&
            __atomic_compare_exchange_n(&slot->name, &whose, name, 0,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            whose = name;
        if (whose == name)
            return slot;
    }
    return &outages->slot[digest[0] % PWL_OUTAGES_SLOTS];
}

int pwl_outages_allows(pwl_outages_t *outages, const char *host, apr_time_t now,
                       apr_interval_time_t limit)
{
    return pwl_breaker_allows(&slot_of(outages, host)->breaker, now, limit);
}

/* Did the tenant answer, and not something in front of it that could not
 * reach it? A 500 is an answer: it may be about one visitor. */
static int is_answer(pwl_reason_t why, int status)
{
    switch (why) {
    case PWL_HTTPS_RESOLVE:
    case PWL_HTTPS_CONNECT:
    case PWL_HTTPS_TLS:
    case PWL_HTTPS_TIMEOUT:
    case PWL_HTTPS_FAILED:
        return 0;
    default:
        return status < 502 || status > 504;
    }
}

int pwl_outages_note(pwl_outages_t *outages, const char *host, pwl_reason_t why,
                     int status, apr_time_t now)
{
    outage_t *slot = slot_of(outages, host);

    if (is_answer(why, status)) {
        /* Looked at first: a line all calls write would go round between the
         * processors. */
        if (__atomic_load_n(&slot->failures, __ATOMIC_RELAXED) != 0)
            __atomic_store_n(&slot->failures, 0, __ATOMIC_RELAXED);
        return pwl_breaker_good(&slot->breaker);
    }
    if (__atomic_add_fetch(&slot->failures, 1, __ATOMIC_RELAXED) <
        PWL_OUTAGES_FAILURES)
        return 0;
    return pwl_breaker_failed(&slot->breaker, now) ? -1 : 0;
}
