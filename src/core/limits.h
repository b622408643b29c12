/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every limit on bytes and counts that come from outside, by name.
 *
 * Each is tested at the limit and one past it. docs/limits.md lists them; a
 * script compares the two. Times that an operator sets are directives, not
 * limits.
 */
#ifndef PWL_CORE_LIMITS_H
#define PWL_CORE_LIMITS_H

/* Forms and queries (core/form.c). */
#define PWL_FORM_MAX_BYTES 16384   /* body of a POST to our own URLs */
#define PWL_QUERY_MAX_BYTES 8190   /* httpd's own LimitRequestLine */
#define PWL_FORM_MAX_FIELDS 32     /* name=value pairs */

/* What visitors type. */
#define PWL_ADDRESS_MAX 254        /* bytes of an e-mail address, RFC 5321 */
#define PWL_ADDRESS_INPUT_MAX 1024 /* bytes typed, before tidying */
#define PWL_PHONE_MIN_DIGITS 7     /* of a telephone number, country code too */
#define PWL_PHONE_MAX_DIGITS 15    /* E.164 */
#define PWL_OTP_INPUT_MAX 1024     /* bytes typed, before tidying */
#define PWL_OTP_MAX_DIGITS 12

/* Return targets (core/returnto.c). */
#define PWL_RETURNTO_MAX 2048

/* Sealed values (core/seal.c, core/token.c, core/pending.c). */
#define PWL_SEAL_MAX_BYTES 65536   /* plain bytes of one sealed value */
#define PWL_TOKEN_MAX 4096         /* characters of a form token */
#define PWL_PENDING_MAX 512        /* characters of the pending cookie */

/* Cookie header (core/cookie.c). */
#define PWL_COOKIE_MAX_VALUES 8    /* cookies of one name that are looked at */

/* Tokens and keys (core/jws.c, core/jwks.c). */
#define PWL_JWT_MAX_BYTES 65536
#define PWL_JWT_KID_MAX 128
#define PWL_JWT_SUB_MAX 255        /* OpenID Connect Core 2 */
#define PWL_JWT_IAT_MAX_AGE 86400  /* seconds since an ID token was issued */
#define PWL_LOGOUT_MAX_AGE 300     /* seconds since a logout token was issued */
#define PWL_LOGOUT_ID_MAX 255      /* bytes of its sid and of its jti */
#define PWL_JWKS_MAX_KEYS 16
#define PWL_JWKS_KEEP_BYTES 8192   /* the key set as kept in shared memory */
#define PWL_RSA_MIN_BITS 2048
#define PWL_RSA_MAX_BITS 8192
#define PWL_JSON_MAX_DEPTH 32

/* Answers of the tenant (io/https.c). */
#define PWL_ANSWER_MAX_BYTES 131072   /* body, after decompression */
#define PWL_ANSWER_HEADER_BYTES 65536 /* all header lines together */
#define PWL_ANSWER_VALUE_MAX 128      /* characters of a header value kept */
#define PWL_ANSWER_REQUEST_ID_MAX 64
#define PWL_ANSWER_RESET_MAX 86400    /* seconds until a limit is full again */
#define PWL_ANSWER_CODE_MAX 64        /* an error code, as logged */
#define PWL_ANSWER_TEXT_MAX 160       /* an error text, as logged */

/* Sessions (core/session.c, io/sessions.c). */
#define PWL_SESSION_MAX_BYTES 14336   /* fields of one session, encoded */
#define PWL_SESSION_MAX_FIELDS 64
#define PWL_SESSIONS_ROWS_MAX 1000    /* sessions an operator is shown at once */
#define PWL_CLAIM_NAME_MAX 128
#define PWL_CLAIM_VALUE_MAX 2048      /* bytes of one claim's text */
#define PWL_NOTE_VALUE_MAX 6144       /* bytes of a note of ours */
#define PWL_TOKENS_MAX_BYTES 4096     /* access and refresh token together */

/* Sessions in Redis (core/redisurl.c, io/redis.c, io/remote*.c). */
#define PWL_REDIS_URL_MAX 1024        /* characters of the address */
#define PWL_REDIS_HOST_MAX 253        /* characters of the host's name */
#define PWL_REDIS_PREFIX_MAX 64       /* characters keys begin with */
#define PWL_REDIS_ANSWER_MAX 1048576  /* bytes of one answer */
#define PWL_REDIS_LIST_MAX 4096       /* elements of one list in it */
#define PWL_REDIS_ERROR_MAX 120       /* characters of an error, as logged */
#define PWL_REDIS_ROUNDS_MAX 64       /* attempts to write one record that
                                       * others write, too */
#define PWL_REDIS_UNSENT_SECONDS 10   /* life of the record of a sign-in to
                                       * which nothing was sent */

/* The callback (httpd/callback.c). */
#define PWL_CALLBACK_CODE_MAX 4096

/* The client that runs in the browser (io/scriptfile.c). */
#define PWL_SCRIPT_MAX_BYTES 4194304 /* bytes of the file of Auth0Script */

/* Pages (core/html.c). */
#define PWL_HTML_TEXT_MAX 1024     /* bytes of one text between tags */
#define PWL_HTML_ATTR_MAX 7168     /* bytes of one attribute's value */

/* Further parameters of /authorize (core/authparam.c), and the languages of
 * the browser that it is told of (core/locales.c). */
#define PWL_AUTHPARAM_MAX 16          /* parameters of one host */
#define PWL_AUTHPARAM_NAME_MAX 64     /* characters of a name */
#define PWL_AUTHPARAM_VALUE_MAX 512   /* bytes of a value */
#define PWL_LOCALES_RANGES_MAX 20     /* of Accept-Language, looked at */
#define PWL_LOCALES_TAG_MAX 35        /* characters of a tag, RFC 5646 4.4.1 */
#define PWL_LOCALES_MAX 8             /* tags passed on */

/* Languages (core/language.c) and files of messages (core/messages.c). */
#define PWL_LANGUAGES_MAX 32          /* offered by one host */
#define PWL_LANGUAGE_HEADER_MAX 8192  /* bytes of Accept-Language */
#define PWL_MESSAGES_MAX_BYTES 262144 /* bytes of one file */
#define PWL_MESSAGES_TEXT_MAX 600     /* bytes of one text in it */

/* Where a form came from, in the log (core/origin.c). */
#define PWL_ORIGIN_SHOWN_MAX 100 /* bytes of Origin */

/* Values of directives (core/setting.c). */
#define PWL_SETTING_TOKEN_MAX 256   /* bytes of a client id */
#define PWL_SETTING_TIME_MAX 31622400 /* seconds, a year: more is a slip */

/* Secrets (io/secret.c). */
#define PWL_SECRET_MAX_BYTES 4096

/* The application's key, and what is signed with it (core/assertion.c). */
#define PWL_ASSERTION_BITS_MIN 2048
#define PWL_ASSERTION_BITS_MAX 4096
#define PWL_ASSERTION_MAX 2048     /* characters of an assertion */

#endif
