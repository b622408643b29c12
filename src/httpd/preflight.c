/* SPDX-License-Identifier: Apache-2.0 */
/*
 * httpd itself reads the configuration, so what is checked is what will run:
 * includes, Define, virtual hosts and all. The hook runs under `httpd -t` only,
 * after every check of the configuration has passed.
 *
 * One address to mail to, and one host to look at, come by the environment,
 * since httpd has no other way in: AUTH0_CHECK_SEND_TO, AUTH0_CHECK_HOST.
 */
#include "httpd/preflight.h"

#include <apr_env.h>
#include <http_core.h>
#include <stdio.h>
#include <stdlib.h>

#include "httpd/realm.h"
#include "io/preflight.h"

#define DEFINE "AUTH0_CHECK"

static const char *environment(const char *name, apr_pool_t *pool)
{
    char *value;

    return apr_env_get(&value, name, pool) == APR_SUCCESS && *value ? value
                                                                    : NULL;
}

/* @return is it good enough to go on? */
static int show(const pwl_finding_t *found)
{
    printf("  %-5s %-11s %s\n", pwl_finding_word(found->level), found->topic,
           found->text);
    if (found->cure)
        printf("  %-5s %-11s %s\n", "", "", found->cure);
    return found->level != PWL_FINDING_BAD;
}

static int check_host(const pwl_realm_t *realm, apr_pool_t *pool)
{
    const pwl_server_conf_t *conf = realm->conf;
    pwl_preflight_t want = {
        .tenant = &realm->tenant,
        .issuer = realm->issuer,
        .callback = realm->redirect_uri,
        .callback_needed =
            conf->login != PWL_LOGIN_FORM || conf->send == PWL_SEND_LINK,
        .logout = conf->logout == PWL_LOGOUT_TENANT ? realm->logout_uri : NULL,
        .forward_ip = conf->forward_ip,
        .alg = (pwl_alg_t)conf->alg,
        .skew = conf->skew,
        .send_to = environment("AUTH0_CHECK_SEND_TO", pool),
    };
    pwl_https_t *https = pwl_https_make(1, pool);
    const apr_array_header_t *findings;
    int good = 1;

    printf("%s, tenant %s, application %s\n", realm->base_url, conf->domain,
           conf->client_id);
    if (!https) {
        printf("  FAIL  libcurl cannot be set up\n");
        return 0;
    }
    findings = pwl_preflight_run(https, &want, pool);
    for (int i = 0; i < findings->nelts; i++)
        good &= show(&APR_ARRAY_IDX(findings, i, pwl_finding_t));
    return good;
}

static int is_wanted(const pwl_realm_t *realm, const char *host)
{
    return !host || !ap_cstr_casecmp(realm->site.host, host);
}

static int check_hosts(server_rec *s, apr_pool_t *pool)
{
    const char *host = environment("AUTH0_CHECK_HOST", pool);
    int looked_at = 0;
    int good = 1;

    for (; s; s = s->next) {
        const pwl_realm_t *realm = pwl_realm_of(s);

        if (!realm || !is_wanted(realm, host))
            continue;
        looked_at = 1;
        good &= check_host(realm, pool);
    }
    if (!looked_at)
        printf("no host %s%shas an Auth0Domain\n", host ? host : "",
               host ? " " : "");
    return good && looked_at;
}

void pwl_preflight_test(apr_pool_t *pconf, server_rec *s)
{
    /* Nothing is kept, and nothing that is sealed leaves this process. */
    static const unsigned char no_key[PWL_SEAL_KEY_BYTES];
    pwl_store_t none = {.seal_key = no_key};
    server_rec *bad = s;
    pwl_result_t res;
    int good = 0;

    if (!ap_exists_config_define(DEFINE))
        return;
    pwl_conf_fill_defaults(s, pconf);
    res = pwl_realm_make_all(s, &none, &bad, pconf);
    if (res.why != PWL_OK)
        printf("%s cannot be set up: %s%s%s\n",
               bad->server_hostname ? bad->server_hostname : "the main server",
               pwl_reason_word(res.why), res.detail ? ": " : "",
               res.detail ? res.detail : "");
    else
        good = check_hosts(s, pconf);
    fflush(stdout);
    if (!good)
        exit(1);
}
