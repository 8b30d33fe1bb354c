"""nginx and Django arrive at the same key, however the URL is written."""

import hashlib
import socket

from stack import wait_for
from stack.keys import SITE_PREFIX, key_of
from stack.site import DjangosCache
from tests.support import StackCase

BY_HAND = b"<title>by hand</title>"

URLS = [
    "/search/?q=fog",
    "/search/?q=fog&page=2",
    "/search/?page=2&q=fog",
    "/search/?q=",
    "/search/?",
    "/search/?q=a+b",
    "/search/?q=a%20b",
    "/search/?q=%C3%8Ele",
    "/search/?q=%c3%8ele",
    "/search/?q=%25",
    "/search/?q=100%2525",
    "/search/?q=a%0D%0Ab",
    "/search/?q=%00",
    "/search/?q=x;y,z:@!$'()*~-._",
    "/search/?q=[]{}|^`\"<>\\",
    "/search//?q=double",
    "/search/./?q=dot",
    "/albums/k%C3%BCste/",
    "/albums/k%c3%bcste/",
    "/albums/%6Dountains/",
    "/about/?utm_source=x",
]


def long_url(length):
    """A search of a key of `length` bytes."""
    start = "/search/?q="
    return start + "f" * (length - len(SITE_PREFIX + start))


class KeyTests:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cache = DjangosCache(cls.stack.site)
        cls.addClassCleanup(cls.cache.stop)

    def set_and_served(self, page):
        self.cache.set(page, BY_HAND)
        self.assert_keys({key_of(page)})
        self.assert_hit(page, BY_HAND)

    def stored_and_deleted(self, page):
        first = self.stack.warm(page)
        self.assertEqual((first.status, first.cache), (200, "MISS"))
        self.assert_keys({key_of(page)})
        self.assert_hit(page, first.body)
        self.cache.delete(page)
        self.assert_keys(set())
        self.assert_miss(page)

    def test_what_django_writes_nginx_finds(self):
        for page in URLS:
            with self.subTest(page):
                self.stack.forget_all()
                self.set_and_served(page)

    def test_what_nginx_stores_django_deletes(self):
        for page in URLS:
            # Django's URL patterns know only the plain spelling of these.
            if page.startswith(("/search//", "/search/./")):
                continue
            with self.subTest(page):
                self.stack.forget_all()
                self.stored_and_deleted(page)

    def test_long_urls(self):
        for length in (249, 250, 251, 400, 2000):
            with self.subTest(length):
                page = long_url(length)
                self.assertEqual(len(SITE_PREFIX + page), length)
                self.stack.forget_all()
                self.set_and_served(page)
                self.stack.forget_all()
                self.stored_and_deleted(page)

    def test_the_digest_is_the_documented_one(self):
        page = long_url(251)
        digest = hashlib.sha256(f"your-site-name-{page}".encode()).hexdigest()
        self.stack.warm(page)
        self.assert_keys({f"sha256-{digest}"})

    def test_two_long_urls_are_two_pages(self):
        one, other = long_url(300), long_url(300)[:-1] + "g"
        bodies = [self.stack.warm(page).body for page in (one, other)]
        self.assertNotEqual(*bodies)
        self.assert_hit(one, bodies[0])
        self.assert_hit(other, bodies[1])

    def test_unescaped_utf8(self):
        """No browser sends it, but some clients do. In the query, because gunicorn does not decode
        such a path."""
        page = "/search/?q=Île"
        first = self.ask_unescaped(page)
        self.assertIn(b"200 OK", first.splitlines()[0])
        self.assertIn("1 photograph for “Île”".encode(), first)
        wait_for(lambda: self.stack.stored(key_of(page)), f"{page} to be stored")
        again = self.ask_unescaped(page)
        self.assertEqual(again.split(b"\r\n\r\n")[1], first.split(b"\r\n\r\n")[1])
        self.assertEqual(self.asked(), 1)
        self.cache.delete(page)
        self.assertIn(b"X-Cache-Status: MISS", self.ask_unescaped(page))
        wait_for(lambda: self.stack.stored(key_of(page)), f"{page} to be stored")

    def ask_unescaped(self, page):
        with socket.create_connection(("127.0.0.1", self.stack.nginx.port), timeout=30) as client:
            client.sendall(f"GET {page} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            with client.makefile("rb") as reply:
                return reply.read()


class Pymemcache(KeyTests, StackCase):
    pass


class Pylibmc(KeyTests, StackCase):
    options = {"settings": "portfolio.settings_pylibmc"}


class KeysWhereDjangoStores(KeyTests, StackCase):
    options = {"example": "django-app-stores.conf", "stores": True}
