/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setting up where sessions are.
 *
 * post_config reads what only root may read and makes the memory the children
 * share; child_init makes connections' keepers, which must not cross a fork.
 *
 * The table is kept over a graceful restart. When Auth0SessionStore names
 * another place than before, it starts empty: what lies in it was the cache of
 * another Redis, or the only copy of sessions that the new one does not know.
 * The old table stays mapped until httpd stops, because old children use it;
 * its file, if it has one, is set aside (io/store.c).
 */
#include "httpd/place.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <arpa/inet.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <netinet/in.h>

#include "core/hidden.h"
#include "core/redisurl.h"
#include "core/sha256.h"
#include "io/fleet_throttle.h"
#include "io/fleet_txns.h"
#include "io/secret.h"

APLOG_USE_MODULE(auth0_pwless);

#define RETAINED "auth0_pwless-store"
#define KEEP_CONNECTIONS 8

/* What outlives a configuration. */
typedef struct {
    int used;
    unsigned char identity[PWL_SHA256_BYTES];
    pwl_store_kept_t store;
    pwl_follow_shared_t *shared;
} kept_t;

/* Of the current configuration, made by one thread before any child. */
static pwl_store_t *store;
static pwl_fleet_conf_t fleet_conf;
static pwl_follow_shared_t *fleet_shared; /* NULL: the table alone */
static pwl_seal_keys_t *fleet_keys;       /* in no core */
static pwl_fleet_t *fleet;                /* of this child */

static pwl_result_t make_tls(const pwl_redisurl_t *redis, pwl_wiretls_t **tls,
                             apr_pool_t *pool)
{
    *tls = NULL;
    if (!redis->tls)
        return (pwl_result_t){.why = PWL_OK};
    return pwl_wiretls_make(
        redis->ca ? ap_server_root_relative(pool, redis->ca) : NULL,
        redis->cert ? ap_server_root_relative(pool, redis->cert) : NULL, tls,
        pool);
}

const char *pwl_place_check(const pwl_server_conf_t *conf, apr_pool_t *pool)
{
    const pwl_redisurl_t *redis = conf->redis;
    pwl_wiretls_t *tls;
    pwl_result_t res;

    if (!redis)
        return NULL;
    if (!conf->seal_key)
        return "needs Auth0SealKey in the main server: machines that share "
               "sessions share a key (in ServerRoot: openssl rand -base64 32 > "
               "auth0.seal; chmod 600 auth0.seal; Auth0SealKey "
               "file:auth0.seal), the same file on each";
    res = make_tls(redis, &tls, pool);
    if (res.why != PWL_OK)
        return apr_pstrcat(pool, "cannot use TLS: ", res.detail, NULL);
    if (!redis->source)
        return NULL;
    res = pwl_secret_check(redis->source, ap_server_root, pool);
    return res.why == PWL_OK
               ? NULL
               : apr_pstrcat(pool,
                             "has a password that cannot be used: ", res.detail,
                             NULL);
}

static kept_t *kept(void)
{
    kept_t *found = ap_retained_data_get(RETAINED);

    return found ? found : ap_retained_data_create(RETAINED, sizeof(kept_t));
}

pwl_store_kept_t *pwl_place_kept(void)
{
    return &kept()->store;
}

int pwl_place_compare(const pwl_server_conf_t *conf, apr_pool_t *pool)
{
    const pwl_redisurl_t *redis = conf->redis;
    unsigned char identity[PWL_SHA256_BYTES];
    kept_t *own = kept();
    const char *place;
    int moved = 0;

    place = redis ? apr_psprintf(pool, "redis %s %d %d %s", redis->host,
                                 redis->port, redis->db, redis->prefix)
                  : "here";
    pwl_sha256(place, strlen(place), identity);
    if (own->used && memcmp(identity, own->identity, sizeof(identity)) != 0) {
        own->shared = NULL;
        moved = 1;
    }
    memcpy(own->identity, identity, sizeof(identity));
    own->used = 1;
    return moved;
}

static pwl_result_t make_shared(apr_pool_t *process)
{
    pwl_result_t res = {PWL_OK, 0, NULL};
    kept_t *own = kept();
    apr_shm_t *shm;

    if (!own->shared) {
        res.rv = apr_shm_create(&shm, pwl_follow_shared_bytes(), NULL, process);
        if (res.rv != APR_SUCCESS) {
            res.why = PWL_STORE_FAILED;
            res.detail = "shared memory";
            return res;
        }
        own->shared = apr_shm_baseaddr_get(shm);
        memset(own->shared, 0, pwl_follow_shared_bytes());
    }
    fleet_shared = own->shared;
    return res;
}

static pwl_result_t read_secrets(const pwl_server_conf_t *conf,
                                 apr_pool_t *pool)
{
    pwl_result_t res;

    fleet_keys = pwl_hidden_alloc(sizeof(*fleet_keys), pool);
    res =
        pwl_secret_seal_keys(conf->seal_key, ap_server_root, fleet_keys, pool);
    if (res.why == PWL_OK && conf->redis->source)
        res = pwl_secret_read(conf->redis->source, ap_server_root,
                              &fleet_conf.redis.password, pool);
    return res;
}

/* By no resolver's leave: "db" is a name, though hex digits make it up. */
static int is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 ||
           inet_pton(AF_INET6, host, bytes) == 1;
}

/* Does it answer? Its connections go with `temp`, before any fork. A name that
 * takes long leaves a thread (io/resolve.h), and this process may unload us at
 * the next restart: of a name the first request finds out. */
static pwl_result_t try_it(server_rec *s, apr_pool_t *temp)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    if (!is_address(fleet_conf.redis.host))
        return res;
    if (!pwl_place_child_init(temp)) {
        res.why = PWL_SEAL_FAILED;
        return res;
    }
    pwl_fleet_ready(fleet, apr_time_now(), temp);
    pwl_place_tell(s, temp);
    fleet = NULL;
    return res;
}

pwl_result_t pwl_place_open(server_rec *s, pwl_store_t *opened,
                            apr_pool_t *pool, apr_pool_t *temp)
{
    const pwl_server_conf_t *conf = pwl_conf_server(s);
    const pwl_redisurl_t *redis = conf->redis;
    pwl_wiretls_t *tls = NULL;
    pwl_result_t res = {PWL_OK, 0, NULL};

    store = opened;
    fleet_shared = NULL;
    if (!redis)
        return res;
    fleet_conf.redis.host = redis->host;
    fleet_conf.redis.port = redis->port;
    fleet_conf.redis.user = redis->user;
    fleet_conf.redis.password = redis->password;
    fleet_conf.redis.db = redis->db;
    fleet_conf.redis.timeout = redis->timeout;
    fleet_conf.prefix = redis->prefix;
    fleet_conf.grace = redis->grace;
    fleet_conf.longest = pwl_conf_longest_max();
    res = read_secrets(conf, pool);
    if (res.why == PWL_OK)
        res = make_tls(redis, &tls, pool);
    fleet_conf.redis.tls = tls;
    if (res.why == PWL_OK)
        res = make_shared(s->process->pool);
    if (res.why != PWL_OK)
        return res;
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                 "pwless: sessions are in Redis at %s:%d, database %d%s",
                 redis->host, redis->port, redis->db,
                 redis->tls ? ", over TLS" : "");
    return try_it(s, temp);
}

int pwl_place_child_init(apr_pool_t *pool)
{
    if (!store)
        return 1;
    fleet = fleet_shared
                ? pwl_fleet_remote(store->sessions, fleet_shared, &fleet_conf,
                                   fleet_keys, KEEP_CONNECTIONS, pool)
                : pwl_fleet_local(store->sessions, pool);
    if (fleet) {
        pwl_fleet_keep_txns(fleet, store->txns);
        pwl_fleet_keep_logouts(fleet, store->logouts);
        pwl_fleet_keep_throttles(fleet, store->throttles, store->known,
                                 store->seal_key);
    }
    return fleet != NULL;
}

const pwl_store_t *pwl_place_store(void)
{
    return store;
}

pwl_fleet_t *pwl_place_fleet(void)
{
    return fleet;
}

void pwl_place_tell(server_rec *s, apr_pool_t *pool)
{
    const char *detail;

    switch (pwl_fleet_tidings(fleet, &detail, pool)) {
    case -1:
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     "pwless: redis-failed, sessions known to this machine go "
                     "on for %" APR_TIME_T_FMT " s, others and sign-ins get "
                     "503: %s",
                     apr_time_sec(fleet_conf.grace), detail);
        break;
    case 1:
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s, "pwless: redis-back");
        break;
    default:
        break;
    }
}
