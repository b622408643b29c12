/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a browser may be sent after signing in or out.
 *
 * The target comes from a link anybody can write, and it stands in Location
 * byte for byte. So it is judged as it is given, and as what it would become
 * if someone between us and the page decoded it once, or twice more.
 */
#ifndef PWL_CORE_RETURNTO_H
#define PWL_CORE_RETURNTO_H

#include "core/reason.h"

/**
 * Say whether the browser may be sent to `target`.
 *
 * Good is a path on this site: one leading '/', then neither '/' nor '\', nor
 * after dot segments are removed; no control byte or blank; at most
 * PWL_RETURNTO_MAX bytes of UTF-8. A query and a fragment may follow, and
 * hold what they like except control bytes (TAB, CR and LF may stand there
 * percent-encoded, text areas send them).
 *
 * @param target      as it will stand in Location: NUL-terminated, its own
 *                    percent encoding kept; NULL means none
 * @param auth0_path  our own path, beginning and ending with '/', as
 *                    "/.auth0/"; NULL if targets below it are to be allowed
 * @return PWL_OK, or why not: PWL_RETURNTO_MISSING (NULL or empty),
 *         _TOO_LONG, _NOT_LOCAL, _CONTROL, _ENCODING (bad percent or not
 *         UTF-8), _OURS (below `auth0_path`); allocates nothing
 */
pwl_reason_t pwl_returnto_check(const char *target, const char *auth0_path);

#endif
