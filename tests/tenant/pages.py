# SPDX-License-Identifier: Apache-2.0
"""The HTML of the hosted pages: sign-in, second factor, log-out, errors.

Small and plain, without script, every value escaped.  The error page has the
marks of the real one (auth0-api.md 10.3): "Oops!, something went wrong", the
error code, and a TRACKING ID equal to x-auth0-requestid.
"""
import html

from wire import html_response

STYLE = """
:root{color-scheme:light dark;--bg:#eef0f4;--card:#fff;--text:#1e212a;--muted:#5f6578;
--line:#8a90a4;--accent:#635dff;--on:#fff}
@media (prefers-color-scheme:dark){:root{--bg:#15161b;--card:#20222b;--text:#eceef5;
--muted:#a4a9bb;--line:#6d7288;--accent:#9b97ff;--on:#15161b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);
color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{background:var(--card);border-radius:.75rem;padding:min(6.5vw,2rem);margin:1rem 0;width:min(26rem,92vw)}
h1{font-size:1.35rem;margin:0 0 .5rem}p{color:var(--muted);margin:.5rem 0 1rem}
label{display:block;margin:0 0 .25rem;font-weight:600}
input{width:100%;padding:.7rem .875rem;font:inherit;color:inherit;background:transparent;
border:1px solid var(--line);border-radius:.4rem}
button{width:100%;margin-top:1rem;padding:.7rem;font:inherit;font-weight:600;border:0;
border-radius:.4rem;background:var(--accent);color:var(--on);cursor:pointer}
button.plain{background:none;color:var(--muted);font-weight:400;margin-top:.25rem}
.error{color:#b3261e}
@media (prefers-color-scheme:dark){.error{color:#ffa198}}
"""

FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>%s</title>
<meta name="viewport" content="width=device-width"><style>%s</style></head>
<body><main>%s</main></body></html>
"""


def frame(title, inside, status=200):
    page = FRAME % (html.escape(title), STYLE, inside)
    return html_response(page, status, [("content-security-policy", "frame-ancestors 'none'"),
                                        ("x-frame-options", "deny")])


def form(title, lead, state, field, label, attributes, button, error=None):
    """One input, one button, and a way out."""
    esc = html.escape
    parts = ["<h1>%s</h1><p>%s</p>" % (esc(title), lead)]
    if error:
        parts.append('<p class="error" role="alert">%s</p>' % esc(error))
    parts.append('<form method="post"><input type="hidden" name="state" value="%s">'
                 '<label for="i">%s</label><input id="i" name="%s" %s autofocus>'
                 '<button type="submit" name="action" value="default">%s</button></form>'
                 % (esc(state), esc(label), field, attributes, esc(button)))
    parts.append('<form method="post" action="/u/login/cancel">'
                 '<input type="hidden" name="state" value="%s">'
                 '<button class="plain">Cancel</button></form>' % esc(state))
    return frame(title, "".join(parts), 400 if error else 200)


def address_form(client, state, address="", error=None):
    return form("Welcome", "Sign in to %s." % html.escape(client.name), state, "username",
                "Email address", 'type="text" inputmode="email" autocomplete="email" value="%s"'
                % html.escape(address), "Continue", error)


def code_form(client, state, address, error=None):
    lead = ("We've sent an email with your code to <bdi>%s</bdi>. It is for %s."
            % (html.escape(address), html.escape(client.name)))
    return form("Verify your identity", lead, state, "code", "Enter the code",
                'type="text" inputmode="numeric" autocomplete="one-time-code"', "Continue", error)


def mfa_form(client, state, error=None):
    return form("Second factor", "Enter the code of your authenticator app.", state, "code",
                "One-time code", 'type="text" inputmode="numeric"', "Continue", error)


def logout_form(state):
    inside = ('<h1>Log out</h1><p>Are you sure you want to log out?</p>'
              '<form method="post" action="/u/logout-consent">'
              '<input type="hidden" name="state" value="%s">'
              '<button name="action" value="accept">Yes</button>'
              '<button class="plain" name="action" value="deny">No</button></form>'
              % html.escape(state))
    return frame("Log out", inside)


def error_page(request, error, description, status=400):
    inside = ("<h1>Oops!, something went wrong</h1><p>%s</p><p>%s</p>"
              "<p>TRACKING ID: %s</p>" % (html.escape(error), html.escape(description),
                                          request.tracking_id))
    return frame("Error", inside, status)


def message_page(title, text, status=200):
    return frame(title, "<h1>%s</h1><p>%s</p>" % (html.escape(title), html.escape(text)), status)


def self_posting_form(target, fields):
    """response_mode=form_post; the one page that needs script, as there."""
    esc = html.escape
    inputs = "".join('<input type="hidden" name="%s" value="%s">' % (esc(n), esc(v))
                     for n, v in fields)
    return html_response('<!doctype html><html><head><title>Submit this form</title></head>'
                         '<body onload="document.forms[0].submit()">'
                         '<form method="post" action="%s">%s<noscript><button>Continue</button>'
                         '</noscript></form></body></html>' % (esc(target), inputs))


def web_message_page(origin, fields):
    import json
    response = json.dumps(dict(fields)).replace("<", "\\u003c")
    return html_response('<!doctype html><html><head><title>Authorization Response</title></head>'
                         '<body><script>(window.opener||window.parent).postMessage('
                         '{type:"authorization_response",response:%s},%s)</script></body></html>'
                         % (response, json.dumps(origin).replace("<", "\\u003c")))
