"""src/module/directives.json, which nginx's table, the reference and vim's syntax file are made of,
against the code: names of the pool's lines and defaults are those of the code, each example passes
`nginx -t`, and what is made of it is up to date."""

import json
import re
import shutil
import subprocess
import unittest

from stack.running import PROJECT
from stack.snippets import check, whole

DESCRIBED = json.loads((PROJECT / "src/module/directives.json").read_text())
DIRECTIVES = {each["name"]: each for each in DESCRIBED["directives"]}
POOL = {each["name"]: each for each in DESCRIBED["pool"]}

UNITS = {"ms": 1, "s": 1000, "m": 60 * 1000, "h": 3600 * 1000, "d": 86400 * 1000}
SIZES = {"": 1, "k": 1024, "m": 1024 * 1024, "g": 1024 ** 3}


def source(name):
    return (PROJECT / "src" / name).read_text()


def module_sources():
    return "\n".join(path.read_text() for path in sorted((PROJECT / "src/module").glob("*.cpp")))


class Code:
    """What src/ says, read with regular expressions."""

    def __init__(self):
        self.text = module_sources()

    def others(self):
        """Directives that are in no table that is made: they only say what to write instead."""
        return dict(re.findall(r'\{ngx::str\("(\w+)"\),[^,]*,\s*([\w:<>&]+)', self.text))

    def is_flag(self, name):
        return DIRECTIVES[name]["command"]["arguments"] == "FLAG"

    def default(self, name):
        """The expression that merging gives a directive which is nowhere; None: it stays unset."""
        field = DIRECTIVES[name]["command"].get("field")
        if not field:
            return None
        merged = re.search(
            rf"ngx_conf_merge_(\w+)\(\s*conf\.{field},\s*above\.{field},\s*(.*?)\);",
            self.text, re.S)
        return merged and merged[2]

    def constant(self, expression):
        named = re.search(rf"\b{re.escape(expression)} = ([^;]*);", self.text)
        return named[1] if named else expression


def milliseconds(text):
    number, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()
    return int(number) * UNITS[unit or "s"]


def size(text):
    number, unit = re.fullmatch(r"(\d+)(\w?)", text).groups()
    return int(number) * SIZES[unit]


def product(text):
    """The value of a constant like 1024 * 1024 or std::size_t{1} << 30."""
    if not re.fullmatch(r"[\d *]+", text):
        raise ValueError(text)
    return eval(text)  # digits, blanks and asterisks only


class Names(unittest.TestCase):
    code = Code()

    def test_directives(self):
        self.assertIn('#include "module/commands.inc"', self.code.text)
        for name, setter in self.code.others().items():
            self.assertNotIn(name, DIRECTIVES)
            self.assertIn("<refuse_", setter, name)

    def test_lines_of_the_pool(self):
        lines = set(re.findall(r'\bLine\{"(\w+)"', self.code.text)) | {"server"}
        self.assertEqual(set(POOL), lines)

    def test_what_the_pool_says_that_it_takes(self):
        ok, said = check(whole("no_such_line 1;", "pool"))
        self.assertFalse(ok)
        for name in POOL:
            self.assertRegex(said, rf"takes.*\b{name}\b", name)

    def test_parameters_of_server(self):
        parameters = set(re.findall(r'take_prefix\(value, "(\w+)="\)', self.code.text))
        self.assertEqual(set(re.findall(r"\[(\w+)=", POOL["server"]["syntax"])), parameters)

    def test_variables(self):
        variables = set(re.findall(r'Variable\{"(\w+)"', source("module/variables.cpp")))
        described = {each["name"].removeprefix("$") for each in DESCRIBED["variables"]}
        self.assertEqual(described, variables)

    def test_each_is_whole(self):
        for each in DESCRIBED["directives"] + DESCRIBED["pool"]:
            self.assertRegex(each["syntax"], rf"^{each['name']} ", each["name"])
            self.assertRegex(each["example"], rf"(^|\n){each['name']} ", each["name"])
            self.assertTrue(each["text"].endswith("."), each["name"])


class Examples(unittest.TestCase):
    FILES = {
        "/etc/nginx/memcached.auth": "nginx:secret\n",
    }

    @classmethod
    def setUpClass(cls):
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-subj", "/CN=tried", "-keyout", "-", "-out", "-"],
            capture_output=True, text=True, check=True).stdout
        for name in ("/etc/nginx/client.pem", "/etc/nginx/client.key",
                     "/etc/ssl/certs/memcached-ca.pem"):
            cls.FILES[name] = made

    def assert_passes(self, text, name, where):
        ok, said = check(text, self.FILES)
        self.assertTrue(ok, f"{name} in {where}: {said}\n{text}")

    def test_directives(self):
        for name, each in DIRECTIVES.items():
            where = each["contexts"][-1]
            self.assert_passes(whole(each["example"], where), name, where)

    def test_each_context(self):
        """Not only in a location; and nowhere else."""
        for where in ("http", "server", "location"):
            simple = {name: each["example"] for name, each in DIRECTIVES.items()
                      if where in each["contexts"] and not re.search(r"^if ", each["example"], re.M)}
            # All at once where that will do, since each start of nginx takes its time.
            alone = {"mcache_format", "mcache_pool"}
            used = set()
            lines = []
            for name, text in simple.items():
                names = set(re.findall(r"^(\w+)", text, re.M))
                if name not in alone and not names & used:
                    used |= names
                    lines.append(text)
            self.assert_passes(whole("\n".join(lines), where), "all", where)
            for name, each in DIRECTIVES.items():
                if where not in each["contexts"]:
                    ok, said = check(whole(each["example"], where))
                    self.assertFalse(ok, f"{name} in {where}")
                    self.assertIn("is not allowed here", said)

    def test_lines_of_the_pool(self):
        for name, each in POOL.items():
            self.assert_passes(whole(each["example"], "pool"), name, "mcache_pool")


class Defaults(unittest.TestCase):
    code = Code()

    def test_directives(self):
        for name, each in DIRECTIVES.items():
            with self.subTest(name):
                self.assert_default(each, self.code.default(name))

    def assert_default(self, each, expression):
        stated, name = each["default"], each["name"]
        if self.code.is_flag(name):
            # Left unset by the code: the text has to say what holds then.
            expected = {"0": "off", "1": "on", None: None}[expression]
        elif expression is None or expression == "NGX_MAX_OFF_T_VALUE":
            expected = {"mcache": "off", "mcache_targeted_cache_control": "CDN-Cache-Control",
                        "mcache_key": self.code.constant("kDefaultKey").strip('"')}.get(name)
        elif "kDefaultMethods" in expression:
            expected = " ".join(re.findall(r"NGX_HTTP_(\w+)", self.code.constant(expression)))
        elif "Format::" in expression:
            expected = re.search(r"Format::(\w+)", expression)[1].lower()
        elif expression == "request::kUseStaleOff" or (expression == "0" and "off" in each["syntax"]):
            expected = "off"
        elif expression == "0":
            expected = None
        else:
            value = product(self.code.constant(expression))
            if "time" in each["syntax"]:
                unit = 1 if f"ngx_conf_merge_msec_value(conf.{name[7:]}" in self.code.text else 1000
                self.assertEqual(milliseconds(stated), value * unit)
            else:
                self.assertEqual(size(stated), value)
            return
        self.assertEqual(stated, expected)

    def test_max_of_heuristic(self):
        stated = re.search(r"`max=(\w+)`", DIRECTIVES["mcache_heuristic"]["text"])[1]
        self.assertEqual(milliseconds(stated),
                         product(self.code.constant("kDefaultHeuristicCap")) * 1000)

    def test_targeted(self):
        self.assertIn('"CDN-Cache-Control"', "".join(
            path.read_text() for path in (PROJECT / "src").rglob("*.cpp")))

    def test_lines_of_the_pool(self):
        members = {}
        for name, struct in (("memcached/client/client.h", "PoolOptions"), ("memcached/client/tls.h", "TlsOptions")):
            body = re.search(rf"struct {struct} \{{(.*?)\n\}};", source(name), re.S)[1]
            for member, value in re.findall(r"^    [^\n(]*?(\w+)(?: = ([^;]*))?;", body, re.M):
                members["tls_" * (struct == "TlsOptions") + member] = value
        members["tls"] = members.pop("tls_on")
        members["auth_file"] = members.pop("auth", "")
        for name, each in POOL.items():
            if name == "server":
                continue
            with self.subTest(name):
                self.assertIn(name, members)
                self.assert_line_default(each, members[name])

    def assert_line_default(self, each, value):
        stated = each["default"]
        if value in ("", None):
            self.assertIsNone(stated)
        elif value in ("true", "false"):
            self.assertEqual(stated, {"true": "on", "false": "off"}[value])
        elif "::" in value:
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value.split("::")[-1])
            self.assertEqual(stated, words.lower())
        elif "time" in each["syntax"]:
            self.assertEqual(milliseconds(stated), product(value))
        else:
            self.assertEqual(size(stated), product(value))

    def test_parameters_of_server(self):
        options = re.search(r"struct ServerOptions \{(.*?)\n\};", source("memcached/client/server.h"), re.S)[1]
        for parameter in POOL["server"]["default"].split():
            name, stated = parameter.split("=")
            value = product(re.search(rf"\b{name} = (\w+);", options)[1])
            self.assertEqual(milliseconds(stated) if "time" in name else int(stated), value, name)


class Made(unittest.TestCase):
    def test_up_to_date(self):
        done = subprocess.run([PROJECT / "scripts/reference", "--check"], capture_output=True,
                              text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("vim"), "there is no vim")
    def test_vim(self):
        """What stands where, as vim itself sees it."""
        text = ["http {", "    mcache_pool pages {", "        timeout 200ms;", "    }",
                "    server {", "        mcache_lock on;", "        timeout 1s;",
                '        log_format a "$mcache_reason";', "    }", "}"]
        wanted = {(2, 5): "ngxMcachePoolName", (3, 9): "ngxMcachePoolLine",
                  (5, 5): "ngxDirectiveBlock", (6, 9): "ngxDirectiveThirdParty",
                  (8, 24): "ngxMcacheVariable"}
        ask = "for p in " + json.dumps([list(p) for p in wanted]) + \
            ' | call add(g:seen, synIDattr(synID(p[0], p[1], 1), "name")) | endfor'
        done = subprocess.run(
            ["vim", "-u", "NONE", "-i", "NONE", "-n", "-es",
             "--cmd", f"set rtp+={PROJECT}/conf-examples/vim/after", "-c", "set nocp",
             "-c", "let g:seen = []", "-c", "syntax on",
             "-c", f"call setline(1, {json.dumps(text)})", "-c", "set ft=nginx", "-c", ask,
             "-c", 'call writefile(g:seen, "/dev/stdout")', "-c", "qa!"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        seen = dict(zip(wanted, done.stdout.split()))
        if "ngxDirectiveBlock" not in seen.values():
            self.skipTest("this vim has no syntax/nginx.vim")
        self.assertEqual(seen, wanted)


if __name__ == "__main__":
    unittest.main()
