/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every sentence a visitor can read: keys here, words in one table a language.
 *
 * A key has a stable word ("code.wrong"), which message files and translators
 * use, and the placeholder that decides its plural form, if one does. A text
 * is plain: no markup, only placeholders:
 *
 *   {address} {site} {host} {help} {ref}   text given by the caller
 *   {n} {m} {k}                            numbers
 *   {duration}   a wait, rounded up     ("45 seconds", "about 1 hour")
 *   {minutes}    a life, rounded down   ("3 minutes")
 *
 * What must stay true: a value is never searched for placeholders again; every
 * language built in has every key; tests/unit/test_text_all.c compares them.
 *
 * How a text becomes a page is core/page.h's business: it walks the parts with
 * pwl_text_next(), so that an address can stand in its own <bdi>.
 */
#ifndef PWL_CORE_TEXT_H
#define PWL_CORE_TEXT_H

#include <apr_pools.h>
#include <apr_time.h>

/* clang-format off */
#define PWL_TEXTS(X) \
    X(PWL_TEXT_NONE,             "none",              NONE) \
    /* every page */ \
    X(PWL_TEXT_ERROR,            "error",             NONE) \
    X(PWL_TEXT_SUMMARY_FIX,      "summary.fix",       NONE) \
    X(PWL_TEXT_SUMMARY_STOP,     "summary.stop",      NONE) \
    X(PWL_TEXT_FOOT_HELP,        "foot.help",         NONE) \
    X(PWL_TEXT_FOOT_REF,         "foot.ref",          NONE) \
    X(PWL_TEXT_FOOT_STATUS,      "foot.status",       NONE) \
    X(PWL_TEXT_HELP_DEFAULT,     "help.default",      NONE) \
    X(PWL_TEXT_SIGNED_IN_NOW,    "signed-in-now",     NONE) \
    /* lengths of time */ \
    X(PWL_TEXT_SECONDS,          "time.seconds",      N)    \
    X(PWL_TEXT_MINUTES,          "time.minutes",      N)    \
    X(PWL_TEXT_HOURS,            "time.hours",        N)    \
    X(PWL_TEXT_DAYS,             "time.days",         N)    \
    /* step 1 */ \
    X(PWL_TEXT_LOGIN_TITLE,      "login.title",       NONE) \
    X(PWL_TEXT_LOGIN_LEAD,       "login.lead",        NONE) \
    X(PWL_TEXT_LOGIN_LABEL,      "login.label",       NONE) \
    X(PWL_TEXT_LOGIN_SEND,       "login.send",        NONE) \
    X(PWL_TEXT_LOGIN_HAVE,       "login.have",        NONE) \
    X(PWL_TEXT_ADDRESS_EMPTY,    "address.empty",     NONE) \
    X(PWL_TEXT_ADDRESS_FORMAT,   "address.format",    NONE) \
    X(PWL_TEXT_ADDRESS_LONG,     "address.long",      NONE) \
    /* step 2 */ \
    X(PWL_TEXT_CODE_TITLE,       "code.title",        NONE) \
    X(PWL_TEXT_CODE_HEAD,        "code.head",         NONE) \
    X(PWL_TEXT_CODE_SENT,        "code.sent",         N)    \
    X(PWL_TEXT_CODE_SENT_OPEN,   "code.sent-open",    N)    \
    X(PWL_TEXT_CODE_LABEL,       "code.label",        N)    \
    X(PWL_TEXT_CODE_PASTE,       "code.paste",        NONE) \
    X(PWL_TEXT_CODE_LIFE,        "code.life",         NONE) \
    X(PWL_TEXT_CODE_LEFT,        "code.left",         NONE) \
    X(PWL_TEXT_CODE_SOON,        "code.soon",         NONE) \
    X(PWL_TEXT_CODE_OVER,        "code.over",         NONE) \
    X(PWL_TEXT_CODE_VERIFY,      "code.verify",       NONE) \
    X(PWL_TEXT_CODE_SEND,        "code.send",         NONE) \
    X(PWL_TEXT_CODE_CHANGE,      "code.change",       NONE) \
    X(PWL_TEXT_CODE_HELP,        "code.help",         NONE) \
    X(PWL_TEXT_CODE_HELP_SPAM,   "code.help.spam",    NONE) \
    X(PWL_TEXT_CODE_HELP_TYPO,   "code.help.typo",    NONE) \
    X(PWL_TEXT_CODE_HELP_WINDOW, "code.help.window",  NONE) \
    X(PWL_TEXT_CODE_HELP_SETUP,  "code.help.setup",   NONE) \
    X(PWL_TEXT_CODE_HELP_ASK,    "code.help.ask",     NONE) \
    X(PWL_TEXT_CODE_SAFETY,      "code.safety",       NONE) \
    X(PWL_TEXT_CODE_EMPTY,       "code.empty",        NONE) \
    X(PWL_TEXT_CODE_LENGTH,      "code.length",       N)    \
    X(PWL_TEXT_CODE_CHARS,       "code.chars",        NONE) \
    X(PWL_TEXT_CODE_WRONG,       "code.wrong",        K)    \
    X(PWL_TEXT_CODE_EXPIRED,     "code.expired",      NONE) \
    X(PWL_TEXT_CODE_SPENT,       "code.spent",        NONE) \
    X(PWL_TEXT_CODE_SUPERSEDED,  "code.superseded",   NONE) \
    X(PWL_TEXT_CODE_BUSY,        "code.busy",         NONE) \
    X(PWL_TEXT_SEND_WAIT,        "send.wait",         NONE) \
    X(PWL_TEXT_SEND_NOW,         "send.now",          NONE) \
    X(PWL_TEXT_SEND_AGAIN,       "send.again",        NONE) \
    X(PWL_TEXT_SEND_LIMIT,       "send.limit",        NONE) \
    /* the same where the code goes to a phone */ \
    X(PWL_TEXT_PHONE_LEAD,       "phone.lead",        NONE) \
    X(PWL_TEXT_PHONE_LABEL,      "phone.label",       NONE) \
    X(PWL_TEXT_PHONE_HINT,       "phone.hint",        NONE) \
    X(PWL_TEXT_PHONE_HINT_OWN,   "phone.hint-own",    NONE) \
    X(PWL_TEXT_PHONE_SEND,       "phone.send",        NONE) \
    X(PWL_TEXT_PHONE_EMPTY,      "phone.empty",       NONE) \
    X(PWL_TEXT_PHONE_FORMAT,     "phone.format",      NONE) \
    X(PWL_TEXT_PHONE_LONG,       "phone.long",        NONE) \
    X(PWL_TEXT_PHONE_PREFIX,     "phone.prefix",      NONE) \
    X(PWL_TEXT_PHONE_HEAD,       "phone.head",        NONE) \
    X(PWL_TEXT_PHONE_SENT_OPEN,  "phone.sent-open",   N)    \
    X(PWL_TEXT_PHONE_LIFE,       "phone.life",        NONE) \
    X(PWL_TEXT_PHONE_LEFT,       "phone.left",        NONE) \
    X(PWL_TEXT_PHONE_CHANGE,     "phone.change",      NONE) \
    X(PWL_TEXT_PHONE_HELP,       "phone.help",        NONE) \
    X(PWL_TEXT_PHONE_HELP_SPAM,  "phone.help.spam",   NONE) \
    X(PWL_TEXT_PHONE_HELP_SETUP, "phone.help.setup",  NONE) \
    X(PWL_TEXT_PHONE_CODE_EMPTY, "phone.code-empty",  NONE) \
    X(PWL_TEXT_PHONE_WRONG,      "phone.wrong",       K)    \
    X(PWL_TEXT_PHONE_SUPERSEDED, "phone.superseded",  NONE) \
    X(PWL_TEXT_PHONE_AGAIN,      "phone.again",       NONE) \
    X(PWL_TEXT_PHONE_MAIL,       "phone.not-sent",    NONE) \
    X(PWL_TEXT_PHONE_PROVIDER,   "phone.provider",    NONE) \
    X(PWL_TEXT_PHONE_ACCOUNT,    "phone.account",     NONE) \
    X(PWL_TEXT_PHONE_TRIES,      "phone.tries",       NONE) \
    /* the same where a link is mailed in place of a code */ \
    X(PWL_TEXT_LINK_LEAD,        "link.lead",         NONE) \
    X(PWL_TEXT_LINK_SEND,        "link.send",         NONE) \
    X(PWL_TEXT_LINK_HAVE,        "link.have",         NONE) \
    X(PWL_TEXT_LINK_TITLE,       "link.title",        NONE) \
    X(PWL_TEXT_LINK_SENT,        "link.sent",         NONE) \
    X(PWL_TEXT_LINK_SENT_OPEN,   "link.sent-open",    NONE) \
    X(PWL_TEXT_LINK_OPEN,        "link.open",         NONE) \
    X(PWL_TEXT_LINK_RESEND,      "link.resend",       NONE) \
    X(PWL_TEXT_LINK_WAIT,        "link.wait",         NONE) \
    X(PWL_TEXT_LINK_NOW,         "link.now",          NONE) \
    X(PWL_TEXT_LINK_AGAIN,       "link.again",        NONE) \
    X(PWL_TEXT_LINK_LIMIT,       "link.limit",        NONE) \
    X(PWL_TEXT_LINK_HELP_WINDOW, "link.help.window",  NONE) \
    X(PWL_TEXT_LINK_SAFETY,      "link.safety",       NONE) \
    X(PWL_TEXT_LINK_EXPIRED,     "link.expired",      NONE) \
    X(PWL_TEXT_LINK_SUPERSEDED,  "link.superseded",   NONE) \
    /* the tenant */ \
    X(PWL_TEXT_LIMIT_PROVIDER,   "limit.provider",    NONE) \
    X(PWL_TEXT_LIMIT_ACCOUNT,    "limit.account",     NONE) \
    X(PWL_TEXT_LIMIT_TRIES,      "limit.tries",       NONE) \
    X(PWL_TEXT_PROVIDER_DOWN,    "provider.down",     NONE) \
    X(PWL_TEXT_PROVIDER_DOWN_CODE, "provider.down-code", NONE) \
    X(PWL_TEXT_PROVIDER_MAIL,    "provider.mail",     NONE) \
    X(PWL_TEXT_CONFIG,           "config",            NONE) \
    X(PWL_TEXT_SIGNUP_CLOSED,    "signup.closed",     NONE) \
    X(PWL_TEXT_HOSTED,           "hosted",            NONE) \
    X(PWL_TEXT_HOSTED_BACK,      "hosted.back",       NONE) \
    X(PWL_TEXT_REFUSED,          "refused",           NONE) \
    X(PWL_TEXT_LINK_USED,        "link.used",         NONE) \
    X(PWL_TEXT_LINK_WINDOW,      "link.window",       NONE) \
    X(PWL_TEXT_AGAIN,            "again",             NONE) \
    X(PWL_TEXT_FRAGMENT,         "fragment",          NONE) \
    /* the client that runs in the browser */ \
    X(PWL_TEXT_CLIENT_SCRIPT,    "client.script",     NONE) \
    X(PWL_TEXT_CLIENT_DIGITS,    "client.digits",     N)    \
    X(PWL_TEXT_CLIENT_COOKIES,   "client.cookies",    NONE) \
    X(PWL_TEXT_CLIENT_CONFIG,    "client.config",     NONE) \
    /* sessions and the flow */ \
    X(PWL_TEXT_DENIED,           "denied",            NONE) \
    X(PWL_TEXT_DENIED_PLAIN,     "denied.plain",      NONE) \
    X(PWL_TEXT_SESSION_IDLE,     "session.idle",      NONE) \
    X(PWL_TEXT_SESSION_MAX,      "session.max",       NONE) \
    X(PWL_TEXT_SESSION_ENDED,    "session.ended",     NONE) \
    X(PWL_TEXT_SESSION_NEEDED,   "session.needed",    NONE) \
    X(PWL_TEXT_SESSION_TOO_BIG,  "session.too-big",   NONE) \
    X(PWL_TEXT_FLOW_EXPIRED,     "flow.expired",      NONE) \
    X(PWL_TEXT_FLOW_WINDOW,      "flow.window",       NONE) \
    X(PWL_TEXT_FLOW_FOREIGN,     "flow.foreign",      NONE) \
    X(PWL_TEXT_FLOW_DONE,        "flow.done",         NONE) \
    X(PWL_TEXT_FORM_BAD,         "form.bad",          NONE) \
    X(PWL_TEXT_COOKIES,          "cookies",           NONE) \
    X(PWL_TEXT_ALREADY,          "already",           NONE) \
    X(PWL_TEXT_UNSENT,           "unsent",            NONE) \
    X(PWL_TEXT_UNSENT_KEPT,      "unsent.kept",       NONE) \
    X(PWL_TEXT_UNSENT_RELOAD,    "unsent.reload",     NONE) \
    X(PWL_TEXT_UNSENT_READY,     "unsent.ready",      NONE) \
    X(PWL_TEXT_LOOP,             "loop",              NONE) \
    X(PWL_TEXT_LOOP_TRY,         "loop.try",          NONE) \
    X(PWL_TEXT_STORE_FULL,       "store.full",        NONE) \
    X(PWL_TEXT_METHOD,           "method",            NONE) \
    X(PWL_TEXT_OUT,              "out",               NONE) \
    X(PWL_TEXT_OUT_CLOSE,        "out.close",         NONE) \
    X(PWL_TEXT_LOGOUT_AS,        "logout.as",         NONE) \
    X(PWL_TEXT_LOGOUT_PLAIN,     "logout.plain",      NONE) \
    /* titles of pages */ \
    X(PWL_TEXT_TITLE_OUT,        "title.out",         NONE) \
    X(PWL_TEXT_TITLE_ALREADY,    "title.already",     NONE) \
    X(PWL_TEXT_TITLE_DENIED,     "title.denied",      NONE) \
    X(PWL_TEXT_TITLE_DOWN,       "title.down",        NONE) \
    X(PWL_TEXT_TITLE_LIMIT,      "title.limit",       NONE) \
    X(PWL_TEXT_TITLE_PAUSED,     "title.paused",      NONE) \
    X(PWL_TEXT_TITLE_MAIL,       "title.mail",        NONE) \
    X(PWL_TEXT_TITLE_CONFIG,     "title.config",      NONE) \
    X(PWL_TEXT_TITLE_STOPPED,    "title.stopped",     NONE) \
    X(PWL_TEXT_TITLE_COOKIES,    "title.cookies",     NONE) \
    X(PWL_TEXT_TITLE_UNSENT,     "title.unsent",      NONE) \
    X(PWL_TEXT_TITLE_NEEDED,     "title.needed",      NONE) \
    X(PWL_TEXT_TITLE_LOOP,       "title.loop",        NONE) \
    X(PWL_TEXT_TITLE_LINK,       "title.link",        NONE) \
    X(PWL_TEXT_TITLE_REFUSED,    "title.refused",     NONE) \
    X(PWL_TEXT_TITLE_MFA,        "title.mfa",         NONE) \
    X(PWL_TEXT_TITLE_METHOD,     "title.method",      NONE) \
    X(PWL_TEXT_TITLE_LOGOUT,     "title.logout",      NONE) \
    /* buttons and links */ \
    X(PWL_TEXT_DO_SIGN_IN,       "do.sign-in",        NONE) \
    X(PWL_TEXT_DO_SIGN_IN_AGAIN, "do.sign-in-again",  NONE) \
    X(PWL_TEXT_DO_SIGN_IN_TAB,   "do.sign-in-tab",    NONE) \
    X(PWL_TEXT_DO_SIGN_OUT,      "do.sign-out",       NONE) \
    X(PWL_TEXT_DO_OTHER,         "do.other",          NONE) \
    X(PWL_TEXT_DO_START,         "do.start",          NONE) \
    X(PWL_TEXT_DO_RETRY,         "do.retry",          NONE) \
    X(PWL_TEXT_DO_BACK,          "do.back",           NONE) \
    X(PWL_TEXT_DO_HOME,          "do.home",           NONE) \
    X(PWL_TEXT_DO_CONTINUE,      "do.continue",       NONE) \
    X(PWL_TEXT_DO_SEND_NOW,      "do.send-now",       NONE)
/* clang-format on */

typedef enum {
#define X(name, word, count) name,
    PWL_TEXTS(X)
#undef X
        PWL_TEXT_COUNT
} pwl_text_key_t;

/** The categories of Unicode CLDR; OTHER is the one every text has. */
typedef enum {
    PWL_PLURAL_OTHER = 0,
    PWL_PLURAL_ZERO,
    PWL_PLURAL_ONE,
    PWL_PLURAL_TWO,
    PWL_PLURAL_FEW,
    PWL_PLURAL_MANY,
    PWL_PLURAL_COUNT
} pwl_plural_t;

/** One text: a form for each category that its language tells apart. Without
 * OTHER it is not translated, and English stands for it. */
typedef struct {
    const char *form[PWL_PLURAL_COUNT]; /* NULL: as OTHER */
} pwl_text_t;

typedef struct {
    const char *tag;  /* BCP 47, e.g. "en" */
    const char *dir;  /* "ltr" or "rtl" */
    const char *stop; /* what ends a sentence */
    pwl_plural_t (*plural)(apr_uint64_t n);
    const pwl_text_t *texts; /* PWL_TEXT_COUNT of them */
} pwl_language_t;

/** English, the source of all others; it lacks no text. */
extern const pwl_language_t pwl_text_en;
extern const pwl_language_t pwl_text_ar;
extern const pwl_language_t pwl_text_de;
extern const pwl_language_t pwl_text_es;
extern const pwl_language_t pwl_text_fr;
extern const pwl_language_t pwl_text_it;
extern const pwl_language_t pwl_text_ja;
extern const pwl_language_t pwl_text_nl;
extern const pwl_language_t pwl_text_pl;
extern const pwl_language_t pwl_text_pt_br;

/** What stands for the placeholders. NULL texts are empty. */
typedef struct {
    const char *address;
    const char *site;
    const char *host;
    const char *help; /* whom to ask, in words */
    const char *ref;
    apr_uint64_t n, m, k;
    apr_interval_time_t duration; /* a wait */
    apr_interval_time_t minutes;  /* a life */
} pwl_text_args_t;

typedef enum {
    PWL_ROUND_UP,  /* waits: nobody comes back too early */
    PWL_ROUND_DOWN /* lives: nobody comes back too late */
} pwl_round_t;

typedef enum {
    PWL_SLOT_NONE = 0, /* words of the text itself */
    PWL_SLOT_ADDRESS,
    PWL_SLOT_SITE,
    PWL_SLOT_HOST,
    PWL_SLOT_HELP,
    PWL_SLOT_REF,
    PWL_SLOT_N,
    PWL_SLOT_M,
    PWL_SLOT_K,
    PWL_SLOT_DURATION,
    PWL_SLOT_MINUTES,
    PWL_SLOT_COUNT
} pwl_slot_t;

/** A piece of a text: its own words, or what stands for a placeholder. */
typedef struct {
    pwl_slot_t slot;
    const char *text; /* not NUL-terminated */
    apr_size_t len;
} pwl_text_part_t;

/** @return the language a text is really in: `lang`, or English. What the
 * functions below are given by pwl_text_next()'s caller is this one, so that a
 * sentence never mixes two. */
const pwl_language_t *pwl_text_spoken(const pwl_language_t *lang,
                                      pwl_text_key_t key);

/** @return the text with its placeholders, form OTHER; never NULL */
const char *pwl_text(const pwl_language_t *lang, pwl_text_key_t key);

/** @return the form of `key` that goes with the numbers in `args` */
const char *pwl_text_form(const pwl_language_t *lang, pwl_text_key_t key,
                          const pwl_text_args_t *args);

/** @return the stable word of a key, e.g. "code.wrong" */
const char *pwl_text_word(pwl_text_key_t key);

/** @return the placeholder whose number decides the form: PWL_SLOT_N, _K, or
 * _NONE for a text that has one form */
pwl_slot_t pwl_text_counted(pwl_text_key_t key);

/** @return the placeholders of a form, a bit `1u << slot` each; 1 is set where
 * a '{' begins none we know */
unsigned int pwl_text_slots(const char *form);

/** @return plain text with every placeholder filled in; `args` may be NULL */
const char *pwl_text_fill(const pwl_language_t *lang, pwl_text_key_t key,
                          const pwl_text_args_t *args, apr_pool_t *pool);

/**
 * Cut the next piece off a text.
 * @param cursor  in: where to read (at first pwl_text_form()); out: behind it
 * @return 1, or 0 at the end
 */
int pwl_text_next(const pwl_language_t *lang, const pwl_text_args_t *args,
                  const char **cursor, pwl_text_part_t *part, apr_pool_t *pool);

/** A length of time in words: "45 seconds", "2 minutes", "about 1 hour",
 * "about 14 days". Below one second counts as 1 (up) or 0 (down). */
const char *pwl_text_duration(const pwl_language_t *lang,
                              apr_interval_time_t time, pwl_round_t round,
                              apr_pool_t *pool);

#endif
