"""What README.md and conf-examples/*.md show: each nginx configuration passes `nginx -t`, each link
leads somewhere, and defaults and reasons are those of the code."""

import json
import re
import unittest

from stack.documents import PAGES, anchors, blocks, name_of, section
from stack.running import PROJECT
from stack.snippets import check, level, whole

DESCRIBED = json.loads((PROJECT / "src/module/directives.json").read_text())
POOL_LINES = [each["name"] for each in DESCRIBED["pool"]]
# Its examples are those of directives.json: test_reference.py.
REFERENCE = PROJECT / "conf-examples/directives.md"


class Configurations(unittest.TestCase):
    def test_each_passes(self):
        shown = 0
        for page in PAGES:
            if page == REFERENCE:
                continue
            for line, text in blocks(page.read_text()):
                shown += 1
                if "srcache_fetch" in text:  # of other modules; test_moving.py has what becomes of it
                    continue
                with self.subTest(f"{name_of(page)}:{line}"):
                    text = text.replace("/var/cache/nginx/pages", "cache")  # nginx makes it
                    where = level(text, POOL_LINES)
                    ok, said = check(whole(text, where))
                    self.assertTrue(ok, f"as {where}: {said}")
        self.assertGreater(shown, 4)


class Links(unittest.TestCase):
    def test_each_leads_somewhere(self):
        known = {page: anchors(page) for page in PAGES}
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
                if re.match(r"\w+:", target):
                    continue
                path, _, anchor = target.partition("#")
                file = (page.parent / path).resolve() if path else page
                with self.subTest(f"{name_of(page)}: {target}"):
                    self.assertTrue(file.exists())
                    if anchor:
                        self.assertIn(anchor, known[file])

    def test_the_first_screen_leads_to_each_page(self):
        first = (PROJECT / "README.md").read_text()
        for page in PAGES[1:]:
            if page.parent.name == "conf-examples":
                self.assertIn(f"]({name_of(page)}", first)


class Facts(unittest.TestCase):
    def test_defaults_in_passing(self):
        """Such as: after `max_fails` failures (1) within `fail_timeout` (10s)."""
        known = {each["name"]: each["default"] for each in
                 DESCRIBED["directives"] + DESCRIBED["pool"]}
        server = next(each for each in DESCRIBED["pool"] if each["name"] == "server")
        known.update(word.split("=") for word in server["default"].split())
        seen = 0
        for page in PAGES:
            for name, value in re.findall(r"`(\w+)`(?: \w+)? \((\d+\w*)\)", page.read_text()):
                if name in known:
                    seen += 1
                    self.assertEqual(value, known[name], f"`{name}` in {name_of(page)}")
        self.assertGreater(seen, 2)

    def test_reasons(self):
        """Every word that $mcache_reason can be stands in the table, and no other."""
        made = set(re.findall(r'return "([\w-]+)";',
                              (PROJECT / "src/http/reason.cpp").read_text()))
        table = section("conf-examples/operations.md", "Troubleshooting by `$mcache_reason`")
        rows = re.findall(r"^\| ((?:`[\w-]+` ?)+)\|", table, re.M)
        self.assertEqual(set(re.findall(r"`([\w-]+)`", " ".join(rows))), made)

    def test_directives_are_spelt_right(self):
        known = {each["name"] for each in DESCRIBED["directives"]}
        known |= {each["name"].removeprefix("$") for each in DESCRIBED["variables"]}
        refused = set(re.findall(r'ngx::str\("(\w+)"\), kAnywhere \| NGX_CONF_ANY',
                                 (PROJECT / "src/module/directives.cpp").read_text()))
        for page in PAGES:
            text = re.sub(r"^    mcache.*$", "", page.read_text(), flags=re.M)
            named = set(re.findall(r"(?<![\w/-])(mcache_[a-z_]+[a-z])\b(?!\.)", text))
            self.assertLessEqual(named, known | refused, name_of(page))


if __name__ == "__main__":
    unittest.main()
