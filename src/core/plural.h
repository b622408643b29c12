/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which form a number takes in which language: the plural rules of Unicode
 * CLDR for whole numbers, for the languages built in and those a file of
 * messages is most likely to bring.
 */
#ifndef PWL_CORE_PLURAL_H
#define PWL_CORE_PLURAL_H

#include "core/text.h"

typedef pwl_plural_t (*pwl_plural_rule_t)(apr_uint64_t n);

/** The rules of the languages built in. */
pwl_plural_t pwl_plural_none(apr_uint64_t n);
pwl_plural_t pwl_plural_one(apr_uint64_t n);
pwl_plural_t pwl_plural_one_from_zero(apr_uint64_t n);
pwl_plural_t pwl_plural_polish(apr_uint64_t n);
pwl_plural_t pwl_plural_arabic(apr_uint64_t n);

/** The rule of a language; of one we do not know, that of English.
 * @param tag  BCP 47; its case and what follows the language do not matter,
 *             but for pt-PT */
pwl_plural_rule_t pwl_plural_rule(const char *tag);

/** @return how many numbers below 200 are of this category: 0 says the
 * language has none of it, 1 that its text need not show the number */
int pwl_plural_count(pwl_plural_rule_t rule, pwl_plural_t category);

/** @return CLDR's word for a category: "few" */
const char *pwl_plural_word(pwl_plural_t category);

#endif
