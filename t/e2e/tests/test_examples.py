"""Each file in conf-examples runs as it is, but for its addresses: miss, hit, backend not asked.

django.conf, django-app-stores.conf and uwsgi.conf have tests of their own besides."""

import json
import unittest
from http.client import HTTPConnection

from stack import Stack, wait_for
from stack.backends import Gunicorn, PhpFpm, Uwsgi
from stack.keys import key_of
from stack.nginx import EXAMPLES
from tests.support import StackCase

TRIED = {
    "minimal.conf": {"backend": Gunicorn},
    "django.conf": {"backend": Gunicorn},
    "django-app-stores.conf": {"backend": Gunicorn, "stores": True},
    "purge.conf": {"backend": Gunicorn},
    "status.conf": {"backend": Gunicorn},
    "uwsgi.conf": {"backend": Uwsgi},
    "php-fpm.conf": {"backend": PhpFpm},
}
# Have tests of their own, in test_django_purge.py and test_wordpress.py.
OF_AN_APPLICATION = {"django/nginx.conf", "wordpress/nginx.conf"}


class Examples(unittest.TestCase):
    def test_no_example_is_left_out(self):
        found = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.glob("**/*.conf")}
        self.assertEqual(found, set(TRIED) | OF_AN_APPLICATION)

    def test_the_list_names_each(self):
        text = (EXAMPLES / "README.md").read_text()
        for name in set(TRIED) | OF_AN_APPLICATION:
            self.assertIn(f"[{name}]({name})", text)

    def test_miss_hit_and_backend_not_asked(self):
        for example, options in TRIED.items():
            with self.subTest(example), Stack(example, **options) as stack:
                first = stack.get("/about/")
                self.assertEqual((first.status, first.cache), (200, "MISS"))
                wait_for(lambda: any(stack.stored(key) for key in stack.keys()), "a stored page")
                for _ in range(5):
                    again = stack.get("/about/")
                    self.assertEqual((again.status, again.cache), (200, "HIT"))
                    self.assertEqual(again.body, first.body)
                    self.assertEqual(again.headers["Content-Type"], first.headers["Content-Type"])
                self.assertEqual(stack.site.requests()["GET /about/"], 1)
                self.assertEqual(stack.nginx.alarms(), [])


class Purge(StackCase):
    options = {"example": "purge.conf", "edit": [("$upstream_http_cache_tag", '"page of:$uri"')]}

    def purge(self, target, headers=None, body=None):
        return self.stack.browser().request("PURGE", target, body, headers)

    def assert_misses(self, *pages):
        for page in pages:
            self.assertEqual(self.stack.get(page).cache, "MISS", page)

    def warm(self, *pages):
        for page in pages:
            self.stack.warm(page)

    def test_one_page(self):
        self.warm("/", "/about/")
        self.assertEqual(self.purge("/about/").status, 204)
        self.assert_misses("/about/")
        self.assert_hit("/")
        self.assertEqual(self.purge("/none/").status, 404)

    def test_all_that_begin_so(self):
        self.warm("/", "/photos/1/", "/photos/2/")
        self.assertEqual(self.purge("/photos/*").status, 204)
        self.assert_misses("/photos/1/", "/photos/2/")
        self.assert_hit("/")

    def test_the_whole_site(self):
        self.warm("/", "/about/")
        self.assertEqual(self.purge("/*").status, 204)
        self.assert_misses("/", "/about/")

    def test_a_tag(self):
        self.warm("/", "/about/")
        self.assertEqual(self.purge("/", {"Cache-Tag": "of:/about/"}).status, 204)
        self.assert_misses("/about/")
        self.assert_hit("/")

    def test_a_list(self):
        self.warm("/", "/about/", "/photos/1/")
        answer = self.purge("/", {"Content-Type": "application/json"}, '["/", "/photos/*"]')
        self.assertEqual(answer.status, 200)
        results = [(each["key"], each["result"]) for each in json.loads(answer.text)["results"]]
        self.assertEqual(results, [("/", "purged"), ("/photos/*", "purged")])
        self.assert_misses("/", "/photos/1/")
        self.assert_hit("/about/")

    def test_not_from_anywhere(self):
        self.warm("/about/")
        connection = HTTPConnection(
            "127.0.0.1", self.stack.nginx.port, timeout=60, source_address=("127.0.0.2", 0)
        )
        for method, status in [("PURGE", 403), ("GET", 200)]:
            connection.request(method, "/about/")
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, status)
        connection.close()
        self.assert_hit("/about/")


class Minimal(StackCase):
    options = {"example": "minimal.conf"}

    def test_the_default_key(self):
        key = "http://127.0.0.1/about/"
        first = self.stack.warm("/about/", key)
        self.assert_hit("/about/", first.body)
        self.assert_keys({key})


class Php(StackCase):
    options = {"example": "php-fpm.conf", "backend": PhpFpm}

    def warm(self, page):
        return self.stack.warm(page, key_of(page, "http://127.0.0.1"))

    def test_pages_of_the_front_controller(self):
        """try_files has made them /index.php by the time that mcache sees them."""
        pages = ["/", "/news/", "/news/?page=2", "/caf%C3%A9/", "/index.php?page=2"]
        bodies = {page: self.warm(page).body for page in pages}
        self.assertEqual(len(set(bodies.values())), len(pages))
        for page, body in bodies.items():
            self.assert_hit(page, body)
        self.assertEqual(self.asked(), len(pages))

    def test_ignored(self):
        for answer in self.assert_never_cached("/admin/"):
            self.assertEqual(answer.cache, "BYPASS")

    def test_post(self):
        self.warm("/news/")
        for _ in range(3):
            self.assertEqual(self.stack.browser().post("/news/", {"a": "b"}).cache, "BYPASS")
        self.assertEqual(self.asked("POST /news/"), 3)

    def test_a_session_is_its_owners_alone(self):
        one, other = self.stack.browser(), self.stack.browser()
        for visit in (1, 2, 3):
            for browser in (one, other):
                self.assertEqual(browser.get("/basket/").body, f"visit {visit}".encode())
        self.assert_keys(set())

        first = self.warm("/news/")
        self.assertEqual(one.get("/news/").cache, "BYPASS")
        self.assertNotEqual(one.get("/news/").body, first.body)
        self.assert_hit("/news/", first.body)

    def test_files_are_not_phps(self):
        answer = self.stack.get("/robots.txt")
        self.assertEqual((answer.status, answer.cache), (200, None))
        self.assertEqual(self.asked(), 0)
