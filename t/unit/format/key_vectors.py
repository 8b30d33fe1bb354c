#!/usr/bin/env python3
"""Writes key_vectors.inc: full keys, and what the Python in src/format/key.h makes of them.

    ./key_vectors.py > key_vectors.inc

The function is taken out of that header's comment and run, so that what is documented is what the
vectors say.
"""
import pathlib

header = pathlib.Path(__file__).resolve().parents[3] / "src/format/key.h"
indent = "//     "
code = [line.removeprefix(indent).removeprefix("//") for line in header.read_text().splitlines()
        if line.startswith(indent) or line == "//"]
rule = {}
exec("\n".join(code), rule)

FULL_KEYS = [
    b"/page", b"http://example.com/p?a=b", b"a b", b"a%20b", b"a %20b", b"%", b" %", b"\x7f",
    b"\0\r\n\t", "/café olé".encode(), b"sha256-", b"k" * 250, b"k" * 251, b"%" * 250, b"%" * 251,
    b" " * 83, b" " * 83 + b"k", b" " * 84, b" " + b"k" * 247, b" " + b"k" * 248,
    b" " + b"%" * 82 + b"k", b" " + b"%" * 83, b"/" + b"%20" * 82, b" /" + b"%20" * 60,
    bytes(range(256)), bytes(range(0x80)), bytes(range(0x20)), bytes(range(0x80, 0x100)),
    b"x" * 8000, b"/?a=1%00lock", b"%00x", b"/%00", b"/%00a1", b"/%00A", b"/%00a\n", b"k" * 243 + b"%00lock",
    b"sha256-" + b"0" * 64, b"sha256-" + b"f" * 65, b"sha256-" + b"F" * 64, b"xsha256-" + b"a" * 64,
]


def literal(text):
    if len(text) > 300 and len(set(text)) == 1:
        return f"std::string({len(text)}, '{chr(text[0])}')"
    plain = [chr(b) if 0x20 <= b < 0x7F and b not in b'"\\?' else f"\\{b:03o}" for b in text]
    lines = ["".join(plain[i:i + 20]) for i in range(0, len(plain), 20)]
    return "std::string(" + "\n     ".join(f'"{line}"' for line in lines) + f", {len(text)})"


print("// Written by key_vectors.py.")
for full in FULL_KEYS:
    print(f"    {{{literal(full)},\n     {literal(rule['mcache_key'](full))}}},")
