# SPDX-License-Identifier: Apache-2.0
"""Count the rows of the attack catalogue that a test names.

A test names its row at the start of its sentence: "R2: …" or "L15, O3: …".
The catalogue numbers its rows by letter. The few rows that no test here can
be for stand in WITHOUT, with the reason. The run fails when a row has neither
a test nor a reason, or when docs/security.md counts otherwise. Prints TAP's
verdicts last.
"""

import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

ROWS = {"R": 21, "H": 12, "S": 18, "K": 14, "L": 29, "O": 22, "J": 25, "U": 18,
        "M": 17, "X": 12, "D": 20, "G": 10, "P": 6, "C": 10}

WITHOUT = {
    "D18": "APR ends the process when memory runs out; there is no way on to test",
    "X5": "no posted form is kept and played back: R20",
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


def not_told(have, rows):
    """Counts that docs/security.md should have and has not."""
    targets = glob.glob(os.path.join(TOP, "tests/fuzz/fuzz_*.c"))
    letters = [f"{letter} 1–{count}" for letter, count in ROWS.items()]
    with open(os.path.join(TOP, "docs/security.md"), encoding="utf-8") as source:
        text = source.read()
    return [words for words in
            [f"{have} of {rows} rows", f"{len(targets)} fuzz targets"] + letters
            if words not in text]


def main():
    found = covered()
    rows = [f"{letter}{number}" for letter, count in ROWS.items()
            for number in range(1, count + 1)]
    for letter in ROWS:
        mine = [row for row in rows if row[0] == letter]
        have = [row for row in mine if row in found]
        print(f"# {letter}: {len(have)} of {len(mine)}; without a test: "
              + (" ".join(row for row in mine if row not in found) or "none"))
    print(f"# {len(found.keys() & set(rows))} of {len(rows)} rows have a test")
    for row, reason in WITHOUT.items():
        print(f"# {row}: " + ("has a test by now, take it off the list"
                              if row in found else reason))
    missing = [row for row in rows if row not in found and row not in WITHOUT]
    print("ok 1" if not missing else "not ok 1",
          "- every row has a test, or a reason why not")
    if missing:
        print("# missing:", " ".join(missing))
    stale = not_told(len(found.keys() & set(rows)), len(rows))
    print("ok 2" if not stale else "not ok 2",
          "- docs/security.md counts as this does")
    for words in stale:
        print("# not there:", words)
    print("1..2")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
