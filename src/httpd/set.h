/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setters: one for each type of directive value, named in the table of
 * mod_auth0_pwless.c. A row's `info` is the offset of its field in the server
 * or directory record; the row's place (ANYWHERE or SERVER) says which.
 *
 * Each answers NULL, or a message that names the directive, quotes the value
 * and shows a good one; httpd adds file and line.
 */
#ifndef PWL_HTTPD_SET_H
#define PWL_HTTPD_SET_H

#include "httpd/conf.h"

#define PWL_SERVER RSRC_CONF
#define PWL_ANYWHERE (RSRC_CONF | OR_AUTHCFG)

const char *pwl_set_text(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_token(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_domain(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_base_url(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_path(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_place(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_url(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_file(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_secret(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_phone_country(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_phone_prefix(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_unknown(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_min_send(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_send(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_login(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_logout(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_authorize(cmd_parms *cmd, void *dir, const char *name,
                              const char *value);
const char *pwl_set_script(cmd_parms *cmd, void *dir, const char *path,
                           const char *hash);
const char *pwl_set_alg(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_theme(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_interval(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_limit(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_throttle(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_throttle_exempt(cmd_parms *cmd, void *dir,
 const char *arg);
const char *pwl_set_test_address(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_resend(cmd_parms *cmd, void *dir, int argc,
                           char *const argv[]);
const char *pwl_set_flag(cmd_parms *cmd, void *dir, int on);
const char *pwl_set_code_length(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_max_calls(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_store(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_pass(cmd_parms *cmd, void *dir, int argc,
                         char *const argv[]);
const char *pwl_set_pass_token(cmd_parms *cmd, void *dir, const char *arg);
const char *pwl_set_unauthenticated(cmd_parms *cmd, void *dir, const char *mode,
                                    const char *when);

/* For setters. */

/** Where the value goes: the record a row's offset counts in. Notes, too, where
 * the host's first directive stands, for messages of httpd/check.c. */
void *pwl_set_field(cmd_parms *cmd, void *dir);

/** "NAME: why", or NULL for NULL. */
const char *pwl_set_complain(cmd_parms *cmd, const char *why);

/** NAME: "arg" cure */
const char *pwl_set_refuse(cmd_parms *cmd, const char *arg, const char *cure);

/** A word and what it stands for; a row without a word ends the list. */
typedef struct {
    const char *word;
    int value;
} pwl_set_word_t;

/** Read one of these words, in any case of letters, or name them all. */
const char *pwl_set_word(cmd_parms *cmd, int *out, const char *arg,
                         const pwl_set_word_t *words);

#endif
