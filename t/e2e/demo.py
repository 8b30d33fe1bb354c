"""The tour of scripts/demo: a photographer's site in Django, with mcache in front of it."""

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from stack import Stack, stop_on_signals, wait_for  # noqa: E402
from stack.keys import key_of  # noqa: E402
from stack.ports import free_port, is_free  # noqa: E402

USUAL_PORT = 8080

ALBUM, OTHER_ALBUM = "/albums/mountains/", "/albums/city-at-night/"
PHOTO, OTHER_PHOTO = "/photos/1/", "/photos/3/"
PAGES = ["/", ALBUM, PHOTO, PHOTO + "?size=large", OTHER_ALBUM, OTHER_PHOTO, "/about/"]
SHOWING_THE_PHOTO = {"/", ALBUM, PHOTO, PHOTO + "?size=large"}
PHOTO_IN_THE_ADMIN = "/admin/photos/photo/1/change/"


class Surprise(Exception):
    """Something was not as the tour says."""


def expect(truth, text):
    if not truth:
        raise Surprise(text)


class Tour:
    def __init__(self, stack, seconds):
        self.stack = stack
        self.seconds = seconds

    def asked(self, request):
        return self.stack.site.requests()[request]

    def visit(self, browser, page, cache, note=""):
        """One line of the tour: the request, what nginx says of the cache, who answered."""
        before = self.asked(f"GET {page}")
        start = time.perf_counter()
        answer = browser.get(page)
        milliseconds = (time.perf_counter() - start) * 1000
        asked = self.asked(f"GET {page}") - before
        who = "Django" if asked else "memcached"
        print(f"  GET {page:<24} {answer.cache or '-':<7} {milliseconds:6.1f} ms  from {who}{note}")
        expect(answer.status == 200, f"GET {page}: status {answer.status}")
        expect(answer.cache == cache, f"GET {page}: {answer.cache}, and not {cache}")
        expect(asked == (cache != "HIT"), f"GET {page}: Django was asked {asked} times")
        return answer

    def wait_until_stored(self, page):
        wait_for(lambda: self.stack.stored(key_of(page)), f"{page} in memcached")

    def miss_and_hit(self):
        heading("A page is made once")
        browser = self.stack.browser()
        first = self.visit(browser, ALBUM, "MISS", ", and stored")
        self.wait_until_stored(ALBUM)
        again = self.visit(browser, ALBUM, "HIT")
        expect(again.body == first.body, "the hit is not the page that was stored")
        hits = [browser.get(ALBUM) for _ in range(100)]
        expect(all(answer.cache == "HIT" for answer in hits), "not each of 100 was a hit")
        expect(all(answer.body == first.body for answer in hits), "not each hit was the same page")
        asked = self.asked(f"GET {ALBUM}")
        print(f"  ... and 100 times more. Django was asked {asked} time in all.")
        expect(asked == 1, f"Django was asked {asked} times")
        print(f"  It lies in memcached as {key_of(ALBUM)}")

    def save_in_the_admin(self):
        heading("A save in the admin takes away exactly the pages that show it")
        visitor = self.stack.browser()
        for page in PAGES:
            visitor.get(page)
            self.wait_until_stored(page)
        print(f"  {len(PAGES)} pages lie in memcached.")

        admin = self.stack.browser()
        admin.log_in("admin", path="/admin/login/")
        answer = admin.submit(PHOTO_IN_THE_ADMIN, title="Last light")
        expect(answer.status == 302, f"the admin answered {answer.status}")
        print("  The admin renames the photo “First light” to “Last light”:")
        for page in PAGES:
            if page in SHOWING_THE_PHOTO:
                answer = self.visit(visitor, page, "MISS", ", made anew")
                expect("Last light" in answer.text, f"{page} does not show the new title")
                expect("First light" not in answer.text, f"{page} shows the old title")
                self.wait_until_stored(page)
            else:
                self.visit(visitor, page, "HIT")
        for page in PAGES:
            expect(visitor.get(page).cache == "HIT", f"{page} is not back in the cache")

    def never_cached(self):
        heading("What is private stays with Django")
        admin, alice, bob = (self.stack.browser() for _ in range(3))
        admin.log_in("admin", path="/admin/login/")
        self.visit(admin, "/admin/", "BYPASS")
        self.visit(admin, "/admin/", "BYPASS")
        for browser, name in ((alice, "alice"), (bob, "bob")):
            browser.log_in(name)
            answer = self.visit(browser, "/accounts/me/", "BYPASS", f", who greets {name}")
            expect(f"Hello, {name.capitalize()}" in answer.text, f"{name} got another's page")
        answer = self.stack.get("/accounts/me/")
        expect(answer.status == 302, "a stranger got somebody's page")
        private = [key for key in self.stack.keys() if "/admin" in key or "/accounts" in key]
        expect(not private, f"in memcached: {private}")

    def memcached_away(self):
        heading("memcached goes away, and comes back")
        visitor = self.stack.browser()
        self.stack.memcached.kill()
        self.visit(visitor, "/about/", "DOWN", ", as if there were no cache")
        self.stack.memcached.start()
        # Each worker of nginx tries again ten seconds (fail_timeout) after it last failed.
        wait_for(lambda: visitor.get("/about/").cache == "HIT", "a hit on /about/", 60)
        print("  ... and nginx uses it again, without a reload.")

    def load(self):
        heading(f"Load: 50 visitors at a time, for {self.seconds} seconds")
        before = self.stack.site.requests().total()
        cached = self.requests_per_second(self.stack.nginx.port)
        asked = self.stack.site.requests().total() - before
        print(f"  with mcache   {cached:8.0f} requests per second; Django was asked {asked} times")
        expect(asked == 0, "Django was asked for a page that lies in memcached")
        plain = self.requests_per_second(self.stack.backend.port)
        print(f"  Django alone  {plain:8.0f} requests per second")
        expect(cached > plain, "the cache did not make it faster")

    def requests_per_second(self, port):
        command = ["wrk", "-t1", "-c50", f"-d{self.seconds}s", "--timeout", "30s"]
        command.append(f"http://127.0.0.1:{port}{ALBUM}")
        report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        expect("Non-2xx" not in report, report)
        expect("Socket errors" not in report, report)
        lines = [line for line in report.splitlines() if line.startswith("Requests/sec:")]
        expect(lines, report)
        return float(lines[0].split()[1])


def heading(text):
    print(f"\n{text}")


def usual_port():
    return USUAL_PORT if is_free(USUAL_PORT) else free_port()


def stay(stack):
    print(
        f"\nThe site runs. Open {stack.url}/\n"
        f"  The end of each page says when Django rendered it: it stands still as you reload.\n"
        f"  {stack.url}/admin/ (admin, northlight): rename a photo, and look again.\n"
        f"  {stack.url}/accounts/me/ (alice or bob, northlight): never cached.\n"
        f"  curl -I {stack.url}/ shows X-Cache-Status.\n"
        f"  {stack.nginx.conf} is nginx's configuration.\n"
        "Ctrl-C ends it.",
        flush=True,
    )
    signal.pause()


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only the tour; fails on any surprise")
    parser.add_argument("--port", type=int, help=f"nginx's; default: {USUAL_PORT}, or a free one")
    parser.add_argument("--seconds", type=int, default=4, help="of load; default: %(default)s")
    parser.add_argument("--module", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    stop_on_signals()

    port = options.port or (free_port() if options.check else usual_port())
    print("Starting memcached, Django under gunicorn, and nginx with mcache ...")
    try:
        with Stack("django.conf", port=port, module=options.module) as stack:
            print(f"A photographer's site is at {stack.url}/")
            tour = Tour(stack, options.seconds)
            tour.miss_and_hit()
            tour.save_in_the_admin()
            tour.never_cached()
            tour.load()
            tour.memcached_away()
            alarms = stack.nginx.alarms()
            expect(not alarms, "\n".join(alarms))
            if not options.check:
                stay(stack)
    except (Surprise, TimeoutError, RuntimeError) as error:
        sys.exit(f"\nThis should not happen: {error}")
    except KeyboardInterrupt:
        print("\nAll stopped.")
        if options.check:
            sys.exit(130)
    else:
        print("\nEverything was as it should be.")


if __name__ == "__main__":
    main()
