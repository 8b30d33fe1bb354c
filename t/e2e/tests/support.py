import re
import unittest

from stack import Stack
from stack.waiting import wait_for

# Every public page of the loaded portfolio, and what its title has to contain.
ALBUMS = {
    "/albums/mountains/": "Mountains",
    "/albums/k%C3%BCste/": "Küste",
    "/albums/city-at-night/": "City at night",
}
PHOTOS = {1: "First light", 2: "Ebb", 3: "Last tram", 4: "The long ridge"}
SIZES = ["", "?size=small", "?size=medium", "?size=large"]
PAGES = {"/": "Northlight, photographs", **ALBUMS, "/about/": "About"}
for number, title in PHOTOS.items():
    PAGES.update({f"/photos/{number}/{size}": title for size in SIZES})


def title_of(answer):
    return re.search("<title>(.*?)</title>", answer.text)[1]


def rendered_at(answer):
    """When Django made this copy: two copies with the same time are the same copy."""
    return re.search('class="rendered">(.*?)<', answer.text)[1]


class StackCase(unittest.TestCase):
    """Tests that share one running stack. memcached is empty at the start of each."""

    options = {}
    misses_are_stored = True

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(**cls.options).start()
        cls.addClassCleanup(cls.stack.stop)

    @classmethod
    def tearDownClass(cls):
        alarms = cls.stack.nginx.alarms()
        if alarms:
            raise AssertionError("nginx's error log:\n" + "\n".join(alarms))

    def assert_keys(self, expected):
        """memcached holds these keys and no other. Its crawler passes over an item whose reply is
        just being sent, so one that is missing is looked for again."""
        seen = set()

        def as_expected():
            seen.clear()
            seen.update(self.stack.keys())
            self.assertEqual(seen - expected, set())
            return seen == expected

        try:
            wait_for(as_expected, "the keys")
        except TimeoutError:
            self.assertEqual(seen, expected)

    def setUp(self):
        self.stack.forget_all()
        self.requests_before = self.stack.site.requests()

    def asked(self, request=None):
        """How often the backend was asked in this test, in all or for one "GET /path"."""
        new = self.stack.site.requests() - self.requests_before
        return new.total() if request is None else new[request]

    def assert_hit(self, page, body=None):
        answer = self.stack.get(page)
        self.assertEqual((answer.status, answer.cache), (200, "HIT"), page)
        if body is not None:
            self.assertEqual(answer.body, body, page)
        return answer

    def assert_miss(self, page):
        """And waits until the page is stored, so that nothing arrives in the next test."""
        answer = self.stack.warm(page) if self.misses_are_stored else self.stack.get(page)
        self.assertEqual((answer.status, answer.cache), (200, "MISS"), page)
        return answer

    def assert_shows(self, text, answer, page=None):
        self.assertTrue(text in answer.text, f"{page}: no {text!r} in “{title_of(answer)}”")

    def assert_shows_no(self, text, answer, page=None):
        self.assertFalse(text in answer.text, f"{page}: {text!r} in “{title_of(answer)}”")

    def assert_never_cached(self, page, browser=None, status=200):
        """Asked for three times, the backend answers three times, and nothing is stored."""
        browser = browser or self.stack.browser()
        before = self.asked(f"GET {page}")
        answers = [browser.get(page) for _ in range(3)]
        self.assertEqual([answer.status for answer in answers], [status] * 3, page)
        self.assertNotIn("HIT", [answer.cache for answer in answers], page)
        self.assertEqual(self.asked(f"GET {page}") - before, 3, page)
        stored = [key for key in self.stack.keys() if page in key and self.stack.stored(key)]
        self.assertEqual(stored, [])
        return answers
