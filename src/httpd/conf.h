/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as httpd hands it to us: one record a virtual host, one a
 * directory. What is derived from it (keys, digests, page settings) is in
 * httpd/realm.h.
 */
#ifndef PWL_HTTPD_CONF_H
#define PWL_HTTPD_CONF_H

#include <httpd.h>

#include "core/throttle.h"
#include <http_config.h>
#include <ap_expr.h>

#include "core/redisurl.h"

#define PWL_AUTH_TYPE "Auth0Passwordless"
#define PWL_UNSET (-1)

typedef enum {
    PWL_LOGIN_FORM = 1,
    PWL_LOGIN_HOSTED,
    PWL_LOGIN_AUTH0JS,
    PWL_LOGIN_LOCK
} pwl_login_t;

typedef enum { PWL_SEND_CODE = 1, PWL_SEND_LINK } pwl_send_t;

typedef enum {
    PWL_LOGOUT_LOCAL = 1,
    PWL_LOGOUT_TENANT
} pwl_logout_t;

typedef enum {
    PWL_UNAUTH_AUTO = 1,
    PWL_UNAUTH_LOGIN,
    PWL_UNAUTH_401,
    PWL_UNAUTH_PASS
} pwl_unauth_t;

typedef enum {
    PWL_PASS_NONE = 1,
    PWL_PASS_ENV,
    PWL_PASS_HEADERS,
    PWL_PASS_BOTH
} pwl_pass_t;

typedef enum {
    PWL_PASS_TOKEN_NONE = 1,
    PWL_PASS_TOKEN_ENV,
    PWL_PASS_TOKEN_HEADERS,
    PWL_PASS_TOKEN_BOTH,
    PWL_PASS_TOKEN_BEARER
} pwl_pass_token_t;

/** A virtual host. Strings are NULL and numbers PWL_UNSET until set. */
typedef struct {
    const char *where; /* file:line of the first Auth0 directive, or NULL */
    int taken_over;    /* all but the address is the main server's record */
    const char *domain;
    const char *client_id;
    const char *client_secret; /* as written; read by httpd/realm.c */
    const char *client_key;    /* absolute path, or NULL */
    const char *connection;
    const char *phone_country;                /* "+32"; NULL: none */
    const apr_array_header_t *phone_prefixes; /* of const char *; NULL: all */
    int send;                                 /* pwl_send_t */
    int login;                                /* pwl_login_t */
    const char *script;           /* absolute path or https URL, or NULL */
    const char *script_hash;      /* what it must have, or NULL */
    const apr_table_t *authorize; /* further parameters; NULL: none */
    int unknown; /* pwl_page_unknown_t of core/page.h */
    apr_interval_time_t min_send_time; /* 0: off */
    int logout; /* pwl_logout_t */
    const char *scope;
    const char *audience;
    int alg; /* pwl_alg_t of core/jws.h */
    apr_interval_time_t skew;
    const char *path;
    const char *base_url;
    const char *seal_key; /* as written */
    /* Main server only, all three: */
    apr_int64_t store_bytes;     /* the table, or the cache of Redis */
    const char *store_file;      /* absolute path, or NULL: memory only */
    const pwl_redisurl_t *redis; /* NULL: sessions are in the table alone */
    apr_interval_time_t signin_timeout;
    const apr_array_header_t *resend; /* of apr_interval_time_t */
    pwl_throttle_limit_t throttle[PWL_THROTTLE_KINDS]; /* count UNSET: unset */
    const apr_array_header_t *throttle_exempt; /* of apr_ipsubnet_t *; NULL:
                                                * nobody */
    const char *test_address; /* tidied; NULL: none */
    int insecure_http;
    apr_interval_time_t code_lifetime;
    int code_length;
    apr_interval_time_t connect_timeout;
    apr_interval_time_t timeout;
    apr_interval_time_t start_timeout; /* of the call that sends a code; no
                                        * directive of its own */
    int max_calls;                     /* main server only */
    int forward_ip;
    const char *ca_file;
    const char *proxy;
    const char *site_name;
    const char *logo;
    const char *stylesheet;
    const char *theme;
    const char *help;
    const apr_array_header_t *languages; /* of const char *; NULL: English */
    const apr_array_header_t *messages;  /* of const pwl_language_t *, each
                                          * with its file over it; NULL: none */
    const struct pwl_realm_t *realm; /* httpd/realm.h; NULL before post_config
                                      * and where Auth0Domain is not set */
} pwl_server_conf_t;

/** A directory, location or .htaccess. */
typedef struct {
    apr_interval_time_t session_max;
    apr_interval_time_t session_idle;
    const char *remote_user;
    int pass;                              /* pwl_pass_t */
    const apr_array_header_t *pass_claims; /* of const char *; NULL: all */
    int pass_token;                        /* pwl_pass_token_t */
    int unauth;                            /* pwl_unauth_t */
    ap_expr_info_t *unauth_when;           /* NULL: always */
} pwl_dir_conf_t;

extern module AP_MODULE_DECLARE_DATA auth0_pwless_module;

void *pwl_conf_make_server(apr_pool_t *pool, server_rec *s);
void *pwl_conf_merge_server(apr_pool_t *pool, void *base, void *over);
void *pwl_conf_make_dir(apr_pool_t *pool, char *dir);
void *pwl_conf_merge_dir(apr_pool_t *pool, void *base, void *over);

/** The host's record as written, unset fields and all. */
pwl_server_conf_t *pwl_conf_server(server_rec *s);

/** Fill what is unset with the defaults of docs/directives.md. */
void pwl_conf_server_defaults(pwl_server_conf_t *conf);

/** A host without a directive of ours shares the main server's record, for
 * httpd merges nothing then. Give each one of its own without Auth0BaseURL, as
 * merging would have: their addresses must not differ by whether a line of
 * ours stands anywhere in them. Before anything is judged; twice does no harm. */
void pwl_conf_part_hosts(server_rec *main_server, apr_pool_t *pool);

/** Do so for every host; each gets a record of its own, for its realm. */
void pwl_conf_fill_defaults(server_rec *s, apr_pool_t *pool);

/** Auth0SessionMax where nobody set it */
apr_interval_time_t pwl_conf_default_max(void);

/** The request's directory record with defaults filled in, by value. */
pwl_dir_conf_t pwl_conf_dir(request_rec *r);

/** Longest session limits named anywhere in the configuration, so that no
 * session is swept while some location would still take it. Kept by
 * pwl_conf_note_limit(); .htaccess files cannot lengthen it. */
apr_interval_time_t pwl_conf_longest_max(void);
apr_interval_time_t pwl_conf_longest_idle(void);
void pwl_conf_note_limit(int is_idle, apr_interval_time_t value);
void pwl_conf_forget_limits(void);

/** Does any location of the configuration pass access tokens on? .htaccess
 * files are not known when a session is made. */
int pwl_conf_passes_tokens(void);
void pwl_conf_note_token(void);

#endif
