/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stories of test_flow.c.
 *
 * A row does one thing at a second of the story and says what must come of it:
 * the verdict, its reason, the wait in seconds, the state after it and the
 * tries left. NEW and MAIL begin another story. For an outcome only reason,
 * state and tries are looked at (SENT has no reason to look at: the flash
 * stands in).
 */
#ifndef PWL_TESTS_FLOW_ROWS_H
#define PWL_TESTS_FLOW_ROWS_H

#include "core/flow.h"

/* What a row does; the comment says what `arg` is. */
typedef enum {
    NEW,     /* a record of zeros; nothing is looked at */
    MAIL,    /* the same, then a first code sent; address */
    SEND,    /* ask for a code; address */
    SEND_4S, /* the same with a cool-down of 4 s */
    SENT,    /* outcome: reason */
    UNSENT,  /* outcome: certainly not sent; reason */
    PAUSED,  /* outcome: certainly not sent, 429; seconds to wait */
    TRY,     /* post a code; code */
    CAME,    /* outcome: reason */
    UNSEEN,  /* outcome: certainly no code looked at; reason */
    LATER    /* outcome: no code looked at, 429; seconds to wait */
} op_t;

#define CALL PWL_FLOW_DO_CALL
#define REPEAT PWL_FLOW_DO_REPEAT
#define JOIN PWL_FLOW_DO_JOIN
#define REFUSE PWL_FLOW_DO_REFUSE
#define NONE PWL_FLOW_STATE_NONE
#define SENDING PWL_FLOW_STATE_SENDING
#define WAITING PWL_FLOW_STATE_WAITING
#define CHECKING PWL_FLOW_STATE_CHECKING
#define SPENT PWL_FLOW_STATE_SPENT
#define DONE PWL_FLOW_STATE_DONE
#define WRONG PWL_TENANT_WRONG_CODE
#define LOST PWL_HTTPS_TIMEOUT
#define DOWN PWL_HTTPS_CONNECT

typedef struct {
    const char *what;
    op_t op;
    int arg;
    int at; /* seconds of the story */
    pwl_flow_do_t act;
    pwl_reason_t why;
    int wait;
    pwl_flow_state_t state;
    int left;
} row_t;

/* clang-format off */
static const row_t rows[] = {
    {"a record of zeros: a code that was never asked for is unknown",
        TRY, 1, 0, REFUSE, PWL_FLOW_UNKNOWN, 0, NONE, 3},
    {"the first code is asked for", SEND, 7, 0, CALL, PWL_OK, 0, SENDING, 3},
    {"L18: a double click while the mail is being sent makes no second mail",
        SEND, 7, 1, REPEAT, PWL_OK, 0, SENDING, 3},
    {"another address while sending belongs to another transaction",
        SEND, 8, 1, REFUSE, PWL_FLOW_UNKNOWN, 0, SENDING, 3},
    {"the tenant sent it", SENT, PWL_OK, 2, 0, PWL_OK, 0, WAITING, 3},
    {"an outcome reported twice changes nothing",
        UNSENT, DOWN, 3, 0, PWL_OK, 0, WAITING, 3},
    {"L18: a second click within ten seconds is answered as the first",
        SEND, 7, 11, REPEAT, PWL_OK, 0, WAITING, 3},
    {"L18: after ten seconds the cool-down speaks, with the time left",
        SEND, 7, 12, REFUSE, PWL_FLOW_WAIT, 50, WAITING, 3},
    {"L18: one second before the first cool-down ends",
        SEND, 7, 61, REFUSE, PWL_FLOW_WAIT, 1, WAITING, 3},
    {"exactly at the end of the first cool-down, 60 s",
        SEND, 7, 62, CALL, PWL_OK, 0, SENDING, 3},
    {"the older code while a second is being sent has to wait",
        TRY, 1, 63, REFUSE, PWL_FLOW_BUSY, 0, SENDING, 3},
    {"the second is sent", SENT, PWL_OK, 64, 0, PWL_OK, 0, WAITING, 3},
    {"one second before the second cool-down ends",
        SEND, 7, 183, REFUSE, PWL_FLOW_WAIT, 1, WAITING, 3},
    {"exactly at the end of the second cool-down, 120 s",
        SEND, 7, 184, CALL, PWL_OK, 0, SENDING, 3},
    {"the third is sent", SENT, PWL_OK, 184, 0, PWL_OK, 0, WAITING, 3},
    {"exactly at the end of the third cool-down, 300 s",
        SEND, 7, 484, CALL, PWL_OK, 0, SENDING, 3},
    {"the fourth is sent", SENT, PWL_OK, 484, 0, PWL_OK, 0, WAITING, 3},
    {"the fifth code is the last one asked for",
        SEND, 7, 784, CALL, PWL_OK, 0, SENDING, 3},
    {"the fifth is sent", SENT, PWL_OK, 784, 0, PWL_OK, 0, WAITING, 3},
    {"a sixth is over the limit, whatever the time",
        SEND, 7, 800, REFUSE, PWL_FLOW_LIMIT, 284, WAITING, 3},
    {"a sixth is over the limit after the cool-down too",
        SEND, 7, 9000, REFUSE, PWL_FLOW_LIMIT, 0, WAITING, 3},

    {"another sign-in, its first code sent",
        MAIL, 7, 0, 0, PWL_OK, 0, WAITING, 3},
    {"a code is tried", TRY, 1, 30, CALL, PWL_OK, 0, CHECKING, 2},
    {"L15: the same code meanwhile waits for the answer to the first",
        TRY, 1, 31, JOIN, PWL_OK, 0, CHECKING, 2},
    {"U15: and so may one more",
        TRY, 1, 31, JOIN, PWL_OK, 0, CHECKING, 2},
    {"U15: the fourth is told to come again: each who waits holds a worker",
        TRY, 1, 31, REFUSE, PWL_FLOW_BUSY, 0, CHECKING, 2},
    {"L15: another code meanwhile is refused",
        TRY, 2, 31, REFUSE, PWL_FLOW_BUSY, 0, CHECKING, 2},
    {"no mail is sent while a code is looked at",
        SEND, 7, 31, REFUSE, PWL_FLOW_BUSY, 0, CHECKING, 2},
    {"it was wrong", CAME, WRONG, 32, 0, PWL_FLOW_WRONG, 0, WAITING, 2},
    {"the same wrong code within ten seconds: same answer, no call",
        TRY, 1, 41, REPEAT, PWL_FLOW_WRONG, 0, WAITING, 2},
    {"the same wrong code after ten seconds is a try of its own",
        TRY, 1, 42, CALL, PWL_OK, 0, CHECKING, 1},
    {"wrong again", CAME, WRONG, 43, 0, PWL_FLOW_WRONG, 0, WAITING, 1},
    {"another code at once is a try of its own",
        TRY, 2, 43, CALL, PWL_OK, 0, CHECKING, 0},
    {"the third miss spends the code",
        CAME, WRONG, 44, 0, PWL_FLOW_SPENT, 0, SPENT, 0},
    {"a second click on the third miss hears the same",
        TRY, 2, 45, REPEAT, PWL_FLOW_SPENT, 0, SPENT, 0},
    {"L17: a fourth try is refused here",
        TRY, 3, 45, REFUSE, PWL_FLOW_SPENT, 0, SPENT, 0},
    {"a spent code keeps the cool-down",
        SEND, 7, 59, REFUSE, PWL_FLOW_WAIT, 1, SPENT, 0},
    {"after it a new code can be asked for",
        SEND, 7, 60, CALL, PWL_OK, 0, SENDING, 0},
    {"a new code brings three tries",
        SENT, PWL_OK, 61, 0, PWL_OK, 0, WAITING, 3},
    {"the digits missed last are no repeat with a new code",
        TRY, 2, 61, CALL, PWL_OK, 0, CHECKING, 2},
    {"and sign in", CAME, PWL_OK, 62, 0, PWL_OK, 0, DONE, 2},
    {"L16: a second click reaches the session that was made",
        TRY, 2, 91, REPEAT, PWL_OK, 0, DONE, 2},
    {"L16: half a minute later the right code makes no second session",
        TRY, 2, 92, REFUSE, PWL_FLOW_DONE, 0, DONE, 2},
    {"L16: no second outcome makes a session",
        CAME, PWL_OK, 63, 0, PWL_FLOW_DONE, 0, DONE, 2},
    {"a late miss does not undo it",
        CAME, WRONG, 64, 0, PWL_FLOW_WRONG, 0, DONE, 2},
    {"no code is sent for a sign-in that is done",
        SEND, 7, 900, REFUSE, PWL_FLOW_DONE, 0, DONE, 2},
    {"another address when done belongs to another transaction",
        SEND, 8, 900, REFUSE, PWL_FLOW_UNKNOWN, 0, DONE, 2},

    {NULL, NEW},
    {"first code", SEND, 7, 0, CALL, PWL_OK, 0, SENDING, 3},
    {"L21: an address the tenant does not take looks like any other",
        SENT, PWL_TENANT_CLOSED, 0, 0, PWL_OK, 0, WAITING, 3},
    {"at the end of life and grace, 195 s, the code is still asked about",
        TRY, 1, 195, CALL, PWL_OK, 0, CHECKING, 2},
    {"the tenant holds it for too old",
        CAME, PWL_TENANT_EXPIRED_CODE, 195, 0, PWL_FLOW_EXPIRED, 0, SPENT, 0},
    {"which leaves no try", TRY, 2, 196, REFUSE, PWL_FLOW_SPENT, 0, SPENT, 0},
    {"another sign-in", MAIL, 7, 200, 0, PWL_OK, 0, WAITING, 3},
    {"one second past life and grace: too old, no call, no try",
        TRY, 1, 396, REFUSE, PWL_FLOW_EXPIRED, 0, WAITING, 3},
    {"another sign-in", MAIL, 7, 400, 0, PWL_OK, 0, WAITING, 3},
    {"tried", TRY, 1, 401, CALL, PWL_OK, 0, CHECKING, 2},
    {"the tenant counted other misses and takes no more",
        CAME, PWL_TENANT_SPENT_CODE, 401, 0, PWL_FLOW_SPENT, 0, SPENT, 0},
    {"L17: the fourth at the tenant is refused here from now on",
        TRY, 2, 402, REFUSE, PWL_FLOW_SPENT, 0, SPENT, 0},
    {"another sign-in", MAIL, 7, 600, 0, PWL_OK, 0, WAITING, 3},
    {"tried", TRY, 1, 601, CALL, PWL_OK, 0, CHECKING, 2},
    {"L20: the code is right, and the tenant wants a second factor",
        CAME, PWL_TENANT_STEP, 601, 0, PWL_TENANT_STEP, 0, SPENT, 0},
    {"L20: a second click hears the same",
        TRY, 1, 602, REPEAT, PWL_TENANT_STEP, 0, SPENT, 0},
    {"L20: the code is used up by that",
        TRY, 1, 630, REFUSE, PWL_FLOW_SPENT, 0, SPENT, 0},

    {NULL, NEW},
    {"first code", SEND, 7, 0, CALL, PWL_OK, 0, SENDING, 3},
    {"the tenant was certainly not reached: as if never asked",
        UNSENT, DOWN, 1, 0, DOWN, 0, NONE, 3},
    {"so another address is welcome, at once",
        SEND, 8, 2, CALL, PWL_OK, 0, SENDING, 3},
    {"U17: the answer is lost: the mail may be on its way",
        SENT, LOST, 12, 0, LOST, 0, WAITING, 3},
    {"U17: so asking again within the cool-down sends nothing",
        SEND, 8, 71, REFUSE, PWL_FLOW_WAIT, 1, WAITING, 3},
    {"U17: and the code of that mail is taken",
        TRY, 1, 71, CALL, PWL_OK, 0, CHECKING, 2},
    {"wrong", CAME, WRONG, 71, 0, PWL_FLOW_WRONG, 0, WAITING, 2},
    {"a second code", SEND, 8, 72, CALL, PWL_OK, 0, SENDING, 2},
    {"certainly not sent: the tries of the older code stand as they were",
        UNSENT, DOWN, 73, 0, DOWN, 0, WAITING, 2},
    {"and its misses are still known",
        TRY, 1, 74, REPEAT, PWL_FLOW_WRONG, 0, WAITING, 2},
    {"the send was given back, no cool-down holds",
        SEND, 8, 74, CALL, PWL_OK, 0, SENDING, 2},
    {"U8: the tenant asks for a pause of 100 s",
        PAUSED, 100, 75, 0, PWL_TENANT_RATE_LIMIT, 0, WAITING, 2},
    {"U8: one second before its end", SEND, 8, 174, REFUSE, PWL_FLOW_WAIT, 1,
        WAITING, 2},
    {"U8: a pause for mail does not keep a code out",
        TRY, 2, 174, CALL, PWL_OK, 0, CHECKING, 1},
    {"U8: the tenant asks for a pause of ten years",
        LATER, 315360000, 175, 0, PWL_TENANT_RATE_LIMIT, 0, WAITING, 2},
    {"U8: the code waits, an hour at most, and keeps its try",
        TRY, 2, 176, REFUSE, PWL_TENANT_RATE_LIMIT, 3599, WAITING, 2},
    {"U8: a pause for codes does not keep mail out",
        SEND, 8, 176, CALL, PWL_OK, 0, SENDING, 2},

    {"another sign-in, its first code sent",
        MAIL, 7, 0, 0, PWL_OK, 0, WAITING, 3},
    {"first try", TRY, 1, 10, CALL, PWL_OK, 0, CHECKING, 2},
    {"the answer is lost: the try is used",
        CAME, LOST, 11, 0, LOST, 0, WAITING, 2},
    {"the second click hears the same and makes no call",
        TRY, 1, 20, REPEAT, LOST, 0, WAITING, 2},
    {"later the person may try it again",
        TRY, 1, 21, CALL, PWL_OK, 0, CHECKING, 1},
    {"certainly no code looked at: the try is given back",
        UNSEEN, DOWN, 22, 0, DOWN, 0, WAITING, 2},
    {"and the same code may go out at once",
        TRY, 1, 22, CALL, PWL_OK, 0, CHECKING, 1},
    {"lost again", CAME, LOST, 23, 0, LOST, 0, WAITING, 1},
    {"last try", TRY, 3, 24, CALL, PWL_OK, 0, CHECKING, 0},
    {"lost too: no try is left", CAME, LOST, 25, 0, LOST, 0, SPENT, 0},
    {"a late right answer still signs in",
        CAME, PWL_OK, 26, 0, PWL_OK, 0, DONE, 0},
    {"but no code counts as the one that did",
        TRY, 3, 26, REFUSE, PWL_FLOW_DONE, 0, DONE, 0},

    {NULL, NEW},
    {"an outcome for a record that was dropped makes no session",
        CAME, PWL_OK, 0, 0, PWL_FLOW_UNKNOWN, 0, NONE, 3},
    {"first code", SEND, 7, 0, CALL, PWL_OK, 0, SENDING, 3},
    {"nor does one for a code that was never sent",
        CAME, PWL_OK, 0, 0, PWL_FLOW_UNKNOWN, 0, SENDING, 3},
    {"its process dies; at the limit of a call it still counts as going on",
        TRY, 1, 20, REFUSE, PWL_FLOW_UNKNOWN, 0, SENDING, 3},
    {"past it the mail counts as sent, when it was asked for",
        SEND, 7, 21, REFUSE, PWL_FLOW_WAIT, 39, WAITING, 3},
    {"and its code is taken", TRY, 1, 21, CALL, PWL_OK, 0, CHECKING, 2},
    {"this process dies too; at the limit of a call: join",
        TRY, 1, 41, JOIN, PWL_OK, 0, CHECKING, 2},
    {"past it the try is used and the next goes out",
        TRY, 1, 42, CALL, PWL_OK, 0, CHECKING, 1},
    {"and dies", TRY, 2, 63, CALL, PWL_OK, 0, CHECKING, 0},
    {"and dies: no try comes back", TRY, 3, 84, REFUSE, PWL_FLOW_SPENT, 0,
        SPENT, 0},
    {"nor by a late report of no call", UNSEEN, DOWN, 85, 0, DOWN, 0, SPENT, 0},
    {"a new code from there", SEND, 7, 90, CALL, PWL_OK, 0, SENDING, 0},
    {"a late right answer for the older wins over the mail going out",
        CAME, PWL_OK, 91, 0, PWL_OK, 0, DONE, 0},
    {"whose outcome changes nothing", SENT, PWL_OK, 92, 0, PWL_OK, 0, DONE, 0},

    {"another sign-in, its first code sent",
        MAIL, 7, 10000, 0, PWL_OK, 0, WAITING, 3},
    {"first try", TRY, 1, 10001, CALL, PWL_OK, 0, CHECKING, 2},
    {"wrong", CAME, WRONG, 10002, 0, PWL_FLOW_WRONG, 0, WAITING, 2},
    {"O4: the clock goes back: a try stays used",
        TRY, 2, 100, CALL, PWL_OK, 0, CHECKING, 1},
    {"O4: the clock goes back in a call: it is not yet dead",
        TRY, 2, 50, JOIN, PWL_OK, 0, CHECKING, 1},
    {"O4: but is, call_limit after that was seen",
        TRY, 3, 71, CALL, PWL_OK, 0, CHECKING, 0},
    {"wrong", CAME, WRONG, 71, 0, PWL_FLOW_SPENT, 0, SPENT, 0},
    {"O4: the cool-down counts from where the clock went back to",
        SEND, 7, 109, REFUSE, PWL_FLOW_WAIT, 1, SPENT, 0},
    {"O4: and nobody is locked out for the years between",
        SEND, 7, 110, CALL, PWL_OK, 0, SENDING, 0},
    {"pause of 100 s", PAUSED, 100, 111, 0, PWL_TENANT_RATE_LIMIT, 0, SPENT, 0},
    {"O4: the clock goes back an age: the pause is an hour at most",
        SEND, 7, -900000, REPEAT, PWL_OK, 0, SPENT, 0},
    {"O4: and over after it",
        SEND, 7, -900000 + 3600, CALL, PWL_OK, 0, SENDING, 0},

    {"another sign-in", MAIL, 7, 0, 0, PWL_OK, 0, WAITING, 3},
    {"a magic link ends it", CAME, PWL_OK, 1, 0, PWL_OK, 0, DONE, 3},
    {"another sign-in", MAIL, 7, 0, 0, PWL_OK, 0, WAITING, 3},
    {"a cool-down shorter than the window of a second click: a second click",
        SEND_4S, 7, 3, REPEAT, PWL_OK, 0, WAITING, 3},
    {"after it mail is sent", SEND_4S, 7, 4, CALL, PWL_OK, 0, SENDING, 3},
};
/* clang-format on */

#endif
