"""The recipes of conf-examples/how-to.md and the README's first configuration, each run: they do
what the text says."""

import re
import subprocess
import unittest

from stack.documents import blocks, section
from stack.shown import Shown
from stack.snippets import level, whole
from stack.waiting import wait_for

BACKEND = "127.0.0.1:8000"


def recipe(heading, page="conf-examples/how-to.md"):
    """The configuration under a heading, made whole."""
    _, block = next(blocks(section(page, heading)))
    return whole(block, level(block))


def page_of(path, headers):
    return f"page {path} of {headers['Host']}".encode()


class HowTo(unittest.TestCase):
    def run_recipe(self, heading, answer=page_of, **options):
        answers = options.pop("answers", None) or {BACKEND: answer}
        page = options.pop("page", "conf-examples/how-to.md")
        shown = Shown(recipe(heading, page), answers, **options)
        self.addCleanup(lambda: self.assertEqual(shown.alarms, []))
        shown.__enter__()
        self.addCleanup(self.leave, shown)
        return shown

    def leave(self, shown):
        shown.alarms = shown.nginx.alarms()
        shown.__exit__()

    def assert_cached(self, shown, path, key, **request):
        first = shown.get(path, **request)
        self.assertEqual((first.status, first.cache), (200, "MISS"), path)
        shown.stored(key)
        again = shown.get(path, **request)
        self.assertEqual((again.cache, again.body), ("HIT", first.body), path)

    def test_first_configuration(self):
        shown = self.run_recipe("A first configuration", page="README.md")
        self.assert_cached(shown, "/", "http://localhost/")

    def test_rails(self):
        def answer(path, headers):
            if path == "/private":
                return 200, {"Cache-Control": "max-age=0, private, must-revalidate"}, b"own"
            return 200, {"Cache-Control": "max-age=600, public", "Cache-Tag": "album-7"}, b"album"

        shown = self.run_recipe("Rails", answer)
        self.assert_cached(shown, "/albums/7", "shop-/albums/7")
        self.assertIsNone(shown.get("/albums/7").headers["Cache-Tag"])
        self.assertEqual(shown.get("/albums/7", Cookie="_shop_session=x").cache, "BYPASS")
        self.assertEqual(shown.get("/private").cache, "MISS")
        self.assertEqual(shown.get("/private").cache, "MISS")
        self.assertEqual(shown.request("PURGE", "/", Cache_Tag="album-7").status, 204)
        self.assertEqual(shown.get("/albums/7").cache, "MISS")

    def test_node(self):
        shown = self.run_recipe("Node")
        self.assert_cached(shown, "/", "http://localhost/")
        for path in ("/api/me", "/socket.io/?transport=polling"):
            self.assertEqual(shown.get(path).cache, "BYPASS")

    def test_ssi(self):
        def answer(path, headers):
            if path == "/basket/":
                return 200, {"Content-Type": "text/html"}, headers["Cookie"].encode()
            return 200, {"Content-Type": "text/html"}, b'a<!--# include virtual="/basket/" -->z'

        shown = self.run_recipe("SSI", answer)
        self.assertEqual(shown.get("/", Cookie="who=ann").body, b"awho=annz")
        shown.stored("http://localhost/")
        again = shown.get("/", Cookie="who=bob")
        self.assertEqual((again.cache, again.body), ("HIT", b"awho=bobz"))
        self.assertEqual(shown.backend.asked, {"/": 1, "/basket/": 2})

    def test_microcaching(self):
        shown = self.run_recipe("Microcaching", lambda path, headers: (
            200, {"Cache-Control": "no-store", "Expires": "0"}, b"now"))
        self.assert_cached(shown, "/", "http://localhost/")
        wait_for(lambda: shown.get("/").cache == "STALE", "the page to be a second old")
        self.assertEqual(shown.get("/", Cookie="sessionid=x").cache, "BYPASS")

    def test_several_sites(self):
        shown = self.run_recipe("Several sites, one memcached")
        self.assert_cached(shown, "/", "blog-/", host="blog.test")
        self.assertEqual(shown.get("/", host="www.blog.test").cache, "HIT")
        self.assert_cached(shown, "/", "shop-/", host="shop.test")
        for _ in range(2):
            self.assertEqual(shown.get("/", host="stranger.test").cache, "BYPASS")
        wait_for(lambda: shown.memcached.keys() == {"blog-/", "shop-/"}, "two keys and no other")

    def test_blue_green(self):
        answers = {BACKEND: lambda *_: b"blue", "127.0.0.1:8001": lambda *_: b"green"}
        shown = self.run_recipe("Blue/green deploys", answers=answers)
        self.assert_cached(shown, "/", "shop-blue-/")
        conf = shown.nginx.conf
        for release in ("green", "blue"):
            conf.write_text(re.sub(r"default \w+;", f"default {release};", conf.read_text(), 1))
            shown.nginx.reload()
            wait_for(lambda: shown.get("/").body == release.encode(), release)
        self.assertEqual(shown.get("/").cache, "HIT")
        self.assertEqual(shown.backend.asked["/"], 1)

    def test_warming(self):
        """The command as it stands there, but for the site's name."""
        site = []

        def answer(path, headers):
            if path == "/sitemap.xml":
                return "".join(f"<url><loc>{site[0]}/{n}</loc></url>" for n in range(5)).encode()
            return page_of(path, headers)

        text = section("conf-examples/how-to.md", "Warming")
        command = re.search(r"^    curl .*\n.*$", text, re.M)[0]
        shown = self.run_recipe("A first configuration", answer, page="README.md")
        site.append(f"http://shop.test:{shown.nginx.port}")
        done = subprocess.run(
            ["bash", "-c", command.replace("https://www.example.com", site[0])],
            capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        for n in range(5):
            shown.stored(f"http://shop.test/{n}")
            self.assertEqual(shown.get(f"/{n}", host="shop.test").cache, "HIT")


if __name__ == "__main__":
    unittest.main()
