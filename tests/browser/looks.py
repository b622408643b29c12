# SPDX-License-Identifier: Apache-2.0
"""Is a page good to look at? measure.js says what is, this what must be."""

import os

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure.js"),
          encoding="utf-8") as script:
    MEASURE = script.read()


def complaints(found):
    if found["text"][0] < 4.5:
        yield "text of %.2f:1, %s" % tuple(found["text"])
    if found["edge"][0] < 3:
        yield "edge of %.2f:1, %s" % tuple(found["edge"])
    if found["scrolls"]:
        yield "scrolls sideways: %s" % found["wide"][:3]
    for key in ("small", "inline", "ids"):
        if found[key]:
            yield "%s: %s" % (key, found[key][:3])
    if found["headings"] != 1:
        yield "%d headings of the first order" % found["headings"]
