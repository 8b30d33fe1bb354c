"""scripts/from-proxy-cache: what it makes of realistic configurations (t/e2e/moving) is one that
nginx takes, that does what the old one did, and in which the rest is as it was."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from stack.documents import blocks, section
from stack.running import PROJECT
from stack.shown import Shown
from stack.snippets import check

sys.path.insert(0, str(PROJECT / "scripts/lib"))
from nginx_conf import Conf, Edits, Malformed, read_with_includes  # noqa: E402

COMMAND = PROJECT / "scripts/from-proxy-cache"
SAMPLES = PROJECT / "t/e2e/moving"
OLD = re.compile(r"(?m)^\s*(?:[^#\n]*[;{]\s*)?"
                 r"((?:proxy|fastcgi|uwsgi|scgi)_(?:no_)?cache\w*|(?:srcache|memc)_\w+)\s")


def move(name, *options, text=None):
    """(what it makes of a sample, its report)"""
    done = subprocess.run([COMMAND, *options, "-" if text is not None else SAMPLES / name],
                          input=text, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"{done.returncode}: {done.stderr}")
    return done.stdout, done.stderr


class Samples(unittest.TestCase):
    def moved(self, name):
        made, report = move(name)
        self.assertIsNone(OLD.search(made), made)
        return made, report

    def assert_taken(self, made):
        ok, said = check(made)
        self.assertTrue(ok, said + made)

    def assert_lines(self, made, *lines):
        for line in lines:
            self.assertRegex(made, rf"(?m)(^|[{{;] ?)\s*{re.escape(line)}")

    def test_none_is_left_out(self):
        tried = set(re.findall(r'moved\("(\w+\.conf)"\)', Path(__file__).read_text()))
        self.assertEqual(tried, {path.name for path in SAMPLES.glob("*.conf")})

    def test_proxy(self):
        made, report = self.moved("proxy.conf")
        self.assert_taken(made)
        self.assert_lines(made, "server 127.0.0.1:11211;    # memcached -m 1024",
                          "mcache_lock on; mcache_lock_age 3s;", "mcache_keep_stale 1h;",
                          "proxy_ignore_headers X-Accel-Redirect;", "mcache_valid 404   1m;",
                          "mcache_no_store $cookie_session;")
        self.assertIn("proxy.conf:21: ", report)
        # Only the location that proxies is cached, and not the one that said off.
        self.assertEqual(made.count("mcache pages;"), 1)
        self.assertNotIn("mcache", made.split("location /static/")[1].split("}")[0])
        self.assertIn("location /live { mcache off; proxy_pass http://app; }", made)
        # Comments, blank lines and the formatting of everything else.
        before = (SAMPLES / "proxy.conf").read_text()
        kept = [line for line in before.splitlines() if "cache" not in line and "ignore" not in line]
        at = -1
        for line in kept:
            if line.strip() not in ("", "}") and "inactive" not in line and "http_500" not in line:
                at = made.index(line, at + 1)
        for comment in re.findall(r"# .*", before):
            self.assertIn(comment, made)

    def test_fastcgi(self):
        made, report = self.moved("fastcgi.conf")
        self.assert_taken(made)
        self.assert_lines(made, "mcache_bypass $skip_cache;", "mcache WORDPRESS;", "mcache_valid 60m;",
                          "mcache_ignore_headers Cache-Control Expires Set-Cookie;")
        self.assertIn("Set-Cookie: pages are stored without", report)

    def test_several(self):
        made, report = self.moved("mixed.conf")
        self.assert_taken(made)
        self.assert_lines(made, 'mcache_key_prefix "api-";', 'mcache_key_prefix "site-";',
                          'mcache_key "$scheme$mcache_backend$request_uri";', "mcache_valid 200 1h;",
                          "# not carried over: scgi_cache $zone;", "mcache off;",
                          "# not carried over: slice 1m;")
        self.assertEqual(made.count("mcache_valid 1m;"), 1)
        for what in ("proxy_host", "no variables", "proxy_buffering off", "206", "lock_age"):
            self.assertIn(what, report)

    def test_a_fragment(self):
        made, report = self.moved("site.conf")
        self.assert_taken("load_module modules/ngx_http_mcache_module.so; events {} http { "
                          "mcache_pool blog { server 127.0.0.1; }\n" + made + "}")
        self.assertIn("load_module", report)
        self.assertIn("mcache_pool blog", report)

    def test_srcache(self):
        made, report = self.moved("srcache.conf")
        self.assert_taken(made)
        self.assert_lines(made, "mcache_pool memc_backend {", "timeout 200ms;", "mcache_key $key;",
                          "mcache_valid 200 301 300s;", "mcache_bypass $skip;",
                          "mcache_no_store $skip;", "mcache_ignore_headers Cache-Control Expires;")
        self.assertNotIn("location = /memc", made)
        self.assertIn("srcache_max_expire", report)

    def test_srcache_with_several_servers(self):
        made, report = self.moved("srcache_hashed.conf")
        self.assert_taken(made.replace("set_escape_uri", "set"))  # of another module
        self.assert_lines(made, "mcache_pool universe {", "server 10.0.0.2:11211;",
                          "mcache_key $escaped_key;", "mcache_valid 200 301 302 307 308 2m;")
        self.assertIn("GET, HEAD and POST", report)

    def run_pair(self, name, header):
        """The moved configuration, running: (path, cookie) -> what the header says."""
        shown = Shown(move(name)[0], {"127.0.0.1:8000": lambda path, headers: path.encode()})
        shown.__enter__()
        self.addCleanup(shown.__exit__)
        return shown, lambda path, **headers: shown.get(path, **headers).headers[header]

    def test_proxy_runs(self):
        shown, status = self.run_pair("proxy.conf", "X-Cache-Status")
        self.assertEqual(status("/a"), "MISS")
        shown.stored("httplocalhost/a")
        self.assertEqual(status("/a"), "HIT")
        self.assertEqual(status("/a", Cookie="session=1"), "BYPASS")

    def test_srcache_runs(self):
        shown, status = self.run_pair("srcache.conf", "X-Cache-Status")
        self.assertEqual(status("/a"), "MISS")
        shown.stored("blog:/a")
        self.assertEqual(status("/a"), "HIT")
        self.assertEqual(status("/a", Cookie="session=1"), "BYPASS")


class Documentation(unittest.TestCase):
    def test_before_and_after(self):
        """What the documentation shows is what the command makes, but for comments."""
        for source in ("proxy_cache", "srcache"):
            with self.subTest(source):
                text = section("conf-examples/moving.md", f"Moving from {source}")
                (_, before), (_, after) = list(blocks(text))[:2]
                self.assertEqual(statements(move(None, text=before)[0]), statements(after))


def statements(text):
    def of(block):
        return [(*[word.value for word in each.words], of(each) if each.block else None)
                for each in block.block]
    return of(Conf(text).root)


class Command(unittest.TestCase):
    def test_in_place(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "site.conf"
            path.write_text((SAMPLES / "site.conf").read_text())
            done = subprocess.run([COMMAND, "-q", "-i", path], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            self.assertEqual(path.read_text(), move("site.conf")[0])

    def test_what_is_none_of_its_business_stays(self):
        for path in (PROJECT / "conf-examples").glob("**/*.conf"):
            made, report = move(None, text=path.read_text())
            self.assertEqual(made, path.read_text(), path.name)
            self.assertIn("nothing here", report)

    def test_servers(self):
        made, _ = move("fastcgi.conf", "--server", "10.0.0.1", "--server", "unix:/run/m.sock")
        self.assertIn("        server 10.0.0.1;\n        server unix:/run/m.sock;\n", made)

    def test_no_configuration(self):
        for text, line in (("http {\n", 1), ("a b\n", 2), ("a;\n}", 2), ("a 'b;\n", 1), ("{", 1)):
            done = subprocess.run([COMMAND, "-"], input=text, capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, text)
            self.assertRegex(done.stderr, rf"^-:{line}: .", text)
        done = subprocess.run([COMMAND, "/no/such/file"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertNotIn("Traceback", done.stderr)


class Words(unittest.TestCase):
    """As nginx splits them."""

    def test_words(self):
        text = r'''set $a "x;{}#" ; map ${x}y 'it''s'; a "b\"c" d\;e f#g; # "h
            if ($a ~ "^{2}") { b; } content_by_lua_block { x = { "}" and 1 } } c;'''.replace(
            '"}" and ', "")
        root = Conf(text.replace("'it''s'", "'it s'")).root
        self.assertEqual([[each.name, *each.args] for each in root.block], [
            ["set", "$a", "x;{}#"], ["map", "${x}y", "it s"], ["a", 'b"c', "d\\;e", "f#g"],
            ["if", "($a", "~", "^{2}", ")"], ["content_by_lua_block"], ["c"]])

    def test_refused(self):
        for text in ("a", "a {", "}", "a ; }", "{}", ";", '"a', "a { b }"):
            with self.assertRaises(Malformed, msg=text):
                Conf(text)

    def test_edits_keep_the_rest(self):
        text = "a 1;  # one\n    b 2; c 3;\nd 4;"
        conf = Conf(text)
        edits = Edits(text)
        a, b, _, d = conf.root.block
        edits.remove_line(a.start, a.end)
        edits.replace(b.start, b.end, "B;")
        edits.insert(d.end, " e;")
        self.assertEqual(edits.apply(), "# one\n    B; c 3;\nd 4; e;")

    def test_includes(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "conf.d").mkdir()
            (Path(folder) / "nginx.conf").write_text("http { include conf.d/*.conf; include none; }")
            (Path(folder) / "conf.d/a.conf").write_text("server { listen 1; }")
            root = read_with_includes(Path(folder) / "nginx.conf")
            self.assertEqual([each.name for each in root.all()], ["http", "server", "listen"])


if __name__ == "__main__":
    unittest.main()
