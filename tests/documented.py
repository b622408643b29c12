# SPDX-License-Identifier: Apache-2.0
"""Compare docs/ with the code: directives, reasons, limits, URLs, metrics, texts.
Prints TAP.

No undocumented name, no documented ghost; a directive's context and the
default named in its one-line help must be those of the page.
"""

import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as source:
        return source.read()


def here(*patterns):
    """Files of the checkout, as read() wants them."""
    return [os.path.relpath(path, TOP) for pattern in patterns
            for path in sorted(glob.glob(os.path.join(TOP, pattern)))
            if os.path.isfile(path)]


def directives_in_code():
    rows = re.findall(r'AP_INIT_\w+\("(Auth0\w+)", \w+, [SD]\(\w+\),\s*'
                      r'(PWL_\w+),\s*"((?:[^"\\]|\\.|"\s*")*)"',
                      read("mod_auth0_pwless.c"))
    found = {}
    for name, where, text in rows:
        text = re.sub(r'(?<!\\)"\s*"', "", text)
        default = re.search(r"\(default (.*)\)$", text.replace('\\"', '"'))
        found[name] = ("S D" if where == "PWL_ANYWHERE" else "S",
                       default.group(1) if default else "–")
    return found


def directives_in_docs():
    """Rows of the table: | `Name` | where | default | meaning |"""
    rows = re.findall(r"^\| `(Auth0\w+)` \| ([^|]*) \| ([^|]*) \|",
                      read("docs/directives.md"), re.M)
    return {name: (where.strip(), default.strip().replace("`", ""))
            for name, where, default in rows}


def words(pattern, path, flags=re.M):
    return set(re.findall(pattern, read(path), flags))


def metrics_in_code():
    """name -> (kind, label -> values), of the table in core/metrics.c"""
    source = read("src/core/metrics.c")
    lists = {name: re.findall(r'"([a-z0-9_-]+)"', body) for name, body in
             re.findall(r"\*const (\w+)\[PWL_\w+\] = \{(.*?)\};", source, re.S)}
    found = {"pwless_info": ("gauge", "`version`")}
    for row in re.findall(r'\{\s*"(pwless_\w+)", PWL_METRIC_(\w+), "\w+", "\w+",'
                          r'(.*?)(?=\n    \[PWL_METRIC|\n\};)', source, re.S):
        name, kind, rest = row
        labels = [f"`{label}` = {', '.join(lists[values])}" for label, values in
                  re.findall(r'LABEL\("(\w+)", (\w+)\)', rest)]
        if '{"reason", NULL' in rest:
            labels = ["`reason` = [the words](reasons.md)"]
        found[name] = (kind.lower(), "; ".join(labels) or "–")
    return found


def metrics_in_docs():
    """Rows of the table: | `name` | kind | labels | meaning |"""
    return {name: (kind, labels) for name, kind, labels in
            re.findall(r"^\| `(pwless_\w+)` \| (\w+) \| ([^|]*?) \|",
                       read("docs/status.md"), re.M)}


def selectors_in_rules():
    """(name, label, value) of what docs/alerts.yml selects, and (name, "", "")"""
    found = set()
    for name, labels in re.findall(r"\b(pwless_\w+)(?:\{(.*?)\})?", read("docs/alerts.yml")):
        found.add((name, "", ""))
        found |= {(name, label, value) for label, values in
                  re.findall(r'(\w+)[=!]~?"(.*?)"', labels) for value in values.split("|")}
    return found


def exists(name, label, value):
    """Does the series exist? Of a histogram none has the bare name."""
    kind, labels = metrics_in_code().get(name, ("", ""))
    known = dict(re.findall(r"`(\w+)` = ([^;]+)", labels))
    return kind in ("counter", "gauge") and (
        not label or value in known.get(label, "").split(", "))


def texts_in_code():
    """key, with its plural form -> English, of core/text.h and core/text_en.c"""
    words = dict(re.findall(r'X\((PWL_TEXT_\w+),\s*"([^"]+)"', read("src/core/text.h")))
    found = {}
    for name, forms, body in re.findall(
            r'\[(PWL_TEXT_\w+)\] = T(2?)\(((?:"(?:[^"\\]|\\.)*"[\s,]*)+)\)',
            read("src/core/text_en.c")):
        texts = [re.sub(r'"\s*"', "", text)[1:-1] for text in
                 re.findall(r'(?:"(?:[^"\\]|\\.)*"\s*)+', body.strip())]
        texts = [text.rstrip('"') for text in texts]
        endings = ("_one", "_other") if forms else ("",)
        assert len(texts) == len(endings), name
        for ending, text in zip(endings, texts):
            found[words[name] + ending] = text
    del found["none"]
    return found


def texts_in_docs():
    """Rows of the table: | `key` | text |"""
    return dict(re.findall(r"^\| `([a-z.-]+(?:_[a-z]+)?)` \| (.*) \|$",
                           read("docs/languages.md"), re.M))


# What reads bytes of visitors, the tenant, other programs or configuration.
PARSERS = """address answer authorize authparam cookie fields finding flow
flowrecord form gather html idtoken json jsonform jwks jws language leases
locales logouts logouttoken logouturl messagefile messages navigation network
origin otp phone record redis redisurl returnto script scriptfile scrub seal
secret session sessionfile sessions setting status step throttles token tokens
txns utf8""".split()

# Of what ./demo and ./check install, this is for running and testing alone.
NOT_FOR_BUILDING = {"apache2-bin", "python3", "openssl", "ca-certificates"}


def packages(text):
    """Names between `apt-get install` and the end of that command."""
    found = re.search(r"apt-get install ((?:[^\n]*\\\n)*[^\n]*)", text)
    return set(re.sub(r"\\\n", " ", found.group(1)).split()) if found else set()


CHECKS = []


def check(sentence, left, right):
    """Both sets (or dicts) equal?"""
    CHECKS.append((sentence, sorted(str(item) for item in left),
                   sorted(str(item) for item in right)))


def main():
    code, docs = directives_in_code(), directives_in_docs()
    check("directives: the table of docs/directives.md is the module's table",
          code.items(), docs.items())
    headings = words(r"^### `(Auth0\w+)`", "docs/directives.md")
    check("directives: each has a section of its own", code, headings)
    tests = "".join(read(path) for path in here("tests/t/*.t", "tests/t/conf/*"))
    check("C10: directives: each is used by a live test", code,
          {name for name in code if re.search(name + r"\b", tests)})
    check("D19: each parser of outside bytes has a fuzz target with a corpus",
          PARSERS, {name for name in PARSERS if here(f"tests/fuzz/fuzz_{name}.c")
                    and here(f"tests/fuzz/corpus/{name}/*")})
    check("reasons: docs/reasons.md lists every word",
          words(r'X\(PWL_\w+,\s*"([a-z0-9-]+)"', "src/core/reason.h"),
          words(r"^\| `([a-z0-9-]+)` \|", "docs/reasons.md"))
    check("limits: docs/limits.md lists every limit and its figure",
          words(r"^#define (PWL_\w+ [0-9]+)", "src/core/limits.h"),
          {f"{name} {value}" for name, value in
           words(r"^\| `(PWL_\w+)` \| ([0-9]+) \|", "docs/limits.md")})
    urls = words(r'\{"([a-z-]+)",\s*PWL_ENDPOINT_', "src/httpd/realm.c") - {"denied"}
    check("URLs: docs/urls.md lists every one", urls | {"assets"},
          words(r"^\| `(?:GET|POST) ([a-z-]+)", "docs/urls.md"))
    check("metrics: the table of docs/status.md is that of core/metrics.c",
          metrics_in_code().items(), metrics_in_docs().items())
    told = re.findall(r"^\| `(pwless_\w+)` \|", read("docs/status.md"), re.M)
    check("metrics: each is listed once", set(told), told)
    check("metrics: alert rules select what is there, each",
          selectors_in_rules(), [one for one in selectors_in_rules() if exists(*one)])
    check("metrics: docs/status.md lists the three alerts of docs/alerts.yml",
          words(r"^ +- alert: (\w+)$", "docs/alerts.yml"),
          words(r"^\| `(SignIn\w+)` \|", "docs/status.md"))
    needed = set(re.search(r'^BUILD_PACKAGES="([^"]+)"', read("tools/prepare.sh"),
                           re.M).group(1).split()) - NOT_FOR_BUILDING
    for path in ("README.md", "docs/quick-start.md"):
        check(f"C10: packages: {path} names what building takes", needed,
              packages(read(path)) - {"apache2"})
    rights = re.search(r'"the Redis user may not do this: ([^;]*);', read("src/io/redis.c"))
    granted = re.search(r"needs these commands on keys of the prefix:\n(.*?)\n\nA new",
                        read("docs/operations.md"), re.S)
    check("Redis: docs/operations.md lists the commands that the log names",
          *[set(re.findall(r"\b[A-Z]{3,}\b", found.group(1))) for found in (rights, granted)])
    check("texts: docs/languages.md lists every key and its English",
          texts_in_code().items(), texts_in_docs().items())
    failed = 0
    for number, (sentence, left, right) in enumerate(CHECKS, 1):
        good = left == right and left
        print(f"{'ok' if good else 'not ok'} {number} - {sentence}")
        if not good:
            failed = 1
            print("#   only in the code:", set(left) - set(right) or "nothing")
            print("#   only in docs/:", set(right) - set(left) or "nothing")
    print(f"1..{len(CHECKS)}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
