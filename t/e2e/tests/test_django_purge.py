"""conf-examples/django: what page_purge.py writes to memcached, and what becomes of the pages."""

import tempfile
import unittest
from pathlib import Path

from stack import Stack, wait_for
from stack.browser import Browser
from stack.keys import SITE_PREFIX, key_of
from stack.memcached import Memcached
from stack.purge_log import GONE, STALE, STANDS, PurgeLog, fresh, log_key
from stack.site import Site
from tests.support import PAGES, SIZES, StackCase, title_of
from tests.test_admin import AdminTests

LOG = log_key(SITE_PREFIX)
ONLY_CACHED = {"Cache-Control": "only-if-cached"}

# What a save writes, and when, seen by itself from within.
IN_A_TRANSACTION = """
from django.core.cache import caches
from django.db import transaction
from page_purge import connect, log_key, servers
from photos.models import Photo

def lines():
    logs = [connect([server])._cache.get(log_key()) for server in servers()]
    return [log.decode().count(chr(10)) - 1 for log in logs]

try:
    with transaction.atomic():
        Photo.objects.get(pk=1).save()
        print("before the rollback", *lines())
        raise KeyboardInterrupt
except KeyboardInterrupt:
    print("after the rollback", *lines())
with transaction.atomic():
    Photo.objects.get(pk=1).save()
    print("before the commit", *lines())
print("after the commit", *lines())
Photo.objects.get(pk=1).delete()
print("after the delete", *lines())
"""


class PageLog(unittest.TestCase):
    """The reference by which the others are judged."""

    def test_judges(self):
        log = PurgeLog(fresh("00000000000000ff", 100) + b"tag a\nsoft-under /b\nunder /c\r\n")
        self.assertEqual((log.end, log.cut), (100 + 6 + 14 + 10, 100))
        self.assertEqual(log.judge("00000000000000ff", 100, b"/x", [b"a"]), GONE)
        self.assertEqual(log.judge("00000000000000ff", 106, b"/x", [b"a"]), STANDS)
        self.assertEqual(log.judge("00000000000000ff", 100, b"/bc", [b"aa"]), STALE)
        self.assertEqual(log.judge("00000000000000ff", 100, b"/c", []), STANDS)
        self.assertEqual(log.judge("00000000000000ff", 99, b"/x", []), GONE)
        self.assertEqual(log.judge("00000000000000fe", 131, b"/x", []), GONE)

    def test_what_is_no_record_cuts(self):
        for last in (b"tag", b"tag ", b"nonsense a\n", b"tag a\n\n", b"tag unfinished"):
            log = PurgeLog(fresh() + b"tag a\n" + last)
            self.assertEqual(log.cut, log.end, last)
        self.assertEqual(PurgeLog(fresh() + b"under \n").lines, ["under "])
        self.assertRaises(ValueError, PurgeLog, b"tag a\n")


class Helper:
    """What page_purge.py writes to three memcacheds; there is no nginx."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mcache-purge-")
        cls.addClassCleanup(folder.cleanup)
        path = Path(folder.name)
        path.chmod(0o755)
        cls.memcacheds = [Memcached(path) for _ in range(3)]
        for memcached in cls.memcacheds:
            cls.addClassCleanup(memcached.stop)
            memcached.start()
        addresses = [memcached.address for memcached in cls.memcacheds]
        cls.site = Site(path / "site", addresses, cls.settings, tags=True)
        cls.site.prepare()

    def setUp(self):
        for memcached in self.memcacheds:
            memcached.flush()
            memcached.write(LOG, fresh())

    def logs(self):
        values = [memcached.read(LOG) for memcached in self.memcacheds]
        return [value and PurgeLog(value[1]).lines for value in values]

    def assert_refused(self, text, act, *words):
        with self.assertRaises(RuntimeError) as caught:
            act(*words)
        self.assertIn(text, str(caught.exception))

    def test_tags_and_wipes_are_lines_in_every_log(self):
        self.site.purge_tags("news", "Küste")
        self.site.purge_tags("a;b", soft=True)
        self.site.wipe("/albums/a b")
        self.site.wipe("", soft=True)
        lines = ["tag news", "tag Küste", "soft-tag a;b", "under /albums/a b", "soft-under "]
        self.assertEqual(self.logs(), [lines] * 3)

    def test_what_is_no_tag_is_refused(self):
        for tag in ("a,b", "a\nb"):
            self.assert_refused("not a tag", self.site.purge_tags, "news", tag)
        self.assert_refused("a control character", self.site.wipe, "/a\r\ntag b")
        self.assertEqual(self.logs(), [[]] * 3)

    def test_no_log_is_as_good(self):
        self.memcacheds[1].write(LOG, None)
        self.site.purge_tags("news")
        self.assertEqual(self.logs(), [["tag news"], None, ["tag news"]])

    def test_a_log_that_cannot_grow_does_not_stay(self):
        """memcached says "not stored" then as well."""
        self.memcacheds[1].write(LOG, fresh() + b"tag filling\n" * (1040000 // 12))
        self.site.purge_tags("news" * 10000)
        self.assertEqual([log and len(log) for log in self.logs()], [1, None, 1])

    def test_pages(self):
        pages = ["/", "/albums/k%C3%BCste/", "/" + "long/" * 60, *(f"/{n}/" for n in range(20))]
        self.site.manage("page", "set", *pages, stdin=b"page")
        self.site.purge(*pages[1:], "/not/there/")
        left = [memcached.keys() - {LOG} for memcached in self.memcacheds]
        self.assertEqual(set().union(*left), {key_of("/")})
        self.assertEqual(self.logs(), [[]] * 3)

    def test_a_server_that_is_down_is_named_and_the_others_are_purged(self):
        down = self.memcacheds[1]
        down.kill()
        try:
            self.assert_refused(down.address, self.site.purge_tags, "news")
            self.assert_refused(down.address, self.site.wipe, "")
            pages = [f"/{n}/" for n in range(20)]
            self.assert_refused(down.address, self.site.purge, *pages)
        finally:
            down.start()
        self.assertEqual(self.logs(), [["tag news", "under "], None, ["tag news", "under "]])

    def test_after_the_commit(self):
        told = self.site.manage("shell", "--command", IN_A_TRANSACTION).decode().splitlines()
        self.assertEqual(told, [
            "before the rollback 0 0 0",
            "after the rollback 0 0 0",
            "before the commit 0 0 0",
            "after the commit 3 3 3",
            "after the delete 6 6 6",
        ])
        self.assertEqual(self.logs()[0][:3], ["tag album-1", "tag lists", "tag photo-1"])


class PymemcacheHelper(Helper, unittest.TestCase):
    settings = "portfolio.settings"


class PylibmcHelper(Helper, unittest.TestCase):
    settings = "portfolio.settings_pylibmc"


class TaggedSite(StackCase):
    """conf-examples/django/nginx.conf, over three memcacheds."""

    options = {
        "example": "django/nginx.conf",
        "edit": [("mcache_valid 200 10m;",
                  "mcache_valid 200 10m; mcache_honor_request_cache_control on;")],
        "tags": True,
        "servers": 3,
        "server_parameters": "fail_timeout=1s",
    }

    def is_cached(self, page):
        """Asked so that the answer changes nothing."""
        answer = self.stack.get(page, ONLY_CACHED)
        self.assertIn((answer.status, answer.cache), [(200, "HIT"), (504, None)], page)
        return answer.status == 200

    def warm(self, pages=tuple(PAGES)):
        """Two rounds: a worker that has not yet read a server's log stores nothing there."""

        def all_cached():
            return all([self.is_cached(page) or not self.stack.get(page) for page in pages])

        wait_for(all_cached, "the pages to be stored")
        return {page: self.stack.get(page).body for page in pages}


class TaggedAdmin(AdminTests, TaggedSite):
    """The same saves as in test_admin.py take away the same pages: nobody has listed them here.
    pymemcache does not find the server of a page, and need not."""

    def setUp(self):
        StackCase.setUp(self)
        self.stack.site.restore_database()
        self.bodies = self.warm()
        self.admin = self.stack.browser()
        self.admin.log_in("admin", path="/admin/login/")

    def assert_forgotten(self, gone):
        cached = {page for page in PAGES if self.is_cached(page)}
        self.assertEqual(cached, set(PAGES) - gone)
        for page in cached:
            self.assert_hit(page, self.bodies[page])

    def assert_miss(self, page):
        answer = self.stack.get(page)
        self.assertEqual((answer.status, answer.cache), (200, "MISS"), page)
        return answer

    def test_search_results_go_too(self):
        self.warm(["/search/?q=fog"])
        self.change("photos/photo", 1, title="A new name")
        self.assertFalse(self.is_cached("/search/?q=fog"))

    def test_a_save_while_a_memcached_is_down(self):
        down = self.stack.memcacheds[0]
        down.kill()
        try:
            self.change("photos/photo", 1, title="A new name")
            told = self.stack.backend.log.read_text()
            self.assertIn("old pages stay in memcached", told)
            self.assertIn(down.address, told)
        finally:
            down.start()
        self.assertIn("A new name", title_of(self.stack.get("/photos/1/")))


class TaggedAdminPylibmc(TaggedAdmin):
    options = TaggedSite.options | {"settings": "portfolio.settings_pylibmc"}


class Purges(TaggedSite):
    """By the helper's functions and by the method PURGE."""

    def setUp(self):
        super().setUp()
        self.warm()

    def assert_gone(self, gone):
        self.assertEqual({page for page in PAGES if not self.is_cached(page)}, set(gone))

    def purge(self, target, **headers):
        return self.stack.browser().request("PURGE", target, headers=headers)

    def test_url(self):
        self.stack.site.purge("/about/", "/albums/k%C3%BCste/")
        self.assert_gone(["/about/", "/albums/k%C3%BCste/"])

    def test_tags(self):
        self.stack.site.purge_tags("photo-1", "in-album-2")
        self.assert_gone([f"/photos/{number}/{size}" for number in (1, 2) for size in SIZES])

    def test_wipes(self):
        self.stack.site.wipe("/albums/")
        self.assert_gone([page for page in PAGES if page.startswith("/albums/")])
        self.stack.site.wipe("")
        self.assert_gone(PAGES)

    def test_deleting_the_logs_wipes_all(self):
        for memcached in self.stack.memcacheds:
            memcached.write(LOG, None)
        self.assert_gone(PAGES)

    def test_soft(self):
        before = self.asked("GET /albums/mountains/")  # by warm(), of each worker
        self.stack.site.purge_tags("album-1", soft=True)
        stale = self.stack.get("/albums/mountains/")
        self.assertEqual((stale.status, stale.cache), (200, "STALE"))
        wait_for(lambda: self.stack.get("/albums/mountains/").cache == "HIT", "the new page")
        self.assertEqual(self.asked("GET /albums/mountains/") - before, 1)

    def test_method(self):
        self.assertEqual(self.purge("/about/").status, 204)
        self.assert_gone(["/about/"])
        self.assertEqual(self.purge("/about/").status, 404)
        self.assertEqual(self.purge("/albums/*").status, 204)
        self.assertEqual(self.purge("/", **{"Cache-Tag": "photo-1, photo-3"}).status, 204)
        gone = {f"/photos/{number}/{size}" for number in (1, 3) for size in SIZES}
        self.assert_gone(gone | {page for page in PAGES if page.startswith("/albums/")} | {"/about/"})
        self.assertEqual(self.asked("PURGE /about/"), 0)

    def test_a_tag_in_other_requests_purges_nothing(self):
        self.stack.get("/about/", {"Cache-Tag": "photo-1"})
        self.assert_gone([])

    def test_tags_are_not_shown(self):
        self.assertIsNone(self.stack.get("/photos/1/").headers["Cache-Tag"])

    def test_not_for_everybody(self):
        edit = ("127.0.0.1 1;", "10.0.0.0/8 1;")
        with Stack(**self.options | {"edit": [edit]}) as stack:
            browser = Browser(stack.nginx.port)
            self.assertEqual(browser.request("PURGE", "/about/").status, 403)
            self.assertEqual(browser.request("PURGE", "/*").status, 403)
