"""conf-examples/wordpress with Debian's WordPress and a database: what visitors get, and that what
an author changes is seen at once by everybody."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from stack import wait_for
from stack.memcached import Memcached
from stack.purge_log import PurgeLog, fresh, log_key
from stack.wordpress import PLUGIN, WordPress, missing
from tests.support import StackCase, title_of

APPEND = """<?php
const ABSPATH = "/";
const MCACHE_SITE = "50% of a blog-";
define("MCACHE_SERVERS", $argv[2]);
function add_action() {}
require $argv[1];
mcache_append(array_slice($argv, 3));
"""


class Plugin:
    """What mcache-purge.php writes, without WordPress and nginx."""

    key = log_key("50% of a blog-")
    options = ()

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mcache-plugin-")
        cls.addClassCleanup(folder.cleanup)
        path = Path(folder.name)
        path.chmod(0o755)
        cls.memcacheds = [Memcached(path) for _ in range(2)]
        for memcached in cls.memcacheds:
            cls.addClassCleanup(memcached.kill)
            memcached.start()
        cls.script = path / "append.php"
        cls.script.write_text(APPEND)

    def setUp(self):
        for memcached in self.memcacheds:
            memcached.write(self.key, fresh())

    def append(self, *lines):
        """What PHP wrote to its log."""
        servers = ",".join(memcached.address for memcached in self.memcacheds)
        command = ["php", *self.options, "-d", "error_log=/dev/stderr", "-d", "html_errors=0"]
        command += [self.script, PLUGIN, servers, *lines]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        return done.stderr

    def logs(self):
        values = [memcached.read(self.key) for memcached in self.memcacheds]
        return [value and PurgeLog(value[1]).lines for value in values]

    def test_lines(self):
        self.assertEqual(self.append("tag post-1", "under "), "")
        self.assertEqual(self.logs(), [["tag post-1", "under "]] * 2)

    def test_no_log(self):
        self.memcacheds[0].write(self.key, None)
        self.assertEqual(self.append("tag post-1"), "")
        self.assertEqual(self.logs(), [None, ["tag post-1"]])

    def test_a_log_that_cannot_grow_does_not_stay(self):
        self.memcacheds[0].write(self.key, fresh() + b"tag filling\n" * (1040000 // 12))
        self.assertEqual(self.append("tag " + "post" * 10000), "")
        self.assertEqual([log and len(log) for log in self.logs()], [None, 1])

    def test_a_server_that_is_down(self):
        down = self.memcacheds[0]
        down.kill()
        try:
            self.assertIn(f"memcached {down.address} not purged", self.append("tag post-1"))
        finally:
            down.start()
        self.assertEqual(self.logs(), [None, ["tag post-1"]])


class PluginByExtension(Plugin, unittest.TestCase):
    options = ("-d", "memcached.compression_threshold=1")


class PluginBySocket(Plugin, unittest.TestCase):
    """-n: without php.ini, and so without the extension."""

    options = ("-n",)


class Author:
    """Somebody who is logged in, and uses the interface that the block editor uses."""

    def __init__(self, stack):
        self.browser = stack.browser()
        self.browser.get("/wp-login.php")  # sets the cookie that it wants to see again
        fields = {"log": "admin", "pwd": "northlight", "testcookie": "1"}
        answer = self.browser.post("/wp-login.php", fields)
        if answer.status != 302:
            raise RuntimeError(f"admin could not log in: {answer.status}")
        self.nonce = self.browser.get("/wp-admin/admin-ajax.php?action=rest-nonce").text

    def write(self, what, method="POST", **fields):
        headers = {"X-WP-Nonce": self.nonce, "Content-Type": "application/json"}
        path = f"/wp-json/wp/v2/{what}"
        answer = self.browser.request(method, path, json.dumps(fields), headers)
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {what}: {answer.status} {answer.text}")
        return json.loads(answer.text)

    def publish(self, title, **fields):
        return self.write("posts", title=title, status="publish", content="Text.", **fields)["id"]


@unittest.skipIf(missing(), missing())
class RealWordPress(StackCase):
    options = {
        "example": "wordpress/nginx.conf",
        "backend": WordPress,
        "servers": 2,
        "edit": [("mcache_valid 200 1h;",
                  "mcache_valid 200 1h; mcache_honor_request_cache_control on;")],
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.author = Author(cls.stack)
        cls.first = cls.author.publish("First")
        cls.other = cls.author.publish("Other")

    def setUp(self):
        super().setUp()
        self.warm()

    def is_cached(self, page):
        """Asked so that the answer changes nothing."""
        answer = self.stack.get(page, {"Cache-Control": "only-if-cached"})
        self.assertIn((answer.status, answer.cache), [(200, "HIT"), (504, None)], page)
        return answer.status == 200

    PAGES = ("/", "/first/", "/other/", "/feed/", "/category/uncategorized/", "/first/feed/")

    def warm(self):
        def all_cached():
            return all([self.is_cached(page) or not self.stack.get(page) for page in self.PAGES])

        wait_for(all_cached, "the pages to be stored")

    def assert_gone(self, *gone):
        self.assertEqual({page for page in self.PAGES if not self.is_cached(page)}, set(gone))

    LISTS = ("/", "/feed/", "/category/uncategorized/")

    def test_visitors_do_not_reach_wordpress(self):
        asked = self.asked()
        for page in self.PAGES:
            for _ in range(3):
                self.assertEqual(self.stack.get(page).cache, "HIT")
        self.assertEqual(self.asked(), asked)
        self.assertIsNone(self.stack.get("/").headers["Cache-Tag"])

    def test_who_is_known_gets_his_own_pages(self):
        for page in ("/", "/first/"):
            answer = self.author.browser.get(page)
            self.assertEqual(answer.cache, "BYPASS")
            self.assertIn("wpadminbar", answer.text)
            self.assertNotIn("wpadminbar", self.stack.get(page).text)
        for cookie in ("wp-postpass_abc=1", "comment_author_abc=Ann", "a=b; wordpress_sec_x=1"):
            answer = self.stack.get("/first/", {"Cookie": cookie})
            self.assertEqual(answer.cache, "BYPASS", cookie)
        for cookie in ("wordpress_test_cookie=1", "theme=comment_author"):
            self.assertEqual(self.stack.get("/first/", {"Cookie": cookie}).cache, "HIT", cookie)
        self.assert_gone()

    def test_the_admin_is_never_cached(self):
        for page, status in (("/wp-login.php", 200), ("/wp-admin/", 302), ("/wp-json/", 200)):
            for _ in range(2):
                answer = self.stack.get(page)
                self.assertEqual((answer.status, answer.cache), (status, "BYPASS"), page)
        for page in ("/wp-admin/", "/wp-admin/edit.php", "/wp-admin/options-general.php"):
            answer = self.author.browser.get(page)
            self.assertEqual((answer.status, answer.cache), (200, "BYPASS"), page)

    def test_edit(self):
        self.author.write(f"posts/{self.first}", title="First, again")
        self.assert_gone("/first/", "/first/feed/", *self.LISTS)
        self.assertIn("First, again", title_of(self.stack.get("/first/")))
        self.assertIn("First, again", self.stack.get("/").text)
        self.assertIn("First, again", self.stack.get("/feed/").text)

    def test_publish_and_take_back(self):
        post = self.author.write("posts", title="Third", status="draft")["id"]
        self.author.write(f"posts/{post}", content="A draft is nobody's business.")
        self.assert_gone()
        self.author.write(f"posts/{post}", status="publish")
        self.assert_gone(*self.LISTS)
        self.assertIn("Third", self.stack.get("/").text)
        self.assertEqual(self.stack.get("/third/").status, 200)
        wait_for(lambda: self.stack.get("/third/").cache == "HIT", "/third/ to be stored")
        self.warm()
        self.author.write(f"posts/{post}", status="draft")
        self.assert_gone(*self.LISTS)
        self.assertEqual(self.stack.get("/third/").status, 404)
        self.assertNotIn("Third", self.stack.get("/").text)
        self.author.write(f"posts/{post}", "DELETE")

    def test_a_post_that_is_deleted_for_ever(self):
        post = self.author.publish("Fourth")
        wait_for(lambda: self.stack.get("/fourth/").cache == "HIT", "/fourth/ to be stored")
        self.warm()
        self.author.write(f"posts/{post}?force=true", "DELETE")
        self.assertEqual(self.stack.get("/fourth/").status, 404)
        self.assert_gone(*self.LISTS)

    def test_comments(self):
        fields = {"comment_post_ID": self.other, "author": "Ann", "email": "ann@example.org",
                  "comment": "I like it."}
        answer = self.stack.browser().post("/wp-comments-post.php", fields)
        self.assertEqual(answer.status, 302, answer.text)
        self.assert_gone("/other/", *self.LISTS)
        self.assertIn("I like it.", self.stack.get("/other/").text)
        self.warm()
        comment = self.author.write("comments", "GET")[0]["id"]
        self.author.write(f"comments/{comment}", content="I love it.")
        self.assertIn("I love it.", self.stack.get("/other/").text)
        self.warm()
        self.author.write(f"comments/{comment}", status="hold")
        self.assertNotIn("I love it.", self.stack.get("/other/").text)
        self.assertEqual(self.stack.get("/first/").cache, "HIT")

    def test_what_is_on_every_page(self):
        self.author.write("settings", title="Another name")
        self.assert_gone(*self.PAGES)
        self.assertIn("Another name", title_of(self.stack.get("/first/")))
        self.warm()
        category = self.author.write("categories", "GET")[0]["id"]
        self.author.write(f"categories/{category}", name="Anything")
        self.assert_gone(*self.PAGES)

    def test_a_memcached_that_is_down_does_not_keep_the_author_from_it(self):
        down = self.stack.memcacheds[1]
        down.kill()
        try:
            self.author.write(f"posts/{self.other}", content="Other text.")
            told = self.stack.nginx.error_log.read_text()
            self.assertIn(f"memcached {down.address} not purged", told)
        finally:
            down.start()
        self.assertIn("Other text.", self.stack.get("/other/").text)
