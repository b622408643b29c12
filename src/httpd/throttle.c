/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets for each code: sent to a recipient, for a client network, for a host;
 * and wrong ones for a recipient.
 *
 * All are asked in one go (io/fleet_throttle.h), and none is taken from when
 * one says no; so none ever gives more than it has. The client is what httpd
 * believes it to be (mod_remoteip), so a header of its own invention changes
 * nothing.
 *
 * A client network from which the recipient has signed in is known for a
 * while, and has the two buckets of the recipient for itself: what strangers do
 * to an address does not reach who has proved to be its owner.
 */
#include "httpd/throttle.h"

#include <apr_strings.h>
#include <http_log.h>

#include "core/address.h"
#include "core/b64.h"
#include "core/network.h"
#include "httpd/place.h"
#include "io/fleet_throttle.h"

APLOG_USE_MODULE(auth0_pwless);

/* One subscriber: an IPv4 address, an IPv6 /64. */
#define CLIENT_V4_BITS 32
#define CLIENT_V6_BITS 64
#define KNOWN_FOR apr_time_from_sec(30 * 86400)

typedef struct {
    const pwl_server_conf_t *conf;
    const char *realm, *recipient, *client;
    const char *pair; /* address and client */
    apr_pool_t *pool;
} who_t;

static who_t who_is(request_rec *r, const pwl_realm_t *realm,
                    const char *address)
{
    const char *client = pwl_network_of(r->useragent_ip, CLIENT_V4_BITS,
                                        CLIENT_V6_BITS, r->pool);
    who_t who = {realm->conf,
                 pwl_b64_encode(realm->id, PWL_REALM_BYTES, r->pool),
                 pwl_address_bucket(address, r->pool),
                 client ? client : "",
                 NULL,
                 r->pool};

    /* Variants of a mailbox share a limit, and may be two people: to have
     * signed in as one says nothing of the other. */
    who.pair = apr_pstrcat(r->pool, pwl_address_key(address, r->pool), " ",
                           who.client, NULL);
    return who;
}

static const char *name_of(const who_t *who, const char *kind, const char *what)
{
    return apr_pstrcat(who->pool, kind, " ", who->realm, " ", what, NULL);
}

/* A recipient's bucket, and the one a network has for it that is known. */
static pwl_throttle_bucket_t recipients(const who_t *who, const char *kind,
                                        pwl_throttle_kind_t which)
{
    pwl_throttle_bucket_t bucket = {
        .name = name_of(who, kind, who->recipient),
        .own =
            name_of(who, apr_pstrcat(who->pool, kind, "-own", NULL), who->pair),
        .limit = who->conf->throttle[which]};

    return bucket;
}

static int is_exempt(request_rec *r, const pwl_server_conf_t *conf)
{
    for (int i = 0; conf->throttle_exempt && i < conf->throttle_exempt->nelts;
         i++) {
        if (apr_ipsubnet_test(
                APR_ARRAY_IDX(conf->throttle_exempt, i, apr_ipsubnet_t *),
                r->useragent_addr))
            return 1;
    }
    return 0;
}

static pwl_result_t take(request_rec *r, const who_t *who,
                         pwl_throttle_ask_t *ask, pwl_throttle_told_t *told)
{
    pwl_result_t res;

    ask->known = name_of(who, "known", who->pair);
    res = pwl_fleet_throttle_take(pwl_place_fleet(), ask, apr_time_now(), told,
                                  r->pool);
    pwl_place_tell(r->server, r->pool);
    if (told->detail)
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "pwless: Auth0Throttle counts on this machine alone: %s",
                      told->detail);
    return res;
}

pwl_result_t pwl_throttle_send(request_rec *r, const pwl_realm_t *realm,
                               const char *address, apr_interval_time_t *wait)
{
    static const pwl_reason_t reasons[PWL_THROTTLE_KINDS] = {
        PWL_THROTTLE_ADDRESS, PWL_THROTTLE_CLIENT, PWL_THROTTLE_SITE,
        PWL_THROTTLE_WRONG};
    const pwl_throttle_limit_t *limits = realm->conf->throttle;
    who_t who = who_is(r, realm, address);
    pwl_throttle_ask_t ask = {.count = PWL_THROTTLE_KINDS};
    pwl_throttle_told_t told;
    pwl_result_t res;

    ask.bucket[PWL_THROTTLE_BY_ADDRESS] =
        recipients(&who, "address", PWL_THROTTLE_BY_ADDRESS);
    ask.bucket[PWL_THROTTLE_BY_CLIENT].name =
        name_of(&who, "client", who.client);
    if (!is_exempt(r, realm->conf))
        ask.bucket[PWL_THROTTLE_BY_CLIENT].limit =
            limits[PWL_THROTTLE_BY_CLIENT];
    ask.bucket[PWL_THROTTLE_BY_SITE].name = name_of(&who, "site", "");
    ask.bucket[PWL_THROTTLE_BY_SITE].limit = limits[PWL_THROTTLE_BY_SITE];
    /* Nobody is sent a code that would not be checked. */
    ask.bucket[PWL_THROTTLE_BY_WRONG] =
        recipients(&who, "wrong", PWL_THROTTLE_BY_WRONG);
    ask.bucket[PWL_THROTTLE_BY_WRONG].look = 1;
    res = take(r, &who, &ask, &told);
    *wait = told.wait;
    if (res.why == PWL_OK && told.which >= 0)
        res.why = reasons[told.which];
    return res;
}

pwl_result_t pwl_throttle_try(request_rec *r, const pwl_realm_t *realm,
                              const char *address, pwl_throttle_try_t *taken,
                              apr_interval_time_t *wait)
{
    who_t who = who_is(r, realm, address);
    pwl_throttle_ask_t *ask = &taken->ask;
    pwl_result_t res;

    ask->count = 1;
    ask->bucket[0] = recipients(&who, "wrong", PWL_THROTTLE_BY_WRONG);
    res = take(r, &who, ask, &taken->told);
    *wait = taken->told.wait;
    if (res.why == PWL_OK && taken->told.which >= 0)
        res.why = PWL_THROTTLE_WRONG;
    return res;
}

void pwl_throttle_not_wrong(request_rec *r, const pwl_throttle_try_t *taken)
{
    pwl_fleet_throttle_give_back(pwl_place_fleet(), &taken->ask, &taken->told,
                                 apr_time_now(), r->pool);
}

void pwl_throttle_signed_in(request_rec *r, const pwl_realm_t *realm,
                            const char *address)
{
    who_t who;

    if (!address)
        return;
    who = who_is(r, realm, address);
    pwl_fleet_throttle_remember(pwl_place_fleet(),
                                name_of(&who, "known", who.pair), KNOWN_FOR,
                                apr_time_now(), r->pool);
}
