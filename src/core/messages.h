/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of messages: a flat JSON object that puts the operator's words, or
 * those of a language that is not built in, over the texts of a language.
 *
 *   {"login.title": "Logga in",
 *    "code.wrong_one": "... {k} försök ...", "code.wrong_other": "..."}
 *
 * Keys are the words of core/text.h; a text that goes with a number has a form
 * for each plural category of the language, or one for all of them.
 */
#ifndef PWL_CORE_MESSAGES_H
#define PWL_CORE_MESSAGES_H

#include "core/text.h"

/**
 * Judge a file and lay it over a language, key by key.
 *
 * Refused are unknown keys and placeholders; a text that lacks a placeholder
 * English has (but the number where the form is for one number only); plural
 * forms that the language does not have, and the lack of those it has; markup,
 * control characters, texts over PWL_MESSAGES_TEXT_MAX; JSON that is not flat.
 *
 * @param json  `len` bytes, at most PWL_MESSAGES_MAX_BYTES
 * @param base  what lies beneath; untouched
 * @param out   the language with the file over it; untouched unless it is good
 * @return NULL, or one line that says which key or line is wrong, and how
 */
const char *pwl_messages_lay(const char *json, apr_size_t len,
                             const pwl_language_t *base,
                             const pwl_language_t **out, apr_pool_t *pool);

/** Which texts a language lacks: "31 texts (login.title, login.lead, ...)";
 * NULL: none. */
const char *pwl_messages_missing(const pwl_language_t *lang, apr_pool_t *pool);

#endif
