# SPDX-License-Identifier: Apache-2.0
"""Count the rows of the attack catalogue that a test names.

A test names its row at the start of its sentence: "R2: …" or "L15, O3: …".
The catalogue numbers its rows by letter; FORTY are those that buy most. Rows
of features this version does not have are in LATER, with the feature. The run
fails when one of the forty has neither a test nor such a reason. Prints TAP's
verdict last.
"""

import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

ROWS = {"R": 21, "H": 12, "S": 18, "K": 14, "L": 29, "O": 22, "J": 25, "U": 18,
        "M": 17, "X": 12, "D": 20, "G": 10, "P": 6, "C": 10}

FORTY = """L1 L15 L4 L6 L19 L12 L23 L18 L14 L21 L7 L8 L9 L10 L11 H3 H2 H7 H1 H6
S1 S6 S7 S12 S16 S10 D10 D11 S17 R1 R2 R3 R4 R6 R10 R15 R17 O1 O2 O3 O6 O7 O9 O10
J1 J2 J3 J4 J6 J7 J8 J12 J15 J11 J21 U4 U5 U3 U15 U6 U13 P1 M5 M8 M10 M12 X1 X3
X9 G1 G6""".split()

LATER = {
    "U15": "latency under a slow tenant, measured",
    "M10": "load orders permuted",
}

NAMED = re.compile(r"""["'(]((?:[A-Z]\d{1,2}(?:, ?|/| and )?)+):""")


def covered():
    found = {}
    for pattern in ("unit/*.[ch]", "t/*.t", "browser/*.py", "*.sh", "*.py",
                    "fuzz/*.c", "tenant/test_*.py"):
        for path in glob.glob(os.path.join(TOP, "tests", pattern)):
            with open(path, encoding="utf-8") as source:
                for names in NAMED.findall(source.read()):
                    for row in re.findall(r"[A-Z]\d{1,2}", names):
                        found.setdefault(row, set()).add(os.path.relpath(path, TOP))
    return found


def main():
    found = covered()
    rows = [f"{letter}{number}" for letter, count in ROWS.items()
            for number in range(1, count + 1)]
    for letter in ROWS:
        mine = [row for row in rows if row[0] == letter]
        have = [row for row in mine if row in found]
        print(f"# {letter}: {len(have)} of {len(mine)}; without a test: "
              + (" ".join(row for row in mine if row not in found) or "none"))
    total = sum(row in found for row in rows)
    missing = [row for row in FORTY if row not in found and row not in LATER]
    later = [f"{row} ({LATER[row]})" for row in FORTY
             if row in LATER and row not in found]
    print(f"# {total} of {len(rows)} rows have a test; later: {', '.join(later) or 'none'}")
    print("ok 1" if not missing else "not ok 1",
          "- every row that buys most has a test, or a feature still to come")
    if missing:
        print("# missing:", " ".join(missing))
    print("1..1")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
