/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `httpd -t` and every start warn of: it works, and hardly as it was
 * meant.
 */
#ifndef PWL_HTTPD_ADVICE_H
#define PWL_HTTPD_ADVICE_H

#include <httpd.h>

/** Look at every host; each warning names file, line, directive and cure.
 * Values have been judged, defaults are not filled in. */
void pwl_advice_give(server_rec *main_server, apr_pool_t *pool);

#endif
