# SPDX-License-Identifier: Apache-2.0
"""Long life: everything at once, for as long as wanted, and nothing grows.

    python3 tests/soak/soak.py TREE MPM [--busy SECONDS] [--restarts NUMBER]
                               [--anonymous NUMBER]

TREE is a build folder, MPM event or prefork. Through tests/soak.sh it has a
namespace of its own, so that semaphores can be counted.

  busy       people sign in, read, mistype, sign out, while the tenant hangs,
             resets and fails; in the first half httpd restarts gracefully all
             the time, in the second its children live on
  restarts   so many graceful restarts, one after another
  anonymous  so many requests of people without a session, and pages of one who
             has one

0 leaves a part out. Prints TAP; a test that fails says what grew from what to
what.
"""

import argparse
import os
import signal
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/bench")

from cases import ours
from people import People, Visitor, Weather, anonymous, unexpected
from stage import Mpm, Stage, wait_for
from watch import child_growth, footprint, parent_growth

# Children neither come nor go by themselves; with event ServerLimit leaves room for
# those of earlier generations. A graceful restart of prefork may find no place for
# all it should start, and makes up for it only while some are wanting as spares.
MPMS = {
    "event": Mpm("event", """\
ServerLimit 16
StartServers 2
ThreadsPerChild 8
MinSpareThreads 1
MaxSpareThreads 16
MaxRequestWorkers 16"""),
    "prefork": Mpm("prefork", """\
ServerLimit 12
StartServers 12
MinSpareServers 12
MaxSpareServers 13
MaxRequestWorkers 12"""),
}
CALLS = {"event": 2 * 2, "prefork": 12}  # connections to the tenant: idle ones too

CONF = """\
LogLevel notice auth0_pwless:info
Auth0Throttle address=off client=off site=off wrong=off
Auth0MinSendTime off
Auth0ConnectTimeout 1s
Auth0Timeout 2s
"""
PAGES = """\
KeepAliveTimeout 2
<Location "/members">
    Header always set X-User expr=%{REMOTE_USER}
</Location>
"""

# What the log may say; anything else is news. By us: what visitors did, and
# that the tenant failed.
KNOWN = (
    r"AH00489: |AH00163: |AH00094: |AH00492: |AH00493: |AH00171: |AH00169: |AH00491: |AH00484: |AH00161: ",
    r"\[auth0_pwless:(?:info|notice)\] ",
    r"pwless: Auth0InsecureHTTP is On",
    r"\[auth0_pwless:error\] .*pwless: tenant-(?:down|back), ",
    # What is cut off in the middle of a refusal's body is no word we know.
    r"reason=tenant-config ref=\S+: status 403, http_403: application/json;",
    r"\[auth0_pwless:error\] .* reason=(?:https-(?:busy|down|timeout|connect|tls|failed)|"
    r"tenant-(?:failed|nonsense|rate-limit))\b",
    r"\[auth0_pwless:warn\] .* reason=(?:callback-\w+|token-\w+)\b",
)

PEOPLE = 10
RESTART_SECONDS = 1.5
WARM_RESTARTS = 10
# What httpd itself may gather in a restart: its hash tables keep their size.
PARENT_SLACK_KILOBYTES = 128
# And what a worker may need for what it has not met so far, 32 each.
CHILD_SLACK_KILOBYTES = 512
# Arenas of malloc, one a thread, fill up for an hour; one alone is soon as large as
# it gets, and shows what is never given back.
os.environ["MALLOC_ARENA_MAX"] = "1"


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def none(self, offenders, sentence):
        """Good if there are none; else they say what is wrong."""
        self.count += 1
        self.failed += bool(offenders)
        print(f"{'not ' * bool(offenders)}ok {self.count} - {sentence}", flush=True)
        for offender in offenders[:10]:
            print(f"#   {offender}", flush=True)

    def note(self, text):
        print(f"# {text}", flush=True)


def error_log(server):
    with open(f"{server.folder}/error.log", encoding="utf-8", errors="replace") as log:
        return log.read()


class Site:
    """An httpd that guards /members and says who it takes its visitor for."""

    def __init__(self, stage, mpm):
        self.stage, self.mpm = stage, mpm
        self.server = stage.start_httpd(
            lambda stage, port: stage.load("headers") + "\n" + PAGES
            + ours("shm(8m)", CONF)(stage, port), MPMS[mpm])
        self.pid, self.port = self.server.process.pid, self.server.port

    def graceful(self):
        """Restart, and wait until it is at work again."""
        before = error_log(self.server).count("resuming normal operations")
        os.kill(self.pid, signal.SIGUSR1)
        wait_for(lambda: error_log(self.server).count(
            "resuming normal operations") > before, "a graceful restart")

    def settled(self):
        """A Footprint when nobody is connected any more: no generation but the
        newest, and as few descriptors as there will be."""
        wanted = 12 if self.mpm == "prefork" else 2
        seen = {"since": time.monotonic(), "least": None}

        def calm():
            try:
                now = footprint(self.pid)
            except OSError:  # a child has just ended
                now = None
            least = seen["least"]
            if (now is None or len(now.children) != wanted or least is None
                    or now.children != least.children
                    or now.child_descriptors < least.child_descriptors):
                seen.update(since=time.monotonic(),
                            least=now and len(now.children) == wanted and now or None)
            return seen["least"] and time.monotonic() > seen["since"] + 3
        wait_for(calm, "children of earlier generations to end")
        return footprint(self.pid)


def storm(site, people, seconds):
    """Graceful restarts in the middle of everything. How many?"""
    end, count = time.monotonic() + seconds, 0
    people.start()
    while time.monotonic() < end:
        site.graceful()
        count += 1
        time.sleep(RESTART_SECONDS)
    people.stop()
    return count


def steady(people, seconds):
    people.start()
    time.sleep(seconds)
    people.stop()


def busy(site, tap, seconds):
    people, weather = People(site.stage, site.port, PEOPLE), Weather(site.stage)
    for _ in range(3):
        site.graceful()
    first = site.settled()
    weather.start()
    restarts = storm(site, people, seconds * 0.4)
    site.graceful()
    after_storm = site.settled()
    steady(people, seconds * 0.3)
    begin = site.settled()
    steady(people, seconds * 0.3)
    end = site.settled()
    weather.stop()
    people.check_all()
    people.stop()
    tap.note(", ".join(f"{number} {what}" for what, number in people.done.items()))
    tap.none([f"there were no {what}" for what in
              ("sign-ins", "pages", "wrong codes", "sign-outs", "codes not sent")
              if not people.done[what]], "D17: all that was meant to happen did")
    tap.none(people.wrong, "S12, S17: every confirmed session answered as its own "
             "user, nobody else got in, and every request was answered")
    tap.none(parent_growth(first, after_storm, restarts + 1, PARENT_SLACK_KILOBYTES),
             f"D17: {restarts} graceful restarts under load leave nothing behind")
    tap.none(child_growth(begin, end, f"{seconds * 0.3:.0f} s of everything",
                          CALLS[site.mpm], CHILD_SLACK_KILOBYTES),
             "D17: memory and descriptors of children stay")


def many_restarts(site, tap, number):
    """Nobody is there but one who is signed in."""
    people = People(site.stage, site.port, 1)
    people.sign_in_and_stay("ann@example.org")
    for _ in range(WARM_RESTARTS):
        site.graceful()
    before = site.settled()
    for _ in range(number):
        site.graceful()
        people.check_all()
    after = site.settled()
    people.stop()
    tap.note(f"the parent: {before.parent_kilobytes:,} to "
             f"{after.parent_kilobytes:,} kilobytes")
    tap.none(parent_growth(before, after, number, PARENT_SLACK_KILOBYTES),
             f"D17: {number} graceful restarts leave nothing behind")
    tap.none(people.wrong, "S17: a session outlives them all")


def stays(site, tap, number, what, request):
    """One request after another: what is not given back cannot hide."""
    for count in range(number // 5):
        request(count)
    before = footprint(site.pid)
    for count in range(number):
        request(count)
    after = footprint(site.pid)
    tap.note(f"children: {before.child_kilobytes:,} to "
             f"{after.child_kilobytes:,} kilobytes")
    tap.none(child_growth(before, after, f"{number:,} {what}", 2),
             f"D11: memory stays through {number:,} {what}")


def many_strangers(site, tap, number):
    """And, as often, the pages of one who is signed in."""
    visitor, people = Visitor(site.port), People(site.stage, site.port, 1)
    stays(site, tap, number, "anonymous requests",
          lambda count: anonymous(visitor, count))
    people.sign_in_and_stay("ann@example.org")
    stays(site, tap, number, "pages of somebody signed in",
          lambda count: people.look(*people.signed_in[0]))
    tap.none(people.wrong, "S12: every one of them is for who asked")
    visitor.close()
    people.stop()


def whole_life(stage, tap, options):
    before = footprint(os.getpid()).system
    for name, part in (("busy", busy), ("restarts", many_restarts),
                       ("anonymous", many_strangers)):
        number = getattr(options, name)
        if not number:
            continue
        site = Site(stage, options.mpm)
        part(site, tap, number)
        log = error_log(site.server)
        site.server.stop()
        tap.none([line for line in log.splitlines() if "exit signal" in line],
                 f"D17: {name}: no child was ended by a signal")
        tap.none(unexpected(log, KNOWN), f"D17: {name}: the log has nothing unexpected")
    left = footprint(os.getpid()).system
    tap.none([f"{name}: {number} before, {left[name]} after"
              for name, number in before.items() if left[name] > number],
             "D17: stopped, it leaves no segment and no semaphore"
             + ("" if before else " # SKIP they cannot be told from others'"))
    tap.none(stage.control("/errors", "GET"), "the stand-in had no trouble")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree")
    parser.add_argument("mpm", choices=MPMS)
    parser.add_argument("--busy", type=float, default=25)
    parser.add_argument("--restarts", type=int, default=30)
    parser.add_argument("--anonymous", type=int, default=5000)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    tap, stage = Tap(), Stage(options.tree)
    # All visitors come from one address, and mistype for hours.
    stage.control("/set", brute_force_limit=10 ** 9, suspicious_ip_limit=10 ** 9)
    try:
        whole_life(stage, tap, options)
    finally:
        stage.close()
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
