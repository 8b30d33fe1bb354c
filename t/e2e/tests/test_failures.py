"""The cache may never make the site worse."""

import threading

from stack import wait_for
from stack.keys import key_of
from tests.scripted_backend import ScriptedBackend, reset
from tests.support import PAGES, StackCase, title_of


class MemcachedFails:
    options = {"server_parameters": "fail_timeout=1s"}

    def setUp(self):
        self.wait_for_a_hit()
        super().setUp()

    def wait_for_a_hit(self, page="/"):
        """Not the second request must be one: a worker of Django's may not yet have noticed that
        memcached is back from the test before."""
        wait_for(lambda: self.stack.get(page).cache == "HIT", f"a hit on {page}")

    def assert_site_answers(self):
        """Every page, right and from Django."""
        for page, title in PAGES.items():
            answer = self.stack.get(page)
            self.assertEqual((answer.status, answer.cache), (200, "DOWN"), page)
            self.assertIn(title, title_of(answer))
        self.assertEqual(self.stack.browser().post("/search/", {"q": "fog"}).status, 200)

    def assert_cache_is_used_again(self):
        """Without a reload, and with the right pages."""
        for page, title in PAGES.items():
            self.wait_for_a_hit(page)
            self.assertIn(title, title_of(self.assert_hit(page)))
        asked = self.asked()
        for page in PAGES:
            self.assert_hit(page)
        self.assertEqual(self.asked(), asked)

    def test_killed_and_restarted(self):
        self.wait_for_a_hit()
        self.stack.memcached.kill()
        try:
            self.assert_site_answers()
        finally:
            self.stack.memcached.start()
        self.assert_cache_is_used_again()

    def test_hung_and_resumed(self):
        self.wait_for_a_hit()
        self.stack.memcached.pause()
        try:
            self.assert_site_answers()
        finally:
            self.stack.memcached.resume()
        self.assert_cache_is_used_again()

    def test_a_save_in_the_admin_while_memcached_is_away(self):
        for pause, resume in (
            (self.stack.memcached.kill, self.stack.memcached.start),
            (self.stack.memcached.pause, self.stack.memcached.resume),
        ):
            with self.subTest(pause.__name__):
                admin = self.stack.browser()
                admin.log_in("admin", path="/admin/login/")
                pause()
                try:
                    title = f"Named while memcached was away by {pause.__name__}"
                    answer = admin.submit("/admin/photos/photo/1/change/", title=title)
                    self.assertEqual(answer.status, 302)
                    self.assert_shows(title, self.stack.get("/photos/1/"))
                finally:
                    resume()

    def test_killed_under_load(self):
        wrong, stop = [], threading.Event()

        def visit():
            while not stop.is_set():
                for page, title in PAGES.items():
                    answer = self.stack.get(page)
                    if answer.status != 200 or title not in title_of(answer):
                        wrong.append((page, answer.status))

        visitors = [threading.Thread(target=visit) for _ in range(10)]
        for visitor in visitors:
            visitor.start()
        try:
            for _ in range(3):
                self.wait_for_a_hit()
                self.stack.memcached.kill()
                wait_for(lambda: self.stack.get("/").cache == "DOWN", "memcached to be missed")
                self.stack.memcached.start()
        finally:
            stop.set()
            for visitor in visitors:
                visitor.join()
        self.assertEqual(wrong, [])
        self.assert_cache_is_used_again()

    def tearDown(self):
        super().tearDown()
        self.stack.site.restore_database()


class McacheStores(MemcachedFails, StackCase):
    pass


class DjangoStores(MemcachedFails, StackCase):
    options = MemcachedFails.options | {"example": "django-app-stores.conf", "stores": True}


class DjangoStoresByPylibmc(MemcachedFails, StackCase):
    options = DjangoStores.options | {"settings": "portfolio.settings_pylibmc"}


class NeverThere(StackCase):
    """nginx starts, and serves, where memcached does not run yet."""

    options = {"server_parameters": "fail_timeout=1s"}

    def test_starts_without_memcached(self):
        self.stack.memcached.kill()
        self.stack.nginx.stop()
        self.stack.nginx.start()
        self.assertEqual(self.stack.get("/").status, 200)
        self.stack.memcached.start()
        wait_for(lambda: self.stack.get("/").cache == "HIT", "a hit")


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"


class BrokenBackend(StackCase):
    """A page of which only a part arrived is never stored."""

    @classmethod
    def setUpClass(cls):
        cls.backend = ScriptedBackend(cls.behave)
        cls.addClassCleanup(cls.backend.close)
        proxy = [
            ("proxy_pass http://127.0.0.1:8000;",
             f"proxy_pass http://127.0.0.1:{cls.backend.port}; proxy_http_version 1.1;"),
        ]
        cls.options = {"edit": proxy}
        super().setUpClass()

    @staticmethod
    def behave(connection, request):
        path = request.split()[1].split("?")[0]
        if path == "/short":
            connection.sendall(LENGTH + b"x" * 999)
        elif path == "/reset":
            connection.sendall(LENGTH + b"x" * 999)
            reset(connection)
        elif path == "/chunk":
            connection.sendall(CHUNKED + b"64\r\n" + b"x" * 99)
        elif path == "/no-last-chunk":
            connection.sendall(CHUNKED + b"64\r\n" + b"x" * 100 + b"\r\n")
        elif path == "/bad-chunk":
            connection.sendall(CHUNKED + b"4\r\nxxxx\r\nnonsense\r\n")
        elif path == "/whole":
            connection.sendall(LENGTH + b"x" * 1000)
        elif path == "/whole-chunked":
            connection.sendall(CHUNKED + b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n")

    def visit(self, page):
        """Reads what comes, complete or not."""
        try:
            return self.stack.get(page)
        except OSError:
            return None
        except Exception as error:
            if type(error).__module__ != "http.client":
                raise
            return None

    def test_truncated_pages_are_not_stored(self):
        for page in ("/short", "/reset", "/chunk", "/no-last-chunk", "/bad-chunk"):
            with self.subTest(page):
                for _ in range(3):
                    self.visit(page)
                self.stack.warm("/whole?after=" + page)  # stored later
                self.assertIsNone(self.stack.stored(key_of(page)))
                self.assertEqual(self.backend.requests.count(f"GET {page} HTTP/1.1"), 3)

    def test_complete_pages_are_stored(self):
        for page in ("/whole", "/whole-chunked"):
            with self.subTest(page):
                self.assertEqual(self.stack.warm(page).body, b"x" * 1000)
                self.assert_hit(page, b"x" * 1000)
                self.assertEqual(self.backend.requests.count(f"GET {page} HTTP/1.1"), 1)
