/* SPDX-License-Identifier: Apache-2.0 */
/*
 * English: the source of all other languages.
 *
 * How we write: short, active, no blame; a message says what to do next; no
 * "invalid", no "oops", no exclamation mark, no name of a provider, no HTTP
 * number. One word for the thing: code. What is shown at a field has no full
 * stop at its end; a page adds one where a sentence stands as a paragraph.
 *
 * A text never says whether an address is known: "if ... can sign in".
 *
 * Translators: docs/languages.md.
 */
#include "core/text_table.h"

/* clang-format off */
static const pwl_text_t texts[PWL_TEXT_COUNT] = {
    [PWL_TEXT_NONE] = T(""),
    /* every page */
    [PWL_TEXT_ERROR] = T("Error:"),
    [PWL_TEXT_SUMMARY_FIX] = T("One thing to fix"),
    [PWL_TEXT_SUMMARY_STOP] = T("That did not work"),
    [PWL_TEXT_FOOT_HELP] = T("Help"),
    [PWL_TEXT_FOOT_REF] = T("Reference {ref}"),
    [PWL_TEXT_FOOT_STATUS] = T("Status {n}"),
    [PWL_TEXT_HELP_DEFAULT] = T("the people who run {site}"),
    [PWL_TEXT_SIGNED_IN_NOW] = T("You are signed in now."),
    /* lengths of time */
    [PWL_TEXT_SECONDS] = T2("{n} second", "{n} seconds"),
    [PWL_TEXT_MINUTES] = T2("{n} minute", "{n} minutes"),
    [PWL_TEXT_HOURS] = T2("about {n} hour", "about {n} hours"),
    [PWL_TEXT_DAYS] = T2("about {n} day", "about {n} days"),
    /* step 1 */
    [PWL_TEXT_LOGIN_TITLE] = T("Sign in"),
    [PWL_TEXT_LOGIN_LEAD] = T("Enter your email address and we will email "
        "you a one-time code."),
    [PWL_TEXT_LOGIN_LABEL] = T("Email address"),
    [PWL_TEXT_LOGIN_SEND] = T("Email me a code"),
    [PWL_TEXT_LOGIN_HAVE] = T("I already have a code"),
    [PWL_TEXT_ADDRESS_EMPTY] = T("Enter your email address"),
    [PWL_TEXT_ADDRESS_FORMAT] = T("Enter an address with an @ and a domain, "
        "such as name@example.org"),
    [PWL_TEXT_ADDRESS_LONG] = T("That address is too long"),
    /* step 2 */
    [PWL_TEXT_CODE_TITLE] = T("Enter your code"),
    [PWL_TEXT_CODE_HEAD] = T("Check your email"),
    [PWL_TEXT_CODE_SENT] = T("If {address} can sign in to {site}, "
        "a {n}-digit code is on its way there."),
    [PWL_TEXT_CODE_SENT_OPEN] = T("We have emailed a {n}-digit code to "
        "{address}."),
    [PWL_TEXT_CODE_LABEL] = T("{n}-digit code"),
    [PWL_TEXT_CODE_PASTE] = T("You can paste it. Spaces and dashes are fine."),
    [PWL_TEXT_CODE_LIFE] = T("The code works for {minutes}. Only the newest "
        "email counts."),
    [PWL_TEXT_CODE_LEFT] = T("The code works for about {minutes} more; only "
        "the newest email counts."),
    [PWL_TEXT_CODE_SOON] = T("The code works for one more minute."),
    [PWL_TEXT_CODE_OVER] = T("The code is too old now. Send a new code to "
        "carry on."),
    [PWL_TEXT_CODE_VERIFY] = T("Sign in"),
    [PWL_TEXT_CODE_SEND] = T("Send a new code"),
    [PWL_TEXT_CODE_CHANGE] = T("Use a different address"),
    [PWL_TEXT_CODE_HELP] = T("No email after two minutes?"),
    [PWL_TEXT_CODE_HELP_SPAM] = T("Look in the spam or junk folder."),
    [PWL_TEXT_CODE_HELP_TYPO] = T("Check the spelling: {address}"),
    [PWL_TEXT_CODE_HELP_WINDOW] = T("Codes only work in the browser window "
        "that asked for them."),
    [PWL_TEXT_CODE_HELP_SETUP] = T("Addresses that are not set up here get "
        "no mail."),
    [PWL_TEXT_CODE_HELP_ASK] = T("Still nothing? Contact {help}."),
    [PWL_TEXT_CODE_SAFETY] = T("Type the code only on {host}. Nobody from "
        "{site} will ask you for it."),
    [PWL_TEXT_CODE_EMPTY] = T("Enter the code from the email"),
    [PWL_TEXT_CODE_LENGTH] = T2("The code has {n} digit. You entered {m}",
        "The code has {n} digits. You entered {m}"),
    [PWL_TEXT_CODE_CHARS] = T("The code is made of digits only"),
    [PWL_TEXT_CODE_WRONG] = T2("That is not the code in the newest email. "
        "{k} try left with this code",
        "That is not the code in the newest email. {k} tries left with this "
        "code"),
    [PWL_TEXT_CODE_EXPIRED] = T("That code is too old: it worked for "
        "{minutes}. Send a new code to carry on"),
    [PWL_TEXT_CODE_SPENT] = T("That was the last try for this code. Send a "
        "new code to carry on"),
    [PWL_TEXT_CODE_SUPERSEDED] = T("A newer code was asked for in another "
        "tab. Use the newest email, or send a new code here"),
    [PWL_TEXT_CODE_BUSY] = T("We are still working on what you sent a moment "
        "ago. Wait a few seconds, then try again"),
    [PWL_TEXT_SEND_WAIT] = T("You can ask for a new code in {duration}"),
    [PWL_TEXT_SEND_NOW] = T("You can ask for a new code now."),
    [PWL_TEXT_SEND_AGAIN] = T("We have sent another code. Codes from earlier "
        "emails no longer work."),
    [PWL_TEXT_SEND_LIMIT] = T("Too many codes were asked for. You can ask "
        "again in {duration}"),
    /* the same where the code goes to a phone */
    [PWL_TEXT_PHONE_LEAD] = T("Enter your mobile number and we will text you "
        "a one-time code."),
    [PWL_TEXT_PHONE_LABEL] = T("Mobile number"),
    [PWL_TEXT_PHONE_HINT] = T("Start with + and the country code."),
    [PWL_TEXT_PHONE_HINT_OWN] = T("For another country, start with + and the "
        "country code."),
    [PWL_TEXT_PHONE_SEND] = T("Text me a code"),
    [PWL_TEXT_PHONE_EMPTY] = T("Enter your mobile number"),
    [PWL_TEXT_PHONE_FORMAT] = T("Enter a number with + and the country code, "
        "such as +44 7700 900123"),
    [PWL_TEXT_PHONE_LONG] = T("That number is too long"),
    [PWL_TEXT_PHONE_PREFIX] = T("We cannot send codes to numbers of that kind. "
        "Enter another number"),
    [PWL_TEXT_PHONE_HEAD] = T("Check your phone"),
    [PWL_TEXT_PHONE_SENT_OPEN] = T("We have texted a {n}-digit code to "
        "{address}."),
    [PWL_TEXT_PHONE_LIFE] = T("The code works for {minutes}. Only the newest "
        "message counts."),
    [PWL_TEXT_PHONE_LEFT] = T("The code works for about {minutes} more; only "
        "the newest message counts."),
    [PWL_TEXT_PHONE_CHANGE] = T("Use a different number"),
    [PWL_TEXT_PHONE_HELP] = T("No message after two minutes?"),
    [PWL_TEXT_PHONE_HELP_SPAM] = T("Check that your phone has a signal."),
    [PWL_TEXT_PHONE_HELP_SETUP] = T("Numbers that are not set up here get "
        "no message."),
    [PWL_TEXT_PHONE_CODE_EMPTY] = T("Enter the code from the message"),
    [PWL_TEXT_PHONE_WRONG] = T2("That is not the code in the newest message. "
        "{k} try left with this code",
        "That is not the code in the newest message. {k} tries left with "
        "this code"),
    [PWL_TEXT_PHONE_SUPERSEDED] = T("A newer code was asked for in another "
        "tab. Use the newest message, or send a new code here"),
    [PWL_TEXT_PHONE_AGAIN] = T("We have sent another code. Codes from earlier "
        "messages no longer work."),
    [PWL_TEXT_PHONE_MAIL] = T("We could not send the message. Try again in "
        "{duration}"),
    [PWL_TEXT_PHONE_PROVIDER] = T("Many people are signing in right now. You "
        "can try again in {duration}. Nothing is wrong with your number"),
    [PWL_TEXT_PHONE_ACCOUNT] = T("Sign-in is paused for this number after too "
        "many tries. Try again later, or contact {help}"),
    [PWL_TEXT_PHONE_TRIES] = T("Sign-in is paused for this number after too "
        "many tries. You can try again in {duration}, or contact {help}"),
    /* the same where a link is mailed in place of a code */
    [PWL_TEXT_LINK_LEAD] = T("Enter your email address and we will email you "
        "a sign-in link."),
    [PWL_TEXT_LINK_SEND] = T("Email me a link"),
    [PWL_TEXT_LINK_HAVE] = T("I already have a link"),
    [PWL_TEXT_LINK_TITLE] = T("Check your email"),
    [PWL_TEXT_LINK_SENT] = T("If {address} can sign in to {site}, a sign-in "
        "link is on its way there."),
    [PWL_TEXT_LINK_SENT_OPEN] = T("We have emailed a sign-in link to "
        "{address}."),
    [PWL_TEXT_LINK_OPEN] = T("Open it in this browser. Only the newest email "
        "counts."),
    [PWL_TEXT_LINK_RESEND] = T("Send a new link"),
    [PWL_TEXT_LINK_WAIT] = T("You can ask for a new link in {duration}"),
    [PWL_TEXT_LINK_NOW] = T("You can ask for a new link now."),
    [PWL_TEXT_LINK_AGAIN] = T("We have sent another link. Links from earlier "
        "emails no longer work."),
    [PWL_TEXT_LINK_LIMIT] = T("Too many links were asked for. You can ask "
        "again in {duration}"),
    [PWL_TEXT_LINK_HELP_WINDOW] = T("Links only work in the browser that "
        "asked for them."),
    [PWL_TEXT_LINK_SAFETY] = T("Do not pass the email on. Nobody from {site} "
        "will ask you for it."),
    [PWL_TEXT_LINK_EXPIRED] = T("That link is too old. Send a new link to "
        "carry on"),
    [PWL_TEXT_LINK_SUPERSEDED] = T("A newer link was asked for in another "
        "tab. Use the newest email, or send a new link here"),
    /* the tenant */
    [PWL_TEXT_LIMIT_PROVIDER] = T("Many people are signing in right now. You "
        "can try again in {duration}. Nothing is wrong with your address"),
    [PWL_TEXT_LIMIT_ACCOUNT] = T("Sign-in is paused for this address after "
        "too many tries. Try again later, or contact {help}"),
    [PWL_TEXT_LIMIT_TRIES] = T("Sign-in is paused for this address after too "
        "many tries. You can try again in {duration}, or contact {help}"),
    [PWL_TEXT_PROVIDER_DOWN] = T("Sign-in is not working right now. The fault "
        "is not yours. Try again in {duration}"),
    [PWL_TEXT_PROVIDER_DOWN_CODE] = T("Sign-in is not working right now. The "
        "fault is not yours, and your code is still good. Try again in "
        "{duration}"),
    [PWL_TEXT_PROVIDER_MAIL] = T("We could not send the email. Try again in "
        "{duration}"),
    [PWL_TEXT_CONFIG] = T("Sign-in is not set up correctly. The people who "
        "run {site} can see why. Reference {ref}"),
    [PWL_TEXT_SIGNUP_CLOSED] = T("{address} is not set up for {site}. Contact "
        "{help} to ask for access"),
    [PWL_TEXT_HOSTED] = T("Your account asks for one more check"),
    [PWL_TEXT_HOSTED_BACK] = T("It is done on the next page. You come back "
        "here afterwards"),
    [PWL_TEXT_REFUSED] = T("This sign-in was refused. If you think it should "
        "work, contact {help}"),
    [PWL_TEXT_LINK_USED] = T("This link was used before. Start again to get a "
        "new one"),
    [PWL_TEXT_LINK_WINDOW] = T("Links work only in the browser that asked for "
        "them. Start again here to get a new one"),
    [PWL_TEXT_AGAIN] = T("The answer did not fit what this browser asked for, "
        "so nobody was signed in. Start again"),
    [PWL_TEXT_FRAGMENT] = T("The answer came in a form that this site does "
        "not read, so nobody was signed in. Start again, or contact {help}"),
    /* the client that runs in the browser */
    [PWL_TEXT_CLIENT_SCRIPT] = T("Sign-in needs JavaScript here. Switch it on "
        "for {host} and reload this page"),
    [PWL_TEXT_CLIENT_DIGITS] = T2("The code has {n} digit",
        "The code has {n} digits"),
    [PWL_TEXT_CLIENT_COOKIES] = T("Your browser did not let this page finish. "
        "The next page can"),
    [PWL_TEXT_CLIENT_CONFIG] = T("Sign-in is not set up correctly. Contact "
        "{help}"),
    /* sessions and the flow */
    [PWL_TEXT_DENIED] = T("You are signed in as {address}, but this page is "
        "not open to that account"),
    [PWL_TEXT_DENIED_PLAIN] = T("This page is not open to the account you are "
        "signed in with"),
    [PWL_TEXT_SESSION_IDLE] = T("You were signed out after {duration} without "
        "activity. Sign in to carry on where you were"),
    [PWL_TEXT_SESSION_MAX] = T("You have been signed in for {duration}, so we "
        "ask you to sign in again"),
    [PWL_TEXT_SESSION_ENDED] = T("Your session has ended."),
    [PWL_TEXT_SESSION_NEEDED] = T("You need to sign in to see this page"),
    [PWL_TEXT_SESSION_TOO_BIG] = T("Your account holds more than {site} can "
        "keep, so nobody was signed in. Contact {help}"),
    [PWL_TEXT_FLOW_EXPIRED] = T("This sign-in took longer than {minutes} and "
        "was stopped. Start again; we kept the page you wanted"),
    [PWL_TEXT_FLOW_WINDOW] = T("Codes work only in the window that asked. "
        "Start again here to get a new one"),
    [PWL_TEXT_FLOW_FOREIGN] = T("This form is too old or did not come from "
        "this site. Start again"),
    [PWL_TEXT_FLOW_DONE] = T("This sign-in is finished. To sign in once more, "
        "start again"),
    [PWL_TEXT_FORM_BAD] = T("We could not read what your browser sent. Start "
        "again"),
    [PWL_TEXT_COOKIES] = T("Your browser did not send back the cookie that "
        "sign-in needs. Allow cookies for {host} and start again"),
    [PWL_TEXT_ALREADY] = T("You are signed in as {address}"),
    [PWL_TEXT_UNSENT] = T("What you sent did not go through, because you are "
        "signed out"),
    [PWL_TEXT_UNSENT_KEPT] = T("Your text is still in this window"),
    [PWL_TEXT_UNSENT_RELOAD] = T("Sign in in a new tab. Then come back here "
        "and reload this page; the browser offers to send it again"),
    [PWL_TEXT_UNSENT_READY] = T("You are signed in now. What you wrote can be "
        "sent."),
    [PWL_TEXT_LOOP] = T("Each time you signed in, you were sent back here, so "
        "we stopped"),
    [PWL_TEXT_LOOP_TRY] = T("If starting again does not help, contact {help}"),
    [PWL_TEXT_STORE_FULL] = T("{site} cannot sign in more people right now. "
        "Try again in {duration}. Nothing is wrong with your address"),
    [PWL_TEXT_METHOD] = T("Nothing happens here in that way. Start again"),
    [PWL_TEXT_OUT] = T("You are signed out of {site}"),
    [PWL_TEXT_OUT_CLOSE] = T("On a shared computer, close the browser too"),
    [PWL_TEXT_LOGOUT_AS] = T("You are signed in as {address}"),
    [PWL_TEXT_LOGOUT_PLAIN] = T("This ends your session in this browser"),
    /* titles of pages */
    [PWL_TEXT_TITLE_OUT] = T("Signed out"),
    [PWL_TEXT_TITLE_ALREADY] = T("Already signed in"),
    [PWL_TEXT_TITLE_DENIED] = T("Not open to this account"),
    [PWL_TEXT_TITLE_DOWN] = T("Sign-in is not available"),
    [PWL_TEXT_TITLE_LIMIT] = T("Wait a little"),
    [PWL_TEXT_TITLE_PAUSED] = T("Sign-in is paused"),
    [PWL_TEXT_TITLE_MAIL] = T("Nothing was sent"),
    [PWL_TEXT_TITLE_CONFIG] = T("Sign-in is not ready"),
    [PWL_TEXT_TITLE_STOPPED] = T("Start again"),
    [PWL_TEXT_TITLE_COOKIES] = T("Cookies are needed"),
    [PWL_TEXT_TITLE_UNSENT] = T("Not sent yet"),
    [PWL_TEXT_TITLE_NEEDED] = T("Sign-in needed"),
    [PWL_TEXT_TITLE_LOOP] = T("Sign-in keeps coming back"),
    [PWL_TEXT_TITLE_LINK] = T("This link does not work"),
    [PWL_TEXT_TITLE_REFUSED] = T("Not signed in"),
    [PWL_TEXT_TITLE_MFA] = T("One more check"),
    [PWL_TEXT_TITLE_METHOD] = T("Nothing here"),
    [PWL_TEXT_TITLE_LOGOUT] = T("Sign out"),
    /* buttons and links */
    [PWL_TEXT_DO_SIGN_IN] = T("Sign in"),
    [PWL_TEXT_DO_SIGN_IN_AGAIN] = T("Sign in again"),
    [PWL_TEXT_DO_SIGN_IN_TAB] = T("Sign in in a new tab"),
    [PWL_TEXT_DO_SIGN_OUT] = T("Sign out of {site}"),
    [PWL_TEXT_DO_OTHER] = T("Sign in as someone else"),
    [PWL_TEXT_DO_START] = T("Start again"),
    [PWL_TEXT_DO_RETRY] = T("Try again"),
    [PWL_TEXT_DO_BACK] = T("Go back"),
    [PWL_TEXT_DO_HOME] = T("Go to the start page"),
    [PWL_TEXT_DO_CONTINUE] = T("Continue"),
    [PWL_TEXT_DO_SEND_NOW] = T("Send it now"),
};
/* clang-format on */

const pwl_language_t pwl_text_en = {"en", "ltr", ".", pwl_plural_one, texts};
