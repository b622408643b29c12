/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the languages a host offers a request is answered in: RFC 4647
 * lookup (3.4) over what the visitor asked for.
 *
 *   offered: en fr pt-BR     asked: "fr-CA, en;q=0.5"   ->  fr, told as fr-CA
 *                            asked: "pt"                ->  pt-BR
 *                            asked: "de"                ->  en, the first
 *
 * A parent keeps the weight of what was asked for: "en-GB, fr;q=0.8" is
 * English where "en" is offered. There is always an answer: a page in the
 * wrong language is of more use than none.
 */
#ifndef PWL_CORE_LANGUAGE_H
#define PWL_CORE_LANGUAGE_H

#include "core/text.h"

/** What was chosen. */
typedef struct {
    const pwl_language_t *lang; /* one of those offered */
    const char *told; /* for the tenant: its tag, or a longer one that was
                       * asked for ("fr-CA"), in canonical case */
} pwl_language_choice_t;

/** Languages built in, English first. @param i  from 0. @return NULL behind
 * the last */
const pwl_language_t *pwl_language_built_in(int i);

/** The language of this tag, letter case aside. @return NULL: none of them */
const pwl_language_t *pwl_language_find(const pwl_language_t *const *offered,
                                        int count, const char *tag);

/** Start a language that is not built in: direction, full stop and plural rule
 * by its tag; no texts, which all stay English until they are given.
 * @param tag  as pwl_locales_is_tag() takes it */
pwl_language_t *pwl_language_make(const char *tag, apr_pool_t *pool);

/**
 * Choose.
 *
 * Of Accept-Language, the first PWL_LOCALES_RANGES_MAX ranges of a header of
 * up to PWL_LANGUAGE_HEADER_MAX bytes are looked at, best weight first; what
 * is no tag or has no weight that can be read is passed over. "*" is the first
 * that is offered and was not refused by a weight of 0.
 *
 * @param count      at least 1
 * @param preferred  a tag that goes before the header, or NULL
 * @param accept     Accept-Language, any bytes, or NULL
 */
pwl_language_choice_t pwl_language_choose(const pwl_language_t *const *offered,
                                          int count, const char *preferred,
                                          const char *accept, apr_pool_t *pool);

#endif
