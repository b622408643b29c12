/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/text.c and the table of English in core/text_en.c: exact words where
 * ux.md gives them, placeholders, plurals, lengths of time.
 */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "core/text.h"

static apr_pool_t *pool;
static const pwl_language_t *en = &pwl_text_en;

/* clang-format off
 *
 * Covers: text_en
 */
/* ux.md A.3, A.2 and A.13, word for word. */
static const struct {
    pwl_text_key_t key;
    const char *want;
} catalogue[] = {
    {PWL_TEXT_ADDRESS_EMPTY, "Enter your email address"},
    {PWL_TEXT_ADDRESS_FORMAT, "Enter an address with an @ and a domain, such as name@example.org"},
    {PWL_TEXT_ADDRESS_LONG, "That address is too long"},
    {PWL_TEXT_CODE_EMPTY, "Enter the code from the email"},
    {PWL_TEXT_CODE_LENGTH, "The code has 6 digits. You entered 5"},
    {PWL_TEXT_CODE_CHARS, "The code is made of digits only"},
    {PWL_TEXT_CODE_WRONG, "That is not the code in the newest email. 2 tries left with this code"},
    {PWL_TEXT_CODE_EXPIRED, "That code is too old: it worked for 3 minutes. Send a new code to carry on"},
    {PWL_TEXT_CODE_SPENT, "That was the last try for this code. Send a new code to carry on"},
    {PWL_TEXT_CODE_SUPERSEDED, "A newer code was asked for in another tab. Use the newest email, or send a new code here"},
    {PWL_TEXT_SEND_WAIT, "You can ask for a new code in 42 seconds"},
    {PWL_TEXT_SEND_LIMIT, "Too many codes were asked for. You can ask again in 42 seconds"},
    {PWL_TEXT_SEND_AGAIN, "We have sent another code. Codes from earlier emails no longer work."},
    {PWL_TEXT_LIMIT_PROVIDER, "Many people are signing in right now. You can try again in 42 seconds. Nothing is wrong with your address"},
    {PWL_TEXT_LIMIT_ACCOUNT, "Sign-in is paused for this address after too many tries. Try again later, or contact IT"},
    {PWL_TEXT_LIMIT_TRIES, "Sign-in is paused for this address after too many tries. You can try again in 42 seconds, or contact IT"},
    {PWL_TEXT_PROVIDER_DOWN, "Sign-in is not working right now. The fault is not yours. Try again in 42 seconds"},
    {PWL_TEXT_PROVIDER_DOWN_CODE, "Sign-in is not working right now. The fault is not yours, and your code is still good. Try again in 42 seconds"},
    {PWL_TEXT_PROVIDER_MAIL, "We could not send the email. Try again in 42 seconds"},
    {PWL_TEXT_CONFIG, "Sign-in is not set up correctly. The people who run Club can see why. Reference R1"},
    {PWL_TEXT_SIGNUP_CLOSED, "a@b.example is not set up for Club. Contact IT to ask for access"},
    {PWL_TEXT_DENIED, "You are signed in as a@b.example, but this page is not open to that account"},
    {PWL_TEXT_SESSION_IDLE, "You were signed out after 42 seconds without activity. Sign in to carry on where you were"},
    {PWL_TEXT_SESSION_MAX, "You have been signed in for 42 seconds, so we ask you to sign in again"},
    {PWL_TEXT_FLOW_EXPIRED, "This sign-in took longer than 3 minutes and was stopped. Start again; we kept the page you wanted"},
    {PWL_TEXT_FLOW_FOREIGN, "This form is too old or did not come from this site. Start again"},
    {PWL_TEXT_COOKIES, "Your browser did not send back the cookie that sign-in needs. Allow cookies for www.example and start again"},
    {PWL_TEXT_ALREADY, "You are signed in as a@b.example"},
    {PWL_TEXT_UNSENT, "What you sent did not go through, because you are signed out"},
    {PWL_TEXT_OUT, "You are signed out of Club"},
    {PWL_TEXT_LOGIN_LEAD, "Enter your email address and we will email you a one-time code."},
    {PWL_TEXT_CODE_SENT, "If a@b.example can sign in to Club, a 6-digit code is on its way there."},
    {PWL_TEXT_CODE_LIFE, "The code works for 3 minutes. Only the newest email counts."},
    {PWL_TEXT_CODE_SAFETY, "Type the code only on www.example. Nobody from Club will ask you for it."},
    {PWL_TEXT_CODE_LABEL, "6-digit code"},
    {PWL_TEXT_CODE_PASTE, "You can paste it. Spaces and dashes are fine."},
    {PWL_TEXT_DO_SIGN_OUT, "Sign out of Club"},
};

static const struct {
    const char *what;
    apr_interval_time_t time;
    const char *up;
    const char *down;
} durations[] = {
    {"nothing", 0, "1 second", "0 seconds"},
    {"less than nothing", -5, "1 second", "0 seconds"},
    {"a microsecond", 1, "1 second", "0 seconds"},
    {"one second", APR_USEC_PER_SEC, "1 second", "1 second"},
    {"45 seconds", apr_time_from_sec(45), "45 seconds", "45 seconds"},
    {"a hair over 45 seconds", apr_time_from_sec(45) + 1, "46 seconds", "45 seconds"},
    {"59 seconds", apr_time_from_sec(59), "59 seconds", "59 seconds"},
    {"a minute", apr_time_from_sec(60), "1 minute", "1 minute"},
    {"61 seconds", apr_time_from_sec(61), "2 minutes", "1 minute"},
    {"two minutes", apr_time_from_sec(120), "2 minutes", "2 minutes"},
    {"59 minutes and a second", apr_time_from_sec(3541), "about 1 hour", "59 minutes"},
    {"an hour", apr_time_from_sec(3600), "about 1 hour", "about 1 hour"},
    {"61 minutes are still about one hour", apr_time_from_sec(3660), "about 1 hour", "about 1 hour"},
    {"75 minutes", apr_time_from_sec(4500), "about 1 hour", "about 1 hour"},
    {"76 minutes", apr_time_from_sec(4560), "about 2 hours", "about 1 hour"},
    {"eight hours", apr_time_from_sec(28800), "about 8 hours", "about 8 hours"},
    {"two days", apr_time_from_sec(172800), "about 2 days", "about 2 days"},
    {"two days and a quarter", apr_time_from_sec(194400), "about 2 days", "about 2 days"},
    {"an hour more", apr_time_from_sec(198000), "about 3 days", "about 2 days"},
    {"three days and a half", apr_time_from_sec(302400), "about 4 days", "about 3 days"},
    {"two weeks", apr_time_from_sec(1209600), "about 14 days", "about 14 days"},
    {"more than anybody waits", APR_INT64_MAX, "about 106751991 days", "about 106751991 days"},
};
/* clang-format on */

static const pwl_text_args_t args = {
    .address = "a@b.example",
    .site = "Club",
    .host = "www.example",
    .help = "IT",
    .ref = "R1",
    .n = 6,
    .m = 5,
    .k = 2,
    .duration = APR_USEC_PER_SEC * 42,
    .minutes = APR_USEC_PER_SEC * 180,
};

/* The placeholders of a form as one string, sorted by slot. */
static const char *slots_of(const char *form)
{
    int seen[PWL_SLOT_COUNT] = {0};
    const char *list = "";
    pwl_text_part_t part;
    int slot;

    while (pwl_text_next(en, &args, &form, &part, pool)) {
        seen[part.slot]++;
        /* Braces left in the words: a placeholder we do not know. */
        if (part.slot == PWL_SLOT_NONE && memchr(part.text, '{', part.len))
            return "unknown placeholder";
    }
    for (slot = 1; slot < PWL_SLOT_COUNT; slot++)
        if (seen[slot])
            list = apr_psprintf(pool, "%s %d", list, slot);
    return list;
}

static int same_slots_in_all_forms(const pwl_text_t *text)
{
    const char *other = slots_of(text->form[PWL_PLURAL_OTHER]);
    int plural;

    if (strcmp(other, "unknown placeholder") == 0)
        return 0;
    for (plural = 0; plural < PWL_PLURAL_COUNT; plural++)
        if (text->form[plural] &&
            strcmp(slots_of(text->form[plural]), other) != 0)
            return 0;
    return 1;
}

/* ux.md A.3: short, no blame, no provider, no markup. */
static int well_worded(const char *text)
{
    static const char *const never[] = {
        "invalid", "Invalid", "oops", "Oops", "!",    "<",       ">",
        "Auth0",   "auth0",   "OTP",  "PIN",  "HTTP", "passcode"};
    size_t i;

    for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (strstr(text, never[i]))
            return 0;
    return 1;
}

static void test_every_key(void)
{
    int key;
    int other;

    for (key = PWL_TEXT_NONE + 1; key < PWL_TEXT_COUNT; key++) {
        const pwl_text_t *text = &en->texts[key];
        const char *word = pwl_text_word(key);
        const char *form = text->form[PWL_PLURAL_OTHER];
        int unique = 1;

        for (other = 0; other < key; other++)
            unique &= strcmp(word, pwl_text_word(other)) != 0;
        tap_ok(form && *form && unique && same_slots_in_all_forms(text) &&
                   well_worded(form),
               apr_psprintf(pool, "%s has one word, words, known placeholders",
                            word));
    }
}

static void test_plurals(void)
{
    pwl_text_args_t one = args;

    one.k = 1;
    tap_str("one try is one try",
            pwl_text_fill(en, PWL_TEXT_CODE_WRONG, &one, pool),
            "That is not the code in the newest email. 1 try left with this "
            "code");
    one.k = 0;
    tap_str("no tries are many",
            pwl_text_fill(en, PWL_TEXT_CODE_WRONG, &one, pool),
            "That is not the code in the newest email. 0 tries left with this "
            "code");
    tap_ok(pwl_text_form(en, PWL_TEXT_OUT, NULL) == pwl_text(en, PWL_TEXT_OUT),
           "a form without numbers needs no arguments");
}

static void test_values_stay_values(void)
{
    pwl_text_args_t odd = args;

    odd.address = "{site}{k}%s";
    odd.site = "{address}";
    tap_str("X1: a value is never searched for placeholders",
            pwl_text_fill(en, PWL_TEXT_CODE_SENT, &odd, pool),
            "If {site}{k}%s can sign in to {address}, a 6-digit code is on its "
            "way there.");
    tap_str("no arguments at all leave the places empty",
            pwl_text_fill(en, PWL_TEXT_OUT, NULL, pool),
            "You are signed out of ");
}

int main(void)
{
    size_t i;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(catalogue) / sizeof(catalogue[0]); i++)
        tap_str(pwl_text_word(catalogue[i].key),
                pwl_text_fill(en, catalogue[i].key, &args, pool),
                catalogue[i].want);
    for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        tap_str(durations[i].what,
                pwl_text_duration(en, durations[i].time, PWL_ROUND_UP, pool),
                durations[i].up);
        tap_str("... rounded down",
                pwl_text_duration(en, durations[i].time, PWL_ROUND_DOWN, pool),
                durations[i].down);
    }
    test_every_key();
    test_plurals();
    test_values_stay_values();
    return tap_done();
}
