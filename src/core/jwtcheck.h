/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks that ID tokens and logout tokens have in common: who made it, for
 * whom, when. Each answers for one claim (RFC 7519, section 4.1) and compares
 * with what the caller wants, never with what the token says about itself.
 *
 * Results are PWL_OK, or the reason with words for the one who set the tenant
 * up; nothing of the token's values is in them.
 */
#ifndef PWL_CORE_JWTCHECK_H
#define PWL_CORE_JWTCHECK_H

#include <apr_time.h>
#include <jansson.h>

#include "core/reason.h"

/** The member of `events` that makes a token one of logout (OpenID Connect
 * Back-Channel Logout 1.0, section 2.4). */
#define PWL_JWTCHECK_LOGOUT_EVENT                                              \
    "http://schemas.openid.net/event/backchannel-logout"

/** Is the claim a string equal to `want`? Nothing equals NULL. */
int pwl_jwtcheck_is_text(const json_t *claim, const char *want);

/** Is there a byte below 0x20, or DEL? */
int pwl_jwtcheck_has_control(const char *text);

/** PWL_JWT_ISS unless `iss` is `issuer`, byte for byte. */
pwl_result_t pwl_jwtcheck_iss(const json_t *claims, const char *issuer);

/** PWL_JWT_AUD unless `aud` is `client_id`, or a list of strings that holds
 * it. */
pwl_result_t pwl_jwtcheck_aud(const json_t *claims, const char *client_id);

/** PWL_JWT_EXP unless `exp` is a time, and not `skew` or more ago. */
pwl_result_t pwl_jwtcheck_exp(const json_t *claims, apr_time_t now,
                              apr_interval_time_t skew);

/**
 * PWL_JWT_IAT unless `iat` is a time, at most `skew` ahead and at most `age`
 * ago.
 * @param too_old  what to say of one that is older
 */
pwl_result_t pwl_jwtcheck_iat(const json_t *claims, apr_time_t now,
                              apr_interval_time_t skew, apr_interval_time_t age,
                              const char *too_old);

#endif
