"""A save in the admin takes exactly those pages out of memcached that show what was saved."""

from stack.keys import key_of
from tests.support import PAGES, SIZES, StackCase, title_of


def pages_of_photo(number):
    return {f"/photos/{number}/{size}" for size in SIZES}


class AdminTests:
    def setUp(self):
        super().setUp()
        self.stack.site.restore_database()
        self.bodies = {page: self.stack.warm(page).body for page in PAGES}
        self.admin = self.stack.browser()
        self.admin.log_in("admin", path="/admin/login/")

    def change(self, model, number, **fields):
        path = f"/admin/{model}/{number}/change/"
        answer = self.admin.submit(path, **fields)
        self.assertEqual(answer.status, 302, title_of(answer) if answer.body else "")

    def assert_forgotten(self, gone):
        """`gone` are no longer in memcached, and every other page is there and served as before."""
        kept = set(PAGES) - gone
        stored = {page for page in PAGES if self.stack.stored(key_of(page))}
        self.assertEqual(stored, kept)
        for page in kept:
            self.assert_hit(page, self.bodies[page])

    def test_photo_title(self):
        self.change("photos/photo", 1, title="A new name")
        gone = {"/", "/albums/mountains/"} | pages_of_photo(1)
        self.assert_forgotten(gone)
        for page in gone:
            answer = self.assert_miss(page)
            self.assert_shows("A new name", answer, page)
            self.assert_shows_no("First light", answer, page)

    def test_photo_that_moves_to_another_album(self):
        self.change("photos/photo", 2, album=3)
        gone = {"/", "/albums/k%C3%BCste/", "/albums/city-at-night/"} | pages_of_photo(2)
        self.assert_forgotten(gone)
        self.assert_shows("Ebb", self.assert_miss("/albums/city-at-night/"))
        self.assert_shows_no("Ebb", self.assert_miss("/albums/k%C3%BCste/"))

    def test_photo_deleted(self):
        answer = self.admin.submit("/admin/photos/photo/3/delete/", post="yes")
        self.assertEqual(answer.status, 302)
        self.assert_forgotten({"/", "/albums/city-at-night/"} | pages_of_photo(3))
        self.assertEqual(self.stack.get("/photos/3/").status, 404)
        self.assert_shows_no("Last tram", self.assert_miss("/albums/city-at-night/"))

    def test_album_summary(self):
        self.change("photos/album", 1, summary="Nothing but fog.")
        gone = {"/", "/albums/mountains/"} | pages_of_photo(1) | pages_of_photo(4)
        self.assert_forgotten(gone)
        self.assert_shows("Nothing but fog.", self.assert_miss("/"))

    def test_album_slug(self):
        self.change("photos/album", 2, slug="coast")
        self.assert_forgotten({"/", "/albums/k%C3%BCste/"} | pages_of_photo(2))
        self.assertEqual(self.stack.get("/albums/k%C3%BCste/").status, 404)
        self.assert_shows('href="/albums/coast/"', self.assert_miss("/photos/2/"))

    def test_new_album(self):
        fields = {"title": "Rivers", "slug": "rivers", "summary": "Down.", "begun": "2025-01-01"}
        self.assertEqual(self.admin.submit("/admin/photos/album/add/", **fields).status, 302)
        self.assert_forgotten({"/"})
        self.assert_shows("Rivers", self.assert_miss("/"))

    def test_flat_page(self):
        self.change("flatpages/flatpage", 1, content="<p>Moved to the coast.</p>")
        self.assert_forgotten({"/about/"})
        self.assert_shows("Moved to the coast.", self.assert_miss("/about/"))

    def test_refused_form_changes_nothing(self):
        answer = self.admin.submit("/admin/photos/photo/1/change/", title="")
        self.assertEqual(answer.status, 200)
        self.assert_shows("This field is required", answer)
        self.assert_forgotten(set())

    def test_save_without_the_csrf_token_changes_nothing(self):
        answer = self.admin.post("/admin/photos/photo/1/change/", {"title": "Forged"})
        self.assertEqual(answer.status, 403)
        self.assert_forgotten(set())


class Pymemcache(AdminTests, StackCase):
    pass


class Pylibmc(AdminTests, StackCase):
    options = {"settings": "portfolio.settings_pylibmc"}


class SeveralServers(AdminTests, StackCase):
    """libmemcached places the keys for both sides, so every deletion finds its server."""

    options = {"settings": "portfolio.settings_pylibmc", "servers": 3}

    def test_the_pages_are_spread(self):
        for memcached in self.stack.memcacheds:
            self.assertGreater(len(memcached.keys()), 0)


class AdminWhereDjangoStores(AdminTests, StackCase):
    options = {"example": "django-app-stores.conf", "stores": True}
