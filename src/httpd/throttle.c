/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three buckets for each code: recipient, client network, host.
 *
 * They are asked in turn, and what was taken is put back when a later one says
 * no; so none ever gives more than it has. What is counted is known by keyed
 * digests only. The client is what httpd believes it to be (mod_remoteip), so
 * a header of its own invention changes nothing.
 */
#include "httpd/throttle.h"

#include <apr_strings.h>

#include "core/address.h"
#include "core/network.h"
#include "io/throttles.h"

/* One subscriber: an IPv4 address, an IPv6 /64. */
#define CLIENT_V4_BITS 32
#define CLIENT_V6_BITS 64
#define KNOWN_FOR apr_time_from_sec(30 * 86400)

typedef struct {
    const pwl_realm_t *realm;
    const char *recipient, *client;
    apr_pool_t *pool;
} who_t;

static who_t who_is(request_rec *r, const pwl_realm_t *realm,
                    const char *address)
{
    const char *client = pwl_network_of(r->useragent_ip, CLIENT_V4_BITS,
                                        CLIENT_V6_BITS, r->pool);
    who_t who = {realm, pwl_address_bucket(address, r->pool),
                 client ? client : "", r->pool};

    return who;
}

/* A digest of the realm and what is counted. */
static void key_of(const who_t *who, const char *label, const char *what,
                   unsigned char *key)
{
    unsigned char bytes[PWL_REALM_BYTES + 1024];
    unsigned char digest[32];
    apr_size_t len = strlen(what);

    if (len > sizeof(bytes) - PWL_REALM_BYTES)
        len = sizeof(bytes) - PWL_REALM_BYTES;
    memcpy(bytes, who->realm->id, PWL_REALM_BYTES);
    memcpy(bytes + PWL_REALM_BYTES, what, len);
    pwl_seal_derive(who->realm->store->seal_key, PWL_SEAL_KEY_BYTES, label,
                    bytes, PWL_REALM_BYTES + len, digest);
    memcpy(key, digest, PWL_THROTTLES_KEY_BYTES);
}

static const char *pair(const who_t *who)
{
    return apr_pstrcat(who->pool, who->recipient, " ", who->client, NULL);
}

/* The recipient's bucket, or the one this network has for it. */
static void address_key(const who_t *who, apr_time_t now, unsigned char *key)
{
    key_of(who, "throttle-known", pair(who), key);
    if (pwl_throttles_knows(who->realm->store->throttles, key, now))
        key_of(who, "throttle-address", pair(who), key);
    else
        key_of(who, "throttle-address", who->recipient, key);
}

pwl_result_t pwl_throttle_send(request_rec *r, const pwl_realm_t *realm,
                               const char *address, apr_interval_time_t *wait)
{
    static const pwl_reason_t reasons[PWL_THROTTLE_KINDS] = {
        PWL_THROTTLE_ADDRESS, PWL_THROTTLE_CLIENT,
        PWL_THROTTLE_SITE};
    const pwl_throttle_limit_t *limits = realm->conf->throttle;
    pwl_throttles_t *table = realm->store->throttles;
    unsigned char keys[PWL_THROTTLE_KINDS][PWL_THROTTLES_KEY_BYTES];
    pwl_result_t res = {PWL_OK, APR_SUCCESS, NULL};
    who_t who = who_is(r, realm, address);
    int i;

    address_key(&who, r->request_time, keys[PWL_THROTTLE_BY_ADDRESS]);
    key_of(&who, "throttle-client", who.client, keys[PWL_THROTTLE_BY_CLIENT]);
    key_of(&who, "throttle-site", "", keys[PWL_THROTTLE_BY_SITE]);
    for (i = 0; i < PWL_THROTTLE_KINDS; i++) {
        res = pwl_throttles_take(table, keys[i], &limits[i], r->request_time,
                                 wait);
        if (res.why == PWL_OK && *wait > 0)
            res.why = reasons[i];
        if (res.why != PWL_OK)
            break;
    }
    for (; res.why != PWL_OK && i > 0; i--)
        pwl_throttles_give_back(table, keys[i - 1], &limits[i - 1]);
    return res;
}

void pwl_throttle_signed_in(request_rec *r, const pwl_realm_t *realm,
                            const char *address)
{
    unsigned char key[PWL_THROTTLES_KEY_BYTES];
    who_t who;

    if (!address)
        return;
    who = who_is(r, realm, address);
    key_of(&who, "throttle-known", pair(&who), key);
    pwl_throttles_remember(realm->store->throttles, key, r->request_time,
                           r->request_time + KNOWN_FOR);
}
