"""Every configuration that the documentation shows, tried by a stranger: a client from an address
that none of them names, without a session. It purges nothing and gets nobody's page."""

import json
import re
import unittest
from http.client import HTTPConnection

from stack.documents import PAGES, blocks, name_of
from stack.nginx import EXAMPLES
from stack.running import PROJECT
from stack.shown import Shown
from stack.snippets import level, whole
from stack.waiting import wait_for

DESCRIBED = json.loads((PROJECT / "src/module/directives.json").read_text())
REFERENCE = PROJECT / "conf-examples/directives.md"
POOL_LINES = [each["name"] for each in DESCRIBED["pool"]]
BACKEND = "127.0.0.1:8000"

# What might make a purge of a request, whatever the configuration names.
PURGES = {name: "1" for name in ("X-Purge", "Purge", "X-Purge-Method", "X-Cache-Purge")}
PURGES |= {name: "tag" for name in ("Cache-Tag", "X-Cache-Tags", "Surrogate-Key", "xkey", "xkey-purge",
                                    "X-Xkey-Purge", "X-Magento-Tags-Pattern")}
PURGES |= {"Purge-Key": "/page", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}
METHODS = ["PURGE", "purge", "BAN", "PURGEKEYS", "REFRESH", "DELETE", "OPTIONS", "QUERY", "HEAD", "GET"]


def shown_configurations():
    """(where it stands, text) of each that stores pages."""
    for path in sorted(EXAMPLES.glob("**/*.conf")):
        yield str(path.relative_to(PROJECT)), path.read_text()
    for page in PAGES:
        if page == REFERENCE:
            continue
        for line, text in blocks(page.read_text()):
            # A configuration of other modules, and what is no place for a page.
            if "srcache_fetch" in text or not re.search(r"^\s*mcache \w", text, re.M):
                continue
            yield f"{name_of(page)}:{line}", whole(text, level(text, POOL_LINES))


def with_our_backend(text):
    """Whatever makes the pages, and wherever: an HTTP backend, and one memcached."""
    text = re.sub(r"(?:fastcgi|uwsgi)_pass [^;]+;", f"proxy_pass http://{BACKEND};", text)
    text = re.sub(r"(?:fastcgi|uwsgi)_hide_header", "proxy_hide_header", text)
    text = re.sub(r"include [^;]*(?:fastcgi|uwsgi)\w*[^;]*;", "", text)
    text = re.sub(r"try_files \$uri =404;", "", text)
    text = text.replace("/var/cache/nginx/pages", "cache")
    backends = set(re.findall(r"proxy_pass https?://(\d[\d.]*:\d+)", text))
    for upstream in re.findall(r"upstream \w+ \{(.*?)\}", text, re.S):
        backends |= set(re.findall(r"server ([\d.]+:\d+)", upstream))
    for address in backends:
        text = re.sub(rf"\b{re.escape(address)}\b", BACKEND, text)
    return re.sub(r"server [\w.]+:11211[^;]*;", "server 127.0.0.1:11211;", text)


def page(path, headers):
    """Says nothing of whom it is for, as applications do that were written without a cache."""
    fields = {"Content-Type": "text/html", "Cache-Control": "max-age=60", "Cache-Tag": "tag",
              "xkey": "tag"}
    return 200, fields, f"{path} of {headers['Cookie'] or 'nobody'}".encode()


class Strangers(unittest.TestCase):
    def run_configuration(self, text):
        shown = Shown(with_our_backend(text), {BACKEND: page})
        shown.__enter__()
        self.addCleanup(shown.__exit__)
        return shown

    def stranger(self, shown, method, path, host, headers):
        connection = HTTPConnection("127.0.0.1", shown.nginx.port, timeout=30,
                                    source_address=("127.0.0.2", 0))
        try:
            connection.request(method, path, headers=headers | {"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def is_stored(self, shown, path, host):
        """Whether it is a page that others are not asked for again."""
        for _ in range(20):
            before = shown.backend.asked.total()
            if shown.get(path, host).status != 200:
                return False
            if shown.backend.asked.total() == before:
                return True
        return False

    def try_to_purge(self, shown, host, text):
        if not self.is_stored(shown, "/page", host):
            return False
        named = {name.replace("_", "-"): "1" for name in re.findall(r"\$http_(\w+)", text)
                 if name not in ("host", "cookie", "upgrade")}
        arguments = "&".join(f"{name}=1" for name in re.findall(r"\$arg_(\w+)", text))
        for method in METHODS:
            for path in ("/page", "/*", "/page?" + arguments):
                for headers in ({}, PURGES, named):
                    self.stranger(shown, method, path, host, headers)
        before = shown.backend.asked["/page"]
        self.assertEqual(shown.get("/page", host).status, 200)
        self.assertEqual(shown.backend.asked["/page"], before, "the page is gone")
        status, _ = self.stranger(shown, "PURGE", "/page", host, {})
        self.assertNotIn(status, (200, 204, 404))
        return True

    def try_to_see_a_session(self, shown, host, text):
        names = set(re.findall(r"\$cookie_(\w+)", text))
        if re.search(r"wordpress_", text):
            names.add("wordpress_logged_in_x")
        for name in names:
            path = f"/session-{name}"
            for _ in range(3):
                answer = shown.get(path, host, Cookie=f"{name}=alice")
                self.assertIn(f"{name}=alice", answer.text)
            for headers in ({}, {"Cookie": f"{name}=eve"}):
                status, body = self.stranger(shown, "GET", path, host, headers)
                self.assertEqual(status, 200)
                self.assertNotIn(b"alice", body)
            self.assertIn(f"{name}=alice", shown.get(path, host, Cookie=f"{name}=alice").text)
        return bool(names)

    def try_to_see_the_status(self, shown, host, text):
        places = re.findall(r"location (?:= )?(\S+) \{[^}]*?(?<!\$)\bmcache_status\b", text)
        for place in places:
            self.assertEqual(self.stranger(shown, "GET", place, host, {})[0], 403, place)
        return bool(places)

    def try_all(self, shown, host, text):
        """What there was to be tried."""
        tried = {name for name, attempt in (("purge", self.try_to_purge),
                                            ("session", self.try_to_see_a_session),
                                            ("status", self.try_to_see_the_status))
                 if attempt(shown, host, text)}
        self.assertEqual(shown.nginx.alarms(), [])
        return tried

    def test_configurations(self):
        tried = {"purge": 0, "session": 0, "status": 0}
        for where, text in shown_configurations():
            with self.subTest(where):
                text = re.sub(r"(^|\s)#.*", r"\1", text)
                named = re.search(r"server_name ([\w.]+)", text) or re.search(r"^ *([\w.]+\.test) ",
                                                                              text, re.M)
                host = named[1] if named else "localhost"
                for what in self.try_all(self.run_configuration(text), host, text):
                    tried[what] += 1
        self.assertGreater(tried["purge"], 15)
        self.assertGreater(tried["session"], 5)
        self.assertGreater(tried["status"], 0)

    def test_reference(self):
        """Each example of the reference that a location can hold, each in a server of its own."""
        examples = {each["name"]: each["example"] for each in DESCRIBED["directives"]
                    if each["contexts"][-1] == "location" and each["name"] != "mcache"}
        servers = ""
        for name, example in examples.items():
            prefix = "" if name == "mcache_key_prefix" else f'mcache_key_prefix "{name}-";\n'
            servers += (f"server {{\nlisten 8080;\nserver_name {name};\nlocation / {{\nmcache pages;\n"
                        f"{prefix}{example}\nproxy_pass http://{BACKEND};\n}}\n}}\n")
        shown = self.run_configuration(
            "load_module modules/ngx_http_mcache_module.so;\nevents {}\nhttp {\n"
            "mcache_pool pages { server 127.0.0.1:11211; }\n" + servers + "}\n")
        for name, example in examples.items():
            with self.subTest(name):
                if name == "mcache_status":
                    self.assertEqual(self.stranger(shown, "GET", "/", name, {})[0], 403)
                else:
                    self.try_to_purge(shown, name, example)
                    self.try_to_see_a_session(shown, name, example)
        for path in ("/admin", "/admin?x=1", "/accounts/me", "/a.php", "/A.PHP?x=1", "/a.php/x?y"):
            with self.subTest(path):
                self.assertFalse(self.is_stored(shown, path, "mcache_ignore"))
        self.assertEqual(shown.nginx.alarms(), [])


if __name__ == "__main__":
    unittest.main()
