"""What the command mcache knows of the format, against src/: the key rule, the sections of an entry
and the client flags are the same in Python and in C++."""

import re
import runpy
import sys
import unittest
from contextlib import redirect_stdout
from io import StringIO

from stack.running import PROJECT

sys.path.insert(0, str(PROJECT / "scripts/lib"))

from tool import entry, keys, lost  # noqa: E402


def constants(name):
    """{constant: value} of a header; one may be made of another."""
    found = {}
    for constant, value in re.findall(r"constexpr std::\w+ (k\w+) = ([^;]+);",
                                      (PROJECT / "src" / name).read_text()):
        parts = [part.strip() for part in value.split("|")]
        if all(part in found or re.fullmatch(r"0x[0-9A-Fa-f]+|\d+", part) for part in parts):
            found[constant] = 0
            for part in parts:
                found[constant] |= found[part] if part in found else int(part, 0)
    return found


class Format(unittest.TestCase):
    def test_sections(self):
        there = constants("format/sections.h")
        self.assertEqual(len(there), 10)
        self.assertEqual(
            [entry.INDEX, entry.UNSHARED, entry.PURGE, entry.MANIFEST, entry.FURTHER_STAMPS],
            [there[f"k{name}Section"] for name in
             ("VaryIndex", "HitForMiss", "Purge", "Manifest", "FurtherStamps")])
        numbers = [number for name, number in there.items() if name != "kCriticalSection"]
        self.assertEqual(sorted(number & 0x7FFF for number in numbers), list(range(1, 10)))

    def test_flags(self):
        there = constants("format/item_flags.h")
        self.assertEqual((entry.ENTRY_FLAGS, entry.PART_FLAGS),
                         (there["kEntryFlags"], there["kPartFlags"]))

    def test_keys(self):
        """The vectors of the unit tests, which the rule in src/format/key.h makes."""
        vectors = PROJECT / "t/unit/format/key_vectors"
        made = StringIO()
        with redirect_stdout(made):
            rule = runpy.run_path(str(vectors.with_suffix(".py")))
        self.assertEqual(made.getvalue(), vectors.with_suffix(".inc").read_text())
        for full in rule["FULL_KEYS"]:
            self.assertEqual(keys.memcached_key(full), rule["rule"]["mcache_key"](full), full)
        self.assertEqual(keys.LONGEST, constants("memcached/protocol/legal_key.h")["kMaxKeySize"])

    def test_derived_keys(self):
        words = (PROJECT / "src/format/key.cpp").read_text()
        for word in (keys.VARIANT, keys.PART, keys.PURGE_LOG):
            mark, text = word[:3].decode(), word[3:].decode()
            self.assertIn(f'"{mark}"', words)
            self.assertIn(f'"{text}"', words)

    def test_purge_log(self):
        log = (PROJECT / "src/format/purge_log.h").read_text()
        self.assertIn("kLastEpoch = ~(~std::uint64_t{0} >> 32);", log)
        self.assertEqual(lost.LAST_EPOCH, ~((1 << 64) - 1 >> 32) & (1 << 64) - 1)
