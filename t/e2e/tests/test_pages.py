"""What visitors of a Django site get whose pages mcache stores."""

from stack import wait_for
from stack.backends import Uwsgi
from tests.support import PAGES, StackCase, rendered_at, title_of


class PageTests:
    def test_second_request_is_a_hit_and_django_is_not_asked(self):
        for page, title in PAGES.items():
            with self.subTest(page):
                first = self.stack.warm(page)
                self.assertEqual((first.status, first.cache), (200, "MISS"))
                self.assertIn(title, title_of(first))
                for _ in range(20):
                    again = self.assert_hit(page, first.body)
                self.assertEqual(self.asked(f"GET {page}"), 1)
                self.assertEqual(again.headers["Content-Type"], "text/html; charset=utf-8")

    def test_api_count_is_exact_and_never_cached(self):
        self.stack.warm("/")
        for _ in range(5):
            self.assert_hit("/")
        self.stack.get("/photos/77/")
        answer = self.stack.get("/api/count")
        self.assertNotEqual(answer.cache, "HIT")
        self.assertIn(f'"total": {self.stack.site.requests().total()}', answer.text)
        self.assertEqual(self.asked(), 2)
        self.assertIsNone(self.stack.stored("your-site-name-/api/count"))

    def test_post_always_reaches_django(self):
        page = "/search/?q=fog"
        cached = self.stack.warm(page)
        answers = [self.stack.browser().post(page, {"q": "moon"}) for _ in range(3)]
        self.assertEqual([answer.status for answer in answers], [200] * 3)
        self.assertEqual(self.asked(f"POST {page}"), 3)
        self.assertEqual(len({rendered_at(answer) for answer in answers}), 3)
        self.assertNotIn("HIT", [answer.cache for answer in answers])
        self.assert_hit(page, cached.body)

    def test_answer_to_a_post_is_not_stored(self):
        page = "/search/?q=moon"
        self.stack.browser().post(page, {"q": "moon"})
        self.stack.warm("/")  # stored later, so the answer to the POST would be there by now
        self.assertIsNone(self.stack.stored(f"your-site-name-{page}"))
        self.assert_miss(page)

    def test_admin_and_login_are_never_cached(self):
        admin = self.stack.browser()
        for page in ("/admin/login/", "/accounts/login/"):
            with self.subTest(page):
                for answer in self.assert_never_cached(page, admin):
                    self.assertEqual(answer.cache, "BYPASS")
        self.assert_never_cached("/admin/", status=302)
        admin.log_in("admin", path="/admin/login/")
        for page in ("/admin/", "/admin/photos/photo/", "/admin/photos/photo/1/change/"):
            with self.subTest(page):
                for answer in self.assert_never_cached(page, admin):
                    self.assertEqual(answer.cache, "BYPASS")

    def test_a_users_page_is_seen_by_no_other(self):
        alice, bob = self.stack.browser(), self.stack.browser()
        alice.log_in("alice")
        bob.log_in("bob")
        for browser, name in [(alice, "Alice"), (bob, "Bob")] * 2:
            for answer in self.assert_never_cached("/accounts/me/", browser):
                self.assert_shows(name, answer)
        self.assert_never_cached("/accounts/me/", status=302)

    def test_a_page_that_varies_with_the_cookie_is_seen_by_no_other(self):
        """It is not ignored, and nothing but "Vary: Cookie" says that it is not for everybody. A
        cache may give Alice her own copy again."""
        alice, bob = self.stack.browser(), self.stack.browser()
        alice.log_in("alice")
        bob.log_in("bob")
        for round_ in range(3):
            for browser, name in [(alice, "Alice"), (bob, "Bob")]:
                answer = browser.get("/favourites/")
                self.assertEqual(answer.status, 200)
                self.assert_shows(f"Favourites of {name}", answer)
                # Stored later, so by now the page would be there, too.
                self.stack.warm(f"/search/?q={name}{round_}")
            self.assertEqual(self.stack.get("/favourites/").status, 302)

    def test_logged_in_users_share_the_public_pages(self):
        alice, bob = self.stack.browser(), self.stack.browser()
        alice.log_in("alice")
        bob.log_in("bob")
        first = alice.get("/about/")
        wait_for(lambda: self.stack.stored("your-site-name-/about/"), "/about/ to be stored")
        for browser in (bob, alice, self.stack.browser()):
            answer = browser.get("/about/")
            self.assertEqual((answer.cache, answer.body), ("HIT", first.body))
        self.assertEqual(self.asked("GET /about/"), 1)

    def test_not_found_is_not_stored(self):
        self.assert_never_cached("/photos/4711/", status=404)

    def test_a_hit_answers_conditions_ranges_and_head(self):
        page = "/albums/mountains/"
        first = self.stack.warm(page)
        browser = self.stack.browser()

        part = browser.get(page, {"Range": "bytes=100-199"})
        self.assertEqual((part.status, part.body), (206, first.body[100:200]))
        head = browser.request("HEAD", page)
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.headers["Content-Length"], str(len(first.body)))
        self.assertEqual(self.asked(), 1)


class EntryFormat(PageTests, StackCase):
    def test_a_hit_has_the_headers_of_the_first_answer(self):
        first = self.stack.warm("/about/")
        again = self.assert_hit("/about/")
        for name in ("ETag", "X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options"):
            with self.subTest(name):
                self.assertIsNotNone(first.headers[name])
                self.assertEqual(again.headers[name], first.headers[name])

    def test_a_client_that_has_the_page_gets_304(self):
        first = self.stack.warm("/about/")
        answer = self.stack.get("/about/", {"If-None-Match": first.headers["ETag"]})
        self.assertEqual((answer.status, answer.body), (304, b""))
        self.assertEqual(self.asked(), 1)

    def test_a_condition_does_not_reach_django_on_a_miss(self):
        """Otherwise its 304 would be all that there is to store."""
        first = self.stack.warm("/about/")
        self.stack.site.cache_delete("/about/")
        other = self.stack.get("/about/", {"If-None-Match": '"another"'})
        self.assertEqual((other.status, other.cache), (200, "MISS"))
        self.assertNotEqual(rendered_at(other), rendered_at(first))
        wait_for(lambda: self.stack.stored("your-site-name-/about/"), "/about/ to be stored")
        self.stack.site.cache_delete("/about/")
        matching = self.stack.get("/about/", {"If-None-Match": other.headers["ETag"]})
        self.assertEqual(matching.status, 200)
        wait_for(lambda: self.stack.stored("your-site-name-/about/"), "/about/ to be stored")
        self.assert_hit("/about/")


class RawFormat(PageTests, StackCase):
    options = {
        "edit": [
            ("mcache pages;", "mcache pages; mcache_format raw; charset utf-8;"),
            ("default_type application/octet-stream;", "default_type text/html;"),
        ]
    }


class UnderUwsgi(PageTests, StackCase):
    options = {"example": "uwsgi.conf", "backend": Uwsgi}


class NothingIgnored(StackCase):
    """Without mcache_ignore, what Django's headers say must be enough."""

    options = {"edit": [("mcache_ignore ^/admin ^/accounts;", "")]}

    test_users = PageTests.test_a_users_page_is_seen_by_no_other
    test_varies = PageTests.test_a_page_that_varies_with_the_cookie_is_seen_by_no_other

    def test_login_and_admin(self):
        admin = self.stack.browser()
        self.assert_never_cached("/accounts/login/", admin)
        self.assert_never_cached("/admin/login/", admin)
        admin.log_in("admin", path="/admin/login/")
        self.assert_never_cached("/admin/", admin)
        self.assert_never_cached("/admin/photos/photo/", admin)
