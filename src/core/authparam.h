/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Further parameters of /authorize that an operator may add, and what the
 * tenant has to prove because of them.
 */
#ifndef PWL_CORE_AUTHPARAM_H
#define PWL_CORE_AUTHPARAM_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

/**
 * May the operator have this parameter?
 *
 * Names are letters, digits, '.', '-' and '_', at most PWL_AUTHPARAM_NAME_MAX;
 * none that the module sets itself, in any case of letters. Values have at
 * most PWL_AUTHPARAM_VALUE_MAX bytes, no control characters, and with the
 * parameters that OpenID Connect knows the shape it wants.
 *
 * @return NULL, or what is wrong and what to write instead
 */
const char *pwl_authparam_check(const char *name, const char *value,
                                apr_pool_t *pool);

/** What was asked for that an ID token must show. */
typedef struct {
    const char *organization;    /* org_..., or a name; NULL: none */
    const char *acr_values;      /* one of these, blanks between; NULL: none */
    apr_interval_time_t max_age; /* 0: none */
    int login;                   /* prompt has "login" */
} pwl_authparam_asked_t;

/** @param params  names and values that passed pwl_authparam_check(); NULL:
 *                 none. Nothing is copied. */
pwl_authparam_asked_t pwl_authparam_asked(const apr_table_t *params);

/** @return the name of a parameter in `params` that an ID token must prove
 * ("organization"); NULL: there is none */
const char *pwl_authparam_proved(const apr_table_t *params);

#endif
