"""mcache_status: what Prometheus's own tool says of the metrics, that dashboard and alerts use
metrics that there are, and the page in a real browser. MCACHE_SCREENSHOTS: a folder for pictures
of it."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from stack.backends import Gunicorn
from stack.chromium import Chromium
from stack.nginx import EXAMPLES
from stack.running import PROJECT
from stack.waiting import wait_for
from tests.support import StackCase

PAGE = "/mcache"


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *arguments], input=text, text=True, capture_output=True)
    return done.returncode, done.stdout + done.stderr


def metrics_in(expression):
    return set(re.findall(r"\bmcache_\w+", expression))


class Status(StackCase):
    options = {"example": "status.conf", "backend": Gunicorn}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stack.get("/about/")
        cls.text = cls.stack.get(f"{PAGE}/metrics").text
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(folder.cleanup)
        cls.browser = Chromium(folder.name)
        cls.addClassCleanup(cls.browser.stop)
        cls.url = f"http://127.0.0.1:{cls.stack.nginx.port}{PAGE}"

    def open(self):
        self.browser.complaints.clear()
        self.browser.run_scripts(True)
        self.browser.prefer("light")
        self.browser.size(1280, 900)
        self.browser.open(self.url)
        self.browser.wait("document.querySelectorAll('.tile').length === 4")

    def tearDown(self):
        self.assertEqual(self.browser.complaints, [])

    # ---- metrics

    def names(self):
        """Of the samples; a histogram has three."""
        found = set()
        for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", self.text, re.M):
            found |= {name + end for end in ("_bucket", "_sum", "_count")} \
                if kind == "histogram" else {name}
        return found

    def test_promtool_has_nothing_to_say(self):
        self.assertEqual(promtool("check", "metrics", text=self.text), (0, ""))

    def test_rules(self):
        code, said = promtool("check", "rules", EXAMPLES / "prometheus-rules.yml")
        self.assertEqual(code, 0, said)
        rules = (EXAMPLES / "prometheus-rules.yml").read_text()
        words = r"(?s)annotations:.*?(?=\n\n|\Z)|#[^\n]*"  # which name directives
        used = metrics_in(re.sub(words, "", rules))
        self.assertGreater(len(used), 5)
        self.assertLessEqual(used, self.names())

    def test_dashboard(self):
        dashboard = json.loads((EXAMPLES / "grafana-dashboard.json").read_text())
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        used = metrics_in(json.dumps(dashboard["templating"]))
        for panel in dashboard["panels"]:
            used |= metrics_in(" ".join(target["expr"] for target in panel["targets"]))
        self.assertLessEqual(used, self.names())
        # And shows what there is, but for what only details need.
        self.assertGreater(len(used), 15)
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                self.assertEqual(target["expr"].count("("), target["expr"].count(")"))
                self.assertEqual(target["expr"].count("{"), target["expr"].count("}"))

    def test_each_metric_is_documented(self):
        text = (EXAMPLES / "operations.md").read_text()
        for name in re.findall(r"^# TYPE mcache_(\w+)", self.text, re.M):
            if name in ("info", "start_time_seconds"):
                continue
            self.assertRegex(text, re.sub("^memcached_|_total$", "", name))

    def test_the_page_explains_each_reason(self):
        script = (PROJECT / "src/status/page.js").read_text()
        for reason in re.findall(r'reason="([\w-]+)"', self.text):
            if reason != "purge":
                self.assertIn(f'"{reason}":', script)

    # ---- the page

    def picture(self, name):
        if folder := os.environ.get("MCACHE_SCREENSHOTS"):
            self.browser.screenshot(os.path.join(folder, name))

    def fits(self):
        return self.browser.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_it_is_live(self):
        text = "document.getElementById('main').innerText"
        self.open()
        before = self.browser.evaluate("document.querySelector('.tile:nth-child(2) .sub').innerText")
        wait_for(lambda: self.stack.get("/about/").cache == "HIT", "a hit")
        self.browser.wait("document.querySelector('.tile:nth-child(2) .sub').innerText !== "
                          + json.dumps(before))
        self.browser.wait(f"{text}.includes('/about/')")
        self.assertIn("memcached in use", self.browser.evaluate(text))
        self.assertTrue(self.fits())
        self.picture("light.png")

    def test_dark(self):
        self.open()
        ground = "getComputedStyle(document.body).backgroundColor"
        light = self.browser.evaluate(ground)
        self.browser.prefer("dark")
        self.browser.wait(f"{ground} !== {json.dumps(light)}")
        self.picture("dark.png")

    def test_phone(self):
        self.open()
        self.browser.size(390, 844, 2)
        self.browser.wait("innerWidth === 390")
        self.assertTrue(self.fits())
        self.picture("phone.png")

    def test_keyboard(self):
        self.open()
        self.stack.get("/about/")
        self.browser.wait("document.querySelector('.chart .area') !== null")
        self.browser.evaluate("document.querySelector('.chart svg').focus()")
        self.browser.press("ArrowLeft")
        self.browser.wait("!document.querySelector('.tip').hidden")
        self.browser.press("Escape")
        self.browser.wait("document.querySelector('.tip').hidden")
        self.browser.evaluate("document.querySelector('.legend button').focus()")
        self.assertTrue(self.browser.evaluate("document.activeElement.matches('button')"))

    def test_memcached_goes_down(self):
        self.open()
        self.stack.memcached.stop()
        try:
            self.stack.get("/about/")
            self.browser.wait("document.querySelector('[role=status]').innerText.includes('down')")
        finally:
            self.stack.memcached.start()

    def test_without_scripts(self):
        self.open()
        self.stack.get("/about/")
        self.browser.run_scripts(False)
        self.browser.open(self.url)
        self.assertTrue(self.fits())
        self.browser.run_scripts(True)
        text = self.browser.evaluate("document.body.innerText")
        self.assertIn("requests: miss", text)
        self.assertIn("/about/", text)


if __name__ == "__main__":
    unittest.main()
