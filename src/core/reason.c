/* SPDX-License-Identifier: Apache-2.0 */
/* The words and audiences of core/reason.h, generated from its one list. */
#include "core/reason.h"

static const struct {
    const char *word;
    pwl_audience_t audience;
} reasons[PWL_REASON_COUNT] = {
#define X(name, word, audience) [name] = {word, PWL_AUDIENCE_##audience},
    PWL_REASONS(X)
#undef X
};

const char *pwl_reason_word(pwl_reason_t why)
{
    return (unsigned)why < PWL_REASON_COUNT ? reasons[why].word : "unknown";
}

pwl_audience_t pwl_reason_audience(pwl_reason_t why)
{
    return (unsigned)why < PWL_REASON_COUNT ? reasons[why].audience
                                            : PWL_AUDIENCE_OPERATOR;
}
