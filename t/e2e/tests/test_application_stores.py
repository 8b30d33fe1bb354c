"""Pages that Django itself wrote with cache.set are served by nginx, and nginx writes none."""

from stack.keys import key_of
from tests.support import PAGES, StackCase, rendered_at, title_of

PAGE = "<!DOCTYPE html><title>Küste</title>Written by hand. \0 \r\n END\r\n".encode()


class ApplicationStores:
    """django-app-stores.conf with a site that stores its pages."""

    options = {"example": "django-app-stores.conf", "stores": True}

    def test_the_second_request_is_served_from_what_django_wrote(self):
        for page, title in PAGES.items():
            with self.subTest(page):
                # Django wrote it before it answered: no waiting here.
                first = self.stack.get(page)
                self.assertEqual((first.status, first.cache), (200, "MISS"))
                self.assertIn(title, title_of(first))
                again = self.assert_hit(page, first.body)
                self.assertEqual(again.headers["Content-Type"], "text/html; charset=utf-8")
                self.assertEqual(self.asked(f"GET {page}"), 1)

    def test_memcached_sees_no_other_write_than_djangos(self):
        before = int(self.stack.memcached.stats()["total_items"])
        for page in PAGES:
            self.stack.get(page)
            self.stack.get(page)
        self.stack.get("/photos/4711/")
        self.stack.get("/api/count")
        after = int(self.stack.memcached.stats()["total_items"])
        self.assertEqual(after - before, len(PAGES))
        self.assert_keys({key_of(page) for page in PAGES})

    def test_what_django_does_not_store_is_not_cached(self):
        browser = self.stack.browser()
        self.assert_never_cached("/accounts/login/", browser)
        self.assert_never_cached("/admin/login/", browser)
        self.assert_never_cached("/photos/4711/", status=404)
        browser.log_in("alice")
        for page in ("/accounts/me/", "/favourites/"):
            for answer in self.assert_never_cached(page, browser):
                self.assert_shows("Alice", answer)
        self.assert_keys(set())

    def test_ignored_is_not_even_looked_up(self):
        self.stack.site.cache_set("/accounts/login/", PAGE)
        self.stack.site.cache_set("/admin/login/", PAGE)
        gets = self.stack.memcached.stats()["cmd_get"]
        for page in ("/accounts/login/", "/admin/login/"):
            answer = self.stack.get(page)
            self.assertEqual(answer.cache, "BYPASS")
            self.assertNotEqual(answer.body, PAGE)
        self.assertEqual(self.stack.memcached.stats()["cmd_get"], gets)

    def test_post_reaches_django(self):
        page = "/search/?q=fog"
        cached = self.assert_miss(page)
        answer = self.stack.browser().post(page, {"q": "moon"})
        self.assertEqual(answer.status, 200)
        self.assertNotEqual(rendered_at(answer), rendered_at(cached))
        self.assert_hit(page, cached.body)

    def test_search_lives_as_long_as_its_max_age(self):
        self.assert_miss("/search/?q=fog")
        meta = self.stack.memcached.ask(f"mg {key_of('/search/?q=fog')} t", "")
        self.assertIn(int(meta.split()[1].removeprefix("t")), range(0, 31))


class StoredByHand:
    """cache.set, cache.get and cache.delete, whatever the site around them does."""

    def test_set_then_served_byte_by_byte(self):
        self.stack.site.cache_set("/written/by/hand/?a=1", PAGE)
        answer = self.assert_hit("/written/by/hand/?a=1", PAGE)
        self.assertEqual(answer.headers["Content-Length"], str(len(PAGE)))
        self.assertEqual(self.stack.stored(key_of("/written/by/hand/?a=1")), (0, PAGE))
        self.assertEqual(self.asked(), 0)

    def test_a_big_page(self):
        body = bytes(range(256)) * 3000
        self.stack.site.cache_set("/big/", body)
        self.assert_hit("/big/", body)
        self.assert_hit("/big/", body)
        self.assertEqual(self.asked(), 0)

    def test_delete_takes_the_page_away(self):
        self.stack.site.cache_set("/about/", PAGE)
        self.assert_hit("/about/", PAGE)
        self.stack.site.cache_delete("/about/")
        answer = self.assert_miss("/about/")
        self.assertIn("About", title_of(answer))
        self.assertEqual(self.asked("GET /about/"), 1)

    def test_overwritten(self):
        self.stack.site.cache_set("/about/", PAGE)
        self.assert_hit("/about/", PAGE)
        self.stack.site.cache_set("/about/", PAGE * 2)
        self.assert_hit("/about/", PAGE * 2)

    def test_overwrites_what_lies_there(self):
        self.assert_miss("/about/")
        self.stack.site.cache_set("/about/", PAGE)
        self.assert_hit("/about/", PAGE)


class Pymemcache(ApplicationStores, StoredByHand, StackCase):
    pass


class Pylibmc(ApplicationStores, StoredByHand, StackCase):
    options = ApplicationStores.options | {"settings": "portfolio.settings_pylibmc"}


class PylibmcOnSeveralServers(StoredByHand, StackCase):
    options = {"settings": "portfolio.settings_pylibmc", "servers": 3}

    def test_every_page_is_found_on_its_server(self):
        pages = [f"/made/{number}/" for number in range(40)]
        self.stack.site.manage("page", "set", *pages, stdin=PAGE)
        for memcached in self.stack.memcacheds:
            self.assertGreater(len(memcached.keys()), 0)
        for page in pages:
            self.assert_hit(page, PAGE)
        self.assertEqual(self.asked(), 0)


class BesideMcache(StoredByHand, StackCase):
    """Django writes some pages, mcache stores the others."""


class RawFormat(StoredByHand, StackCase):
    options = {
        "edit": [("mcache pages;", "mcache pages; mcache_format raw;")],
        "settings": "portfolio.settings",
    }

    def test_what_mcache_stored_is_what_django_reads(self):
        for page in ("/", "/albums/k%C3%BCste/", "/photos/1/?size=large"):
            first = self.stack.warm(page)
            self.assertEqual(self.stack.stored(key_of(page)), (0, first.body))
            self.assertEqual(self.stack.site.cache_get(page), first.body)


class RawFormatPylibmc(RawFormat):
    options = RawFormat.options | {"settings": "portfolio.settings_pylibmc"}


class NobodyStores(StackCase):
    """mcache_store off, and a site that writes nothing either."""

    options = {"example": "django-app-stores.conf"}
    misses_are_stored = False

    def test_nothing_is_ever_written(self):
        for _ in range(3):
            for page in PAGES:
                self.assert_miss(page)
        self.stack.browser().post("/search/", {"q": "fog"})
        stats = self.stack.memcached.stats()
        self.assertEqual((stats["total_items"], stats["cmd_set"]), ("0", "0"))
        self.assert_keys(set())
        self.assertEqual(self.asked(), 3 * len(PAGES) + 1)
