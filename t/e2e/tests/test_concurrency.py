"""Many visitors at a time, each of whom has to get his own page, whole and right."""

import random
import threading

from stack import wait_for
from tests.support import PAGES, StackCase, title_of

VISITORS = 50
VISITS = 60


class Visitors:
    def __init__(self, visit):
        self.wrong = []
        self.visit = visit
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(VISITORS)]

    def run(self, number):
        try:
            self.visit(number)
        except Exception as error:
            self.wrong.append(f"visitor {number}: {error!r}")

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()
        return self.wrong


class ConcurrencyTests:
    def test_everybody_gets_the_right_page(self):
        sessions = {}
        for name in ("alice", "bob", "carol"):
            browser = self.stack.browser()
            browser.log_in(name)
            sessions[name] = browser.cookies

        def visit(number):
            chance = random.Random(number)
            browser = self.stack.browser()
            name = [None, "alice", "bob", "carol"][number % 4]
            if name:
                browser.cookies.update(sessions[name])
            for _ in range(VISITS):
                page, title = chance.choice(list(PAGES.items()))
                if name and chance.random() < 0.1:
                    page, title = "/accounts/me/", name.capitalize()
                answer = browser.get(page)
                if answer.status != 200 or title not in title_of(answer):
                    raise AssertionError(f"{page}: {answer.status} {title_of(answer)}")
                if not answer.text.rstrip().endswith("</html>"):
                    raise AssertionError(f"{page}: cut off")

        visitors = Visitors(visit)
        visitors.start()
        self.assertEqual(visitors.join(), [])
        for page in PAGES:
            wait_for(lambda: self.stack.get(page).cache == "HIT", f"a hit on {page}")


class McacheStores(ConcurrencyTests, StackCase):
    def test_saves_under_load_are_seen_at_once_and_stay(self):
        """After the save is answered nobody gets the old title from the cache."""
        page = "/photos/1/"
        saved = {"title": "First light"}
        numbers = {"First light": 0}
        lock = threading.Lock()
        done = threading.Event()

        def visit(number):
            while not done.is_set():
                with lock:
                    least = numbers[saved["title"]]
                answer = self.stack.get(page)
                if answer.cache == "HIT":
                    title = title_of(answer).split(" · ")[0]
                    if numbers[title] < least:
                        raise AssertionError(f"{title!r} after the save of number {least}")

        admin = self.stack.browser()
        admin.log_in("admin", path="/admin/login/")
        visitors = Visitors(visit)
        visitors.start()
        try:
            for number in range(1, 11):
                title = f"Title number {number}"
                numbers[title] = number
                answer = admin.submit("/admin/photos/photo/1/change/", title=title)
                self.assertEqual(answer.status, 302)
                with lock:
                    saved["title"] = title
        finally:
            done.set()
            wrong = visitors.join()
        self.assertEqual(wrong, [])
        wait_for(lambda: self.stack.get(page).cache == "HIT", f"a hit on {page}")
        self.assert_shows("Title number 10", self.assert_hit(page))

    def tearDown(self):
        super().tearDown()
        self.stack.site.restore_database()


class RawFormat(ConcurrencyTests, StackCase):
    options = {
        "edit": [
            ("mcache pages;", "mcache pages; mcache_format raw; charset utf-8;"),
            ("default_type application/octet-stream;", "default_type text/html;"),
        ]
    }
