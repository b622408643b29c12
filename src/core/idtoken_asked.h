/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked of the tenant beyond an identity, looked for in its token. */
#ifndef PWL_CORE_IDTOKEN_ASKED_H
#define PWL_CORE_IDTOKEN_ASKED_H

#include <jansson.h>

#include "core/idtoken.h"

/**
 * Did the sign-in happen the way it was asked to: for that organization, with
 * such a policy, recently enough? A step of pwl_idtoken_claims().
 *
 * @return why: PWL_OK, PWL_JWT_ORG, PWL_JWT_ACR or PWL_JWT_AUTH_TIME
 */
pwl_result_t pwl_idtoken_asked_check(const json_t *claims,
                                     const pwl_idtoken_want_t *want);

#endif
