"""scripts/mcache against a running nginx and its memcacheds: what it says is what nginx does."""

import json
import os
import pty
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from types import SimpleNamespace

from stack.running import PROJECT
from stack.shown import Shown
from stack.waiting import wait_for

sys.path.insert(0, str(PROJECT / "scripts/lib"))

from tool.wire import Connection  # noqa: E402

COMMAND = PROJECT / "scripts/mcache"
CONF = """
load_module modules/ngx_http_mcache_module.so;
worker_processes 1;
events {}
http {
    mcache_pool other { server 127.0.0.2:9; }
    mcache_pool pages {
        server 127.0.0.1:11211;
        max_item_size 64k;
    }
    map $request_method $is_purge { default 0; PURGE 1; }
    map $host $site { default ""; shop.test shop-; ~^blog blog-; }
    server {
        listen 8080;
        server_name shop.test;
        add_header X-Cache-Status $mcache_status;
        add_header X-Server $mcache_server;
        add_header X-Key $mcache_key;
        mcache_key_prefix $site;
        mcache_key $request_uri;
        location / {
            mcache pages;
            mcache_max_size 8m;
            mcache_tags $upstream_http_cache_tag;
            mcache_use_stale updating;
            mcache_purge $is_purge;
            mcache_ignore ^/admin;
            proxy_pass http://127.0.0.1:8000;
        }
    }
}
"""


def answer(path, headers):
    fields = {"Cache-Control": "max-age=600", "Content-Type": "text/html",
              "Cache-Tag": f"all tag{path.rstrip('/')}"}
    body = f"page {path}".encode()
    if path == "/old":
        fields["Cache-Control"] = "max-age=600, stale-while-revalidate=600"
        fields["Age"] = "599"
    if path == "/vary":
        fields["Vary"] = "Accept-Language"
        body += (headers["Accept-Language"] or "").encode()
    if path.startswith("/hostile"):
        fields["X-Title"] = "\x1b]0;owned\x07\x9b31m\u202e".encode().decode("latin-1")
        body = b"\x1b[2J\xc2\x9b\n"
    if path == "/private":
        fields["Cache-Control"] = "private"
    if path == "/large":
        body = b"0123456789abcdef" * 20000
    return 200, fields, body


class Tool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shown = Shown(CONF, {"127.0.0.1:8000": answer}, servers=3)
        cls.shown.__enter__()
        cls.addClassCleanup(cls.shown.__exit__)

    def setUp(self):
        for memcached in self.shown.memcacheds:
            memcached.flush()

    def run_tool(self, *words, where=None, status=0, **options):
        where = ["--config", self.shown.nginx.conf, "--pool", "pages"] if where is None else where
        done = subprocess.run([COMMAND, *words, *where], capture_output=True, text=True, timeout=60,
                              **options)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    def ask(self, *words, **options):
        return json.loads(self.run_tool(*words, **options).stdout)

    def url(self, path):
        return f"http://shop.test{path}"

    def page(self, path, **headers):
        return self.shown.get(path, host="shop.test", **headers)

    def warm(self, path):
        first = self.page(path)
        self.assertEqual(first.cache, "MISS", path)
        self.shown.stored(first.headers["X-Key"])
        return first

    # ---- key, get -----------------------------------------------------------------------------

    def test_keys_and_servers_are_nginxs(self):
        paths = [f"/{n}" for n in range(30)] + ["/a%20b?c=d", "/" + "x" * 300, "/k%C3%BCste/", "/?"]
        said = self.ask("key", "--json", *map(self.url, paths))
        self.assertEqual(len({each["server"] for each in said}), 3)
        for path, each in zip(paths, said):
            headers = self.page(path).headers
            self.assertEqual((each["key"], each["server"]), (headers["X-Key"], headers["X-Server"]))
        self.assertEqual(self.run_tool("key", "--table", self.url("/a")).stdout, "shop-/a\n")
        self.assertEqual(self.ask("key", "http://blog.test/a")[0]["key"], "blog-/a")

    def test_names(self):
        """A name with one address is placed by itself; `resolve`, and what it says of purges, is
        known."""
        said = self.ask("key", "/a", where=["--server", "localhost:1", "--server", "127.0.0.2:1"])
        self.assertIn(said[0]["server"], ("localhost:1", "127.0.0.2:1"))
        with tempfile.TemporaryDirectory() as folder:
            conf = Path(folder) / "nginx.conf"
            conf.write_text("http { mcache_pool a { server localhost:1 resolve; replicas 2; } "
                            "server { location / { mcache a; } } }")
            done = self.run_tool("tag", "x", where=["--config", conf], status=2)
            self.assertIn("127.0.0.1:1 cannot be asked", done.stderr)
        done = self.run_tool("key", "/a", where=["--server", "no-such-host.invalid"], status=2)
        self.assertIn("no-such-host.invalid", done.stderr)

    def test_every_distribution(self):
        """As pylibmc does, which is libmemcached by another way."""
        try:
            import pylibmc
        except ImportError:
            self.skipTest("python3-pylibmc is not installed")
        servers = [memcached.address for memcached in self.shown.memcacheds]
        where = [word for server in servers for word in ("--server", server)]
        for distribution, behaviors in (("modula", {}), ("ketama", {"ketama": True}),
                                        ("ketama_weighted", {"ketama_weighted": True}),
                                        ("consistent", {"distribution": "consistent"})):
            said = self.ask("key", "--key", "$uri", *(f"/{n}" for n in range(20)), "--distribution",
                            distribution, where=where)
            client = pylibmc.Client(servers, behaviors=behaviors)
            for each in said:
                client.set(each["key"], "x")
                holders = [memcached.address for memcached in self.shown.memcacheds
                           if memcached.read(each["key"])]
                self.assertEqual(holders, [each["server"]], distribution)
            self.setUp()

    def test_get(self):
        facts = self.ask("get", self.url("/a/"), status=1)
        self.assertEqual((facts["cached"], facts["reason"]), (False, "miss"))
        first = self.warm("/a/")
        facts = self.ask("get", self.url("/a/"))
        self.assertEqual(facts["key"], "shop-/a/")
        self.assertEqual(facts["found_on"], first.headers["X-Server"])
        self.assertEqual((facts["status"], facts["size"], facts["format"]), (200, 8, "entry"))
        self.assertEqual(sorted(facts["tags"]), ["all", "tag/a"])
        self.assertIn(["Content-Type", "text/html"], facts["headers"])
        self.assertTrue(580 < facts["fresh_for"] <= 600 and 0 <= facts["age"] < 20)
        self.assertNotIn("reason", facts)
        self.assertEqual(self.run_tool("get", "--body", self.url("/a/")).stdout, "page /a/")

    def test_get_on_a_terminal(self):
        self.warm("/a/")
        text = self.run_tool("get", "--table", "--colour", "always", self.url("/a/")).stdout
        self.assertIn("\033[32mcached\033[0m", text)
        for what in ("shop-/a/", "200", "8 B", "all, tag/a", "Content-Type:", "fresh"):
            self.assertIn(what, text)
        main, side = pty.openpty()
        done = subprocess.run(
            [COMMAND, "top", "--config", self.shown.nginx.conf, "--pool", "pages"],
            stdout=side, stderr=side, stdin=side, timeout=60)
        os.close(side)
        text = os.read(main, 65536).decode()
        os.close(main)
        self.assertEqual(done.returncode, 0, text)
        self.assertRegex(text, r"SIZE +ASKED FOR")
        self.assertIn("shop-/a/", text)

    def on_a_terminal(self, *words):
        main, side = pty.openpty()
        subprocess.run([COMMAND, *words, "--config", self.shown.nginx.conf, "--pool", "pages"],
                       stdout=side, stderr=side, stdin=side, timeout=60)
        os.close(side)
        text = os.read(main, 65536).decode()
        os.close(main)
        return text

    def test_a_terminal_obeys_no_stranger(self):
        self.warm("/hostile")
        url = self.url("/\u009b31m\u202e")
        for memcached in self.shown.memcacheds:
            memcached.write("shop-/\u009b31m\u202e", b"\x1b[2J")
        for words in (["get", self.url("/hostile")], ["get", "--body", self.url("/hostile")],
                      ["get", "--json", self.url("/hostile")], ["get", url], ["get", "--json", url],
                      ["key", url], ["key", "--json", url], ["top"], ["top", "--json"],
                      ["purge", url], ["purge", "--json", url]):
            with self.subTest(words):
                text = self.on_a_terminal(*words)
                self.assertRegex(text, r"\\(x|u00)(1b|9b)")
                ours = re.compile(r"\r\n|\r|\x1b\[(?:\d+m|K)")
                self.assertEqual([c for c in ours.sub("", text) if not c.isprintable()], [])
        self.assertEqual(self.run_tool("get", "--body", self.url("/hostile")).stdout[:4], "\x1b[2J")

    def test_get_says_why_not(self):
        def reason(path, status=1):
            return self.ask("get", self.url(path), status=status).get("reason")

        self.page("/private")
        self.assertEqual(reason("/private"), "miss")
        self.assertEqual(reason("/admin/x"), "ignored")
        for memcached in self.shown.memcacheds:
            memcached.write("shop-/empty", b"")
            memcached.write("shop-/broken", b"MCE1 and no more")
            memcached.ask("set shop-/pickle 1 0 1\r\nx", "STORED")
            memcached.ask("set shop-/entry 1835204864 0 1\r\nx", "STORED")
            memcached.write("shop-/app", b"<p>")
        self.assertEqual(reason("/empty"), "miss")
        self.assertEqual(reason("/pickle"), "foreign-flags")
        self.assertEqual(reason("/entry"), "garbage")
        self.assertIsNone(reason("/app", 0))
        self.assertEqual(self.page("/app").cache, "HIT")

    def test_get_of_another_key(self):
        """An entry is only a page's own under its full key."""
        self.warm("/a")
        (value,) = filter(None, (each.read("shop-/a") for each in self.shown.memcacheds))
        for memcached in self.shown.memcacheds:
            memcached.ask(f"set shop-/b {value[0]} 0 {len(value[1])}\r\n" +
                          value[1].decode("latin-1"), ("STORED", "ERROR", "CLIENT"))
        if any(each.read("shop-/b") for each in self.shown.memcacheds):
            self.assertEqual(self.ask("get", self.url("/b"), status=1)["reason"], "key-mismatch")

    def test_large_pages(self):
        body = self.warm("/large").body
        facts = self.ask("get", self.url("/large"))
        self.assertEqual((facts["size"], facts["cached"]), (320000, True))
        self.assertGreater(facts["parts"], 4)
        self.assertEqual(self.run_tool("get", "--body", self.url("/large")).stdout.encode(), body)
        self.assertGreater(self.ask("top")[0]["size"], 320000)
        part = next(key for key in set().union(*(m.keys() for m in self.shown.memcacheds))
                    if key.endswith("-3%00part"))
        for memcached in self.shown.memcacheds:
            memcached.write(part, None)
        facts = self.ask("get", self.url("/large"), status=1)
        self.assertEqual(facts["reason"], "part-missing")
        self.assertIn("part 4 ", facts["why"])

    def test_variants(self):
        for language in ("de", "en"):
            self.page("/vary", Accept_Language=language)
            wait_for(lambda: self.page("/vary", Accept_Language=language).cache == "HIT", "a hit")
        facts = self.ask("get", self.url("/vary"), status=1)
        self.assertEqual((facts["reason"], facts["vary"]), ("vary-miss", ["accept-language"]))
        facts = self.ask("get", "--variants", self.url("/vary"))
        self.assertEqual(sorted(each["selected_by"] for each in facts["variants"]),
                         [["accept-language:de"], ["accept-language:en"]])
        self.assertTrue(all(each["cached"] for each in facts["variants"]))

    # ---- purges ---------------------------------------------------------------------------------

    def test_purge_a_page(self):
        self.warm("/a")
        self.warm("/b")
        self.assertEqual(self.ask("purge", self.url("/a"))[0]["result"], "purged")
        self.assertEqual(self.ask("get", self.url("/a"), status=1)["reason"], "miss")
        self.assertEqual(self.page("/b").cache, "HIT")
        self.assertEqual(self.page("/a").cache, "MISS")
        self.assertEqual(self.ask("purge", self.url("/none"), status=1)[0]["result"], "not found")

    def test_purge_on_every_server(self):
        """Wherever a copy lies: a replica, or from before the pool was changed."""
        for memcached in self.shown.memcacheds:
            memcached.write("shop-/copy", b"page")
        self.ask("purge", self.url("/copy"))
        self.assertEqual([m.read("shop-/copy") for m in self.shown.memcacheds], [None] * 3)

    def test_purge_by_beginning(self):
        for path in ("/x/1", "/x/2", "/y"):
            self.warm(path)
        self.ask("purge", self.url("/x/*"))
        facts = self.ask("get", self.url("/x/1"), status=1)
        self.assertEqual((facts["reason"], facts["why"]), ("purged", "purged: under /x/"))
        self.assertEqual([self.page(path).cache for path in ("/x/1", "/x/2", "/y")],
                         ["MISS", "MISS", "HIT"])
        self.shown.stored("shop-/x/1")
        wait_for(lambda: self.page("/x/1").cache == "HIT", "the new page")
        self.assertTrue(self.ask("get", self.url("/x/1"))["cached"])

    def test_tag_and_wipe(self):
        where = ["--config", self.shown.nginx.conf, "--pool", "pages", "--prefix", "shop-"]
        self.warm("/a")
        self.warm("/b")
        self.ask("tag", "tag/a", where=where)
        self.assertEqual(self.ask("get", self.url("/a"), status=1)["why"], "purged: tag tag/a")
        self.assertEqual((self.page("/a").cache, self.page("/b").cache), ("MISS", "HIT"))
        self.ask("wipe", where=where, stdin=subprocess.DEVNULL)
        self.assertEqual(self.ask("get", self.url("/b"), status=1)["reason"], "purged")
        self.assertEqual(self.page("/b").cache, "MISS")
        # A prefix with a variable has to be said.
        self.assertIn("--prefix", self.run_tool("tag", "x", status=2).stderr)
        self.assertIn("is no tag", self.run_tool("tag", "a b", where=where, status=2).stderr)

    def test_softly(self):
        where = ["--config", self.shown.nginx.conf, "--pool", "pages", "--prefix", "shop-"]
        for n, words in enumerate((["purge", "--soft", self.url("/s0")],
                                   ["purge", "--soft", self.url("/s1*")],
                                   ["tag", "--soft", "tag/s2"], ["wipe", "--soft", "--yes"])):
            self.warm(f"/s{n}")
            self.ask(*words, where=where)
            facts = self.ask("get", self.url(f"/s{n}"))
            self.assertEqual((facts["cached"], facts["reason"]), (True, "purged"), words)
            self.assertIn(self.page(f"/s{n}").cache, ("STALE", "UPDATING", "EXPIRED"), words)

    def test_flush(self):
        self.warm("/a")
        self.ask("wipe", "--flush", "-y")
        self.assertEqual(self.page("/a").cache, "MISS")

    # ---- stats, top -----------------------------------------------------------------------------

    def test_stats(self):
        self.warm("/a")
        rows = self.ask("stats")
        self.assertEqual([row["server"] for row in rows], [m.address for m in self.shown.memcacheds])
        self.assertTrue(all(row["up"] and row["limit"] == 64 << 20 for row in rows))
        self.assertRegex(self.run_tool("stats", "--table").stdout, r"SERVER +VERSION")

    def test_a_server_that_is_down(self):
        where = ["--server", "127.0.0.1:1", "--server", self.shown.memcacheds[0].address]
        done = self.run_tool("stats", where=where, status=2)
        self.assertEqual([row["up"] for row in json.loads(done.stdout)], [False, True])
        self.assertIn("127.0.0.1:1 cannot be asked", done.stderr)
        self.assertEqual(self.ask("purge", "/a", where=where, status=2)[0]["result"], "failed")

    def test_top(self):
        for n, path in enumerate(("/short", "/a-longer-one", "/the-longest-of-all-of-them")):
            self.warm(path)
        keys = [row["key"] for row in self.ask("top", "--prefix", "shop-/", "-n", "2")]
        self.assertEqual(keys, ["shop-/the-longest-of-all-of-them", "shop-/a-longer-one"])

    def test_top_by_fetches(self):
        self.warm("/hot")
        self.warm("/cold")
        stop = threading.Event()

        def visit():
            while not stop.is_set():
                for path in ("/hot", "/hot", "/hot", "/cold"):
                    self.page(path)

        visitor = threading.Thread(target=visit)
        visitor.start()
        try:
            rows = self.ask("top", "--by", "fetches", "--seconds", "1", "--prefix", "shop-/")
        finally:
            stop.set()
            visitor.join()
        self.assertEqual([row["key"] for row in rows], ["shop-/hot", "shop-/cold"])
        self.assertGreater(rows[0]["found"], rows[1]["found"])

    # ---- mistakes -------------------------------------------------------------------------------

    def test_mistakes_say_what_would_be_right(self):
        conf = ["--config", self.shown.nginx.conf]
        for words, where, what in (
            (["get", "/"], conf, "several pools.*--pool other"),
            (["get", "/"], [*conf, "--pool", "pagse"], "no mcache_pool pagse, but other, pages"),
            (["get", "/"], [*conf, "--pool", "other"], "no location .* uses the pool other"),
            (["get", "/"], ["--config", "/no/such"], "/no/such: No such file"),
            (["get", "/"], ["--config", PROJECT / "conf-examples/vim/after/syntax/nginx.vim"], ":"),
            (["get", "/"], ["--server", "a:b:c"], "is not an address like"),
            (["get", "/"], [*conf, "--server", "127.0.0.1"], "takes the place of --config"),
            (["get", "/"], ["--server", "127.0.0.1", "--auth-file", "/no/such"], "auth_file /no/such"),
            ([], [], "usage|required"),
        ):
            self.assertRegex(self.run_tool(*words, where=where, status=2).stderr, what)

    def test_no_purge_by_tag_where_nobody_looks(self):
        with tempfile.TemporaryDirectory() as folder:
            conf = Path(folder) / "nginx.conf"
            conf.write_text("http { mcache_pool a { server 127.0.0.1; } include *.inc; }")
            (Path(folder) / "site.inc").write_text("server { location / { mcache a; } }")
            for words in (["tag", "x"], ["wipe"], ["purge", "/x*"]):
                said = self.run_tool(*words, where=["--config", conf], status=2).stderr
                self.assertIn("looks at the purge log", said)

    def test_help_is_enough(self):
        text = self.run_tool("--help", where=[]).stdout
        for command in re.findall(r"add\(\"(\w+)\"", COMMAND.read_text()):
            self.assertIn(f"mcache {command}", text)
            self.assertIn("--config", self.run_tool(command, "--help", where=[]).stdout)


COPIES = """
load_module modules/ngx_http_mcache_module.so;
worker_processes 1;
events {}
http {
    mcache_pool pages {
        server 127.0.0.1:11211;
        replicas 2;
        timeout 2s;
    }
    server {
        listen 8080;
        add_header X-Cache-Status $mcache_status;
        add_header X-Server $mcache_server;
        mcache_key $request_uri;
        location / {
            mcache pages;
            mcache_valid 10m;
            mcache_tags $upstream_http_cache_tag;
            proxy_pass http://127.0.0.1:8000;
        }
    }
}
"""


class ToolWithCopies(unittest.TestCase):
    """A purge while a server hangs: it executes nothing of it, and has the old page when it is back."""

    @classmethod
    def setUpClass(cls):
        cls.version = 0

        def answer(path, headers):
            return 200, {"Cache-Tag": f"tag{path}"}, f"{path} {cls.version}".encode()

        cls.shown = Shown(COPIES, {"127.0.0.1:8000": answer}, servers=3)
        cls.shown.__enter__()
        cls.addClassCleanup(cls.shown.__exit__)

    def run_tool(self, *words, conf=None, status=0):
        done = subprocess.run([COMMAND, *words, "--config", conf or self.shown.nginx.conf],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def holders(self, key):
        return [each for each in self.shown.memcacheds if (each.read(key) or (0, b""))[1]]

    def warm(self, path):
        """The server that a page is served from."""
        self.shown.get(path)
        wait_for(lambda: len(self.holders(path)) == 2, f"two copies of {path}")
        answer = self.shown.get(path)
        return next(m for m in self.shown.memcacheds if m.address == answer.headers["X-Server"])

    def test_where_copies_lie(self):
        for row in self.run_tool("key", *(f"/where/{n}" for n in range(12))):
            first = self.warm(row["url"])
            self.assertEqual(first.address, row["server"])
            self.assertEqual({each.address for each in self.holders(row["url"])},
                             set(row["copies"]), row["url"])

    def test_a_purge_holds_without_the_server_that_hangs(self):
        for path, words in (("/0", ["purge", "/0"]), ("/1", ["tag", "tag/1"]), ("/2", ["wipe"])):
            with self.subTest(" ".join(words)):
                away = self.warm(path)
                old = self.shown.get(path).body
                away.pause()
                try:
                    (said,) = self.run_tool(*words)
                finally:
                    away.resume()
                self.assertEqual(said["result"], "purged")
                self.assertIn(away.address, said["missed"])
                for each in self.shown.memcacheds:
                    if each.address not in said["missed"]:
                        self.assertIn(f"lost {away.address} ".encode(), each.read("%00purges")[1])
                type(self).version += 1
                self.assertTrue(away.read(path)[1].endswith(old), "the old page is there, but")
                self.assertEqual(self.run_tool("get", path, status=1)["reason"], "purged")

                def back():
                    answer = self.shown.get(path)
                    self.assertNotEqual(answer.body, old)
                    return answer.cache == "HIT" and answer.headers["X-Server"] == away.address

                wait_for(back, f"{path} from {away.address}")

    def test_a_purge_that_nobody_heard_of(self):
        with tempfile.TemporaryDirectory() as folder:
            conf = Path(folder) / "nginx.conf"
            conf.write_text("http { mcache_pool a { server 127.0.0.2:9; server 127.0.0.3:9; "
                            "server 127.0.0.4:9; replicas 2; } server { mcache a; } }")
            (said,) = self.run_tool("purge", "/x", conf=conf, status=2)
        self.assertEqual((said["result"], len(said["failed"])), ("failed", 2))


class Dump(unittest.TestCase):
    """The keys of a memcached, as versions old and new answer."""

    KEYS = b"key=/a exp=-1 la=1 cas=2 fetch=no cls=1 size=61\r\nkey=/b exp=-1 size=9\r\nEND\r\n"

    def test_with_and_without_ok_before_it(self):
        for version, answer in (("1.6.18", self.KEYS), ("1.6.45", b"OK\r\n" + self.KEYS)):
            with self.subTest(version), socket.create_server(("127.0.0.1", 0)) as listener:
                replies = [f"VERSION {version}\r\n".encode(), answer, b"OK\r\n"]
                thread = threading.Thread(target=self.serve, args=(listener, replies))
                thread.start()
                server = SimpleNamespace(path=None, host="127.0.0.1", port=listener.getsockname()[1])
                connection = Connection(server, 60)
                self.assertEqual([item["key"] for item in connection.dump()], ["/a", "/b"])
                connection.flush()  # which reads the next reply, and no rest of the last one
                connection.close()
                thread.join()

    @staticmethod
    def serve(listener, replies):
        client, _ = listener.accept()
        with client, client.makefile("rb") as commands:
            for reply in replies:
                commands.readline()
                client.sendall(reply)


if __name__ == "__main__":
    unittest.main()
