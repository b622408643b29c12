# SPDX-License-Identifier: Apache-2.0
"""What a server takes of the machine: memory, descriptors, shared memory.

Memory is what is a process's own (RssAnon and what of it is swapped out), so the
session table, which fills up, is not in it. Segments and semaphores of System V
and below /dev/shm belong to no process: they are counted for the whole
namespace, which is ours alone if soak.sh could make one.
"""

import os
import re
from typing import NamedTuple


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as names:
        return sorted(map(int, names.read().split()))


def kilobytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return sum(map(int, re.findall(r"^(?:RssAnon|VmSwap):\s+(\d+)",
                                       status.read(), re.M)))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def shared_mappings(pid):
    """Those that are no file of the program: anonymous, System V, /dev/shm."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        return len(re.findall(r"^\S+ ..?.s ", maps.read(), re.M))


def system_wide():
    """Segments and semaphores of System V and POSIX; nothing if others have
    theirs in the same namespace."""
    found = {}
    if os.environ.get("SOAK_NAMESPACE") != "own":
        return found
    for kind in ("shm", "sem", "msg"):
        with open(f"/proc/sysvipc/{kind}", encoding="ascii") as table:
            found[f"System V {kind}"] = len(table.readlines()) - 1
    found["files in /dev/shm"] = len(os.listdir("/dev/shm"))
    return found


class Footprint(NamedTuple):
    children: tuple
    parent_kilobytes: int
    child_kilobytes: int        # all children together
    parent_descriptors: int
    child_descriptors: int
    parent_mappings: int
    system: dict


def footprint(pid):
    children = children_of(pid)
    return Footprint(tuple(children), kilobytes(pid), sum(map(kilobytes, children)),
                     descriptors(pid), sum(map(descriptors, children)),
                     shared_mappings(pid), system_wide())


def growth(what, before, after, percent, slack=0):
    """A sentence that says what grew from what to what; None if it is flat."""
    if after <= before * (1 + percent / 100) + slack:
        return None
    return f"{what} grew from {before:,} to {after:,}"


def parent_growth(before, after, restarts, slack_kilobytes):
    """Sentences on what the parent gathered over so many graceful restarts."""
    found = [growth("descriptors of the parent", before.parent_descriptors,
                    after.parent_descriptors, 0),
             growth("shared mappings of the parent", before.parent_mappings,
                    after.parent_mappings, 0),
             growth("kilobytes of the parent", before.parent_kilobytes,
                    after.parent_kilobytes, 5, slack_kilobytes)]
    found += [growth(f"number of {name}", before.system[name], number, 0)
              for name, number in after.system.items()]
    return [f"over {restarts} graceful restarts, {each}" for each in found if each]


def child_growth(before, after, what, kept, slack_kilobytes=0):
    """Sentences on what children gathered. `kept`: connections to the tenant
    that may be open now and were not before."""
    if before.children != after.children:
        return [f"over {what}, children went from {before.children} to "
                f"{after.children}"]
    found = [growth("kilobytes of the children", before.child_kilobytes,
                    after.child_kilobytes, 5, slack_kilobytes),
             growth("descriptors of the children", before.child_descriptors,
                    after.child_descriptors, 0, kept),
             growth("kilobytes of the parent", before.parent_kilobytes,
                    after.parent_kilobytes, 5)]
    return [f"over {what}, {each}" for each in found if each]
