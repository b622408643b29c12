/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page or program: what browsers and programs of several kinds really send,
 * and one mark at a time added to a request that is a page without it.
 */
#include "core/navigation.h"

#include <stdlib.h>

#include "tap.h"

#define HTML "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#define PAGE .method = "GET", .accept = HTML

/* clang-format off */
static const struct { const char *what; pwl_navigation_t nav; int want; } pages[] = {
    {"a page",                          {PAGE}, 1},
    {"a page of a browser of today",    {PAGE, .sec_fetch_mode = "navigate", .sec_fetch_dest = "document"}, 1},
    {"HEAD counts like GET",            {.method = "HEAD", .accept = HTML}, 1},
    {"HTML alone",                      {.method = "GET", .accept = "text/html"}, 1},
    {"XHTML alone",                     {.method = "GET", .accept = "application/xhtml+xml"}, 1},
    {"HTML in another case",            {.method = "GET", .accept = "Text/HTML"}, 1},
    {"HTML with parameters",            {.method = "GET", .accept = "text/html;level=1 ; q=0.1"}, 1},
    {"M1: POST",                        {.method = "POST", .accept = HTML}, 0},
    {"M1: OPTIONS",                     {.method = "OPTIONS", .accept = HTML}, 0},
    {"M1: lower case is another method", {.method = "get", .accept = HTML}, 0},
    {"M1: no method",                   {.accept = HTML}, 0},
    {"R18: an image",                   {PAGE, .sec_fetch_mode = "no-cors", .sec_fetch_dest = "image"}, 0},
    {"R18: an image by its Accept",     {.method = "GET", .accept = "image/avif,image/webp,*/*;q=0.8"}, 0},
    {"R18: a style sheet",              {.method = "GET", .accept = "text/css,*/*;q=0.1"}, 0},
    {"X11: fetch by mode",              {PAGE, .sec_fetch_mode = "cors"}, 0},
    {"X11: same-origin fetch",          {PAGE, .sec_fetch_mode = "same-origin", .sec_fetch_dest = "empty"}, 0},
    {"X11: an empty destination",       {PAGE, .sec_fetch_dest = "empty"}, 0},
    {"a frame",                         {PAGE, .sec_fetch_mode = "navigate", .sec_fetch_dest = "iframe"}, 0},
    {"an empty mode is no navigation",  {PAGE, .sec_fetch_mode = ""}, 0},
    {"O13: a prefetch",                 {PAGE, .sec_purpose = "prefetch"}, 0},
    {"O13: a prerendered page",         {PAGE, .sec_purpose = "prefetch;prerender"}, 0},
    {"O13: a prefetch of older Chromium", {PAGE, .purpose = "prefetch"}, 0},
    {"O13: a preview of Safari",        {PAGE, .purpose = "Preview"}, 0},
    {"O13: a prefetch of Firefox",      {PAGE, .x_moz = "prefetch"}, 0},
    {"another purpose is none",         {PAGE, .purpose = "reading", .x_moz = "", .sec_purpose = ""}, 1},
    {"X11: XMLHttpRequest",             {PAGE, .x_requested_with = "XMLHttpRequest"}, 0},
    {"X11: the same in lower case",     {PAGE, .x_requested_with = "xmlhttprequest"}, 0},
    {"an app's WebView names itself",   {PAGE, .x_requested_with = "org.example.app"}, 1},
    {"X11: htmx",                       {PAGE, .hx_request = "true"}, 0},
    {"M15: WebSocket",                  {PAGE, .upgrade = "websocket"}, 0},
    {"M15: WebSocket in a list",        {PAGE, .upgrade = "h2c, WebSocket"}, 0},
    {"another upgrade changes nothing", {PAGE, .upgrade = "h2c"}, 1},
    {"curl",                            {.method = "GET", .accept = "*/*"}, 0},
    {"no Accept",                       {.method = "GET"}, 0},
    {"an empty Accept",                 {.method = "GET", .accept = ""}, 0},
    {"any text is not HTML",            {.method = "GET", .accept = "text/*"}, 0},
    {"JSON",                            {.method = "GET", .accept = "application/json"}, 0},
    {"JSON above HTML by weight",       {.method = "GET", .accept = "text/html;q=0.5, application/json"}, 0},
    {"JSON above HTML by place",        {.method = "GET", .accept = "application/json, text/html"}, 0},
    {"HTML above JSON by weight",       {.method = "GET", .accept = "application/json;q=0.5, text/html"}, 1},
    {"HTML above JSON by place",        {.method = "GET", .accept = "text/html, application/json"}, 1},
    {"HTML that is not wanted",         {.method = "GET", .accept = "text/html;q=0, */*"}, 0},
    {"HTML in quotes is not HTML",      {.method = "GET", .accept = "\"text/html\""}, 0},
    {"a longer type is not HTML",       {.method = "GET", .accept = "text/html5, x/text/html"}, 0},
};

static const struct { const char *what, *accept; int want; } accepts[] = {
    {"JSON alone",                       "application/json", 1},
    {"problem+json alone",               "application/problem+json", 1},
    {"another type in JSON",             "application/vnd.api+json", 1},
    {"JSON in another case",             "Application/JSON; charset=utf-8", 1},
    {"what axios sends",                 "application/json, text/plain, */*", 1},
    {"JSON before HTML",                 "application/json,text/html", 1},
    {"HTML before JSON",                 "text/html,application/json", 0},
    {"JSON with more weight",            "text/html;q=0.8,application/json;q=0.9", 1},
    {"JSON with less weight",            "application/json;q=0.8,text/html;q=0.9", 0},
    {"weights of three digits",          "text/html;q=0.998,application/json;q=0.999", 1},
    {"a fourth digit changes nothing",   "text/html;q=0.9981,application/json;q=0.9989", 0},
    {"weight one with zeros",            "application/json;q=1.000,text/html;q=0.999", 1},
    {"weight in another case",           "text/html;Q=0.5,application/json", 1},
    {"blanks around weight",             "text/html ; q=0.5 , application/json", 1},
    {"JSON that is not wanted",          "application/json;q=0", 0},
    {"JSON twice: the better counts",    "application/json;q=0.1,text/html;q=0.5,application/x+json", 1},
    {"JSON twice alike: the first counts", "application/json,text/html,application/json", 1},
    {"X12: a weight that is no number",  "application/json;q=NaN", 0},
    {"X12: a negative weight",           "application/json;q=-1", 0},
    {"X12: a weight above one is one",   "text/html;q=1.0,application/json;q=1.9", 0},
    {"X12: a weight with junk behind",   "application/json;q=0.5x", 0},
    {"X12: an empty weight",             "application/json;q=", 0},
    {"HTML only",                        "text/html", 0},
    {"anything",                         "*/*", 0},
    {"no header",                        NULL, 0},
    {"an empty header",                  "", 0},
    {"commas only",                      ",,, ,", 0},
    {"semicolons only",                  ";;;", 0},
    {"a bare suffix is no type",         "+json", 0},
    {"JSON as a parameter",              "text/plain;a=application/json", 0},
};
/* clang-format on */

/** Whatever 8 KB of one character means, it means it soon. */
static void test_long(char c)
{
    char *accept = malloc(8193), what[40];

    memset(accept, c, 8192);
    accept[8192] = '\0';
    snprintf(what, sizeof(what), "X12: 8 KB of '%c'", c);
    tap_int(what, pwl_navigation_wants_json(accept), 0);
    free(accept);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        tap_int(pages[i].what, pwl_navigation_is_page(&pages[i].nav),
                pages[i].want);
    for (size_t i = 0; i < sizeof(accepts) / sizeof(accepts[0]); i++)
        tap_int(accepts[i].what, pwl_navigation_wants_json(accepts[i].accept),
                accepts[i].want);
    test_long(',');
    test_long(';');
    test_long(' ');
    test_long('a');
    return tap_done();
}
