"""The README's "When it does not work": what it says of `nginx -t` is what nginx says, each message by
the mistake that makes it."""

import re
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from stack.documents import section
from stack.nginx import nginx
from stack.running import default_module

LOAD = "load_module {folder}/ngx_http_mcache_module.so;\n"
REST = "events {{}}\nhttp {{\n    access_log off;\n    mcache_pool pages {{ server 127.0.0.1; }}\n}}\n"
IN_SERVER = "events {{}}\nhttp {{ server {{ mcache_pool pages {{ server 127.0.0.1; }} }} }}\n"


def explained():
    """(pattern, what to do) of each message in the README."""
    table = section("README.md", "When it does not work").split("\n\n")[1]
    for message, advice in re.findall(r"^\| (`.*`) \| (.*) \|$", table, re.M):
        yield re.escape(message.strip("`")).replace(r"\.\.\.", ".*"), advice


def of_another_nginx(module):
    said = subprocess.run([nginx(), "-v"], capture_output=True, text=True).stderr
    numbers = [int(number) for number in re.search(r"(\d+)\.(\d+)\.(\d+)", said).groups()]
    version = numbers[0] * 1000000 + numbers[1] * 1000 + numbers[2]
    return module.replace(struct.pack("<Q", version), struct.pack("<Q", version + 1000))


def of_other_flags(module):
    return module.replace(b"8,4,8,", b"8,4,4,")


def of_another_machine(module):
    return module.replace(b"libmemcached.so.11\0", b"libmemcached.so.99\0")


MISTAKES = {
    "no module at the path": (None, LOAD + REST),
    "a library is missing": (of_another_machine, LOAD + REST),
    "another nginx version": (of_another_nginx, LOAD + REST),
    "an nginx with other flags": (of_other_flags, LOAD + REST),
    "loaded twice": (bytes, LOAD + LOAD + REST),
    "load_module at the end": (bytes, "events {{}}\nhttp {{ }}\n" + LOAD),
    "no load_module": (bytes, REST),
    "the pool in a server": (bytes, LOAD + IN_SERVER),
}


class Mistakes(unittest.TestCase):
    def say(self, change, text):
        with tempfile.TemporaryDirectory(prefix="mcache-") as folder:
            if change is not None:
                module = Path(default_module()).read_bytes()
                (Path(folder) / "ngx_http_mcache_module.so").write_bytes(change(module))
            conf = Path(folder) / "nginx.conf"
            conf.write_text(text.format(folder=folder))
            done = subprocess.run([nginx(), "-t", "-p", folder, "-c", conf, "-e", "stderr", "-g",
                                   f"pid {folder}/nginx.pid;"],
                                  capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0, done.stderr)
            return done.stderr

    def test_each_message_is_explained_and_each_explanation_needed(self):
        messages = dict(explained())
        met = set()
        for what, (change, text) in MISTAKES.items():
            said = self.say(change, text)
            found = [message for message in messages if re.search(message, said)]
            self.assertEqual(len(found), 1, f"{what}: {said}")
            met.update(found)
        self.assertEqual(set(messages) - met, set())


if __name__ == "__main__":
    unittest.main()
