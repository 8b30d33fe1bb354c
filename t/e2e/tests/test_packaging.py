"""The packaging in scripts/package.d agrees with the project: versions, the files that are
installed, the syntax of what cannot be built here. scripts/package --test is the test of the
package itself."""

import ast
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from stack.running import PROJECT, default_module

PACKAGING = PROJECT / "scripts/package.d"
TOOLS = ["scripts/mcache", "scripts/from-proxy-cache"]


def read(name):
    return (PACKAGING / name).read_text()


def imported(path, lib):
    """The files of scripts/lib that a script needs, directly or not."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        for name in names:
            file = lib / (name.replace(".", "/") + ".py")
            if file.exists() and file not in found:
                found |= {file} | imported(file, lib)
    return found


class Agreement(unittest.TestCase):
    def test_versions(self):
        version = re.search(r"project\(mcache VERSION ([\d.]+)",
                            (PROJECT / "CMakeLists.txt").read_text())[1]
        self.assertRegex(read("debian/changelog"), rf"^libnginx-mod-http-mcache \({version}-")
        self.assertRegex(read("nginx-mod-mcache.spec"), rf"(?m)^Version: +{version}$")
        self.assertIn(f"mcache {version}", read("debian/mcache.1"))
        self.assertIn(f"Changes with mcache {version}", (PROJECT / "CHANGES").read_text())

    def test_what_the_tools_import_is_installed(self):
        needed = set().union(*(imported(PROJECT / tool, PROJECT / "scripts/lib") for tool in TOOLS))
        self.assertGreater(len(needed), 8)
        lists = {
            "deb": [line.split()[0] for line in
                    read("debian/libnginx-mod-http-mcache.install").splitlines()],
            "rpm": re.findall(r"scripts/[\w./-]+", read("nginx-mod-mcache.spec")),
            "cmake": re.findall(r"scripts/[\w./-]+", (PROJECT / "CMakeLists.txt").read_text()),
        }
        for kind, names in lists.items():
            installed = [PROJECT / name for name in names]
            for path in installed:
                self.assertTrue(path.exists(), f"{kind}: {path}")
            for file in needed | {PROJECT / tool for tool in TOOLS}:
                self.assertTrue(any(file == path or path in file.parents for path in installed),
                                f"{kind} leaves out {file}")

    def test_the_manual_names_each_command(self):
        manual = read("debian/mcache.1")
        for command in re.findall(r'add\("(\w+)"', (PROJECT / "scripts/mcache").read_text()):
            self.assertRegex(manual, rf"(?m)^\.BI? \"?{command}\b", command)


class Syntax(unittest.TestCase):
    @unittest.skipUnless(shutil.which("rpmspec"), "there is no rpmspec")
    def test_the_spec(self):
        done = subprocess.run(["rpmspec", "-P", PACKAGING / "nginx-mod-mcache.spec"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_dockerfile(self):
        """Its instructions are Docker's, and the last stage copies what the first one makes."""
        lines = re.sub(r"(?m)^#.*\n", "", read("Dockerfile")).replace("\\\n", " ").splitlines()
        lines = [line.split(None, 1) for line in lines if line.strip()]
        known = {"FROM", "WORKDIR", "COPY", "RUN", "EXPOSE", "STOPSIGNAL", "CMD"}
        self.assertLessEqual({word for word, _ in lines}, known)
        self.assertEqual(lines[0][0], "FROM")
        stages = re.findall(r"AS (\w+)", read("Dockerfile"))
        self.assertLessEqual(set(re.findall(r"--from=(\w+)", read("Dockerfile"))), set(stages))
        for word, text in lines:
            if word == "RUN":
                done = subprocess.run(["sh", "-n", "-c", text], capture_output=True, timeout=60)
                self.assertEqual(done.returncode, 0, text)

    def test_shell(self):
        for script in ("scripts/package", "scripts/package.d/debian/rules"):
            self.assertTrue(os.access(PROJECT / script, os.X_OK))
        done = subprocess.run(["bash", "-n", PROJECT / "scripts/package"], timeout=60)
        self.assertEqual(done.returncode, 0)


class Install(unittest.TestCase):
    def test_cmake_install(self):
        build = Path(default_module()).resolve().parent
        if not (build / "cmake_install.cmake").exists():
            self.skipTest(f"{build} was not made by cmake")
        with tempfile.TemporaryDirectory(prefix="mcache-") as folder:
            done = subprocess.run(["cmake", "--install", build, "--prefix", "/usr"],
                                  env=os.environ | {"DESTDIR": folder}, capture_output=True,
                                  text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            module = Path(folder) / "usr/lib/nginx/modules/ngx_http_mcache_module.so"
            self.assertTrue(module.exists(), done.stdout)
            # Through the link, from where it was installed to.
            command = Path(folder) / "usr/bin/mcache"
            self.assertFalse(os.readlink(command).startswith("/"))
            done = subprocess.run([command, "key", "/a", "--server", "127.0.0.1", "--key", "$uri"],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, '"/a"' in done.stdout), (0, True), done.stderr)


if __name__ == "__main__":
    unittest.main()
