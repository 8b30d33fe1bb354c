"""Pages that vary: RFC 9111, section 4.1."""

from case import OPTIONAL, REQUIRED, Case, fill, then

FRESH = "Cache-Control: max-age=3600"
CASES = []


def selected(id, level, about, vary, first, second, source):
    lines = [vary] if isinstance(vary, str) else vary
    headers = [FRESH, *(f"Vary: {line}" for line in lines)]
    steps = [fill(*headers, request=first), then(source, *second)]
    CASES.append(Case(f"vary-{id}", "9111 4.1", level, about, steps))


ONE, TWO = ("X-Kind: one",), ("X-Kind: two",)
selected("match", OPTIONAL, "the same value", "X-Kind", ONE, ONE, "cache")
selected("differs", REQUIRED, "another value", "X-Kind", ONE, TWO, "origin")
selected("absent", REQUIRED, "without the field", "X-Kind", ONE, (), "origin")
selected("appears", REQUIRED, "only now with it", "X-Kind", (), ONE, "origin")
selected("both-absent", OPTIONAL, "without it both times", "X-Kind", (), (), "cache")
selected("empty", REQUIRED, "present, but empty", "X-Kind", ONE, ("X-Kind:",), "origin")
selected("name-case", REQUIRED, "names have no case", "x-kInd", ONE, TWO, "origin")
selected("name-case-match", OPTIONAL, "and match so", "x-kInd", ONE, ("X-KIND: one",), "cache")
selected("value-case", REQUIRED, "values have", "X-Kind", ONE, ("X-Kind: ONE",), "origin")
selected("other-field", OPTIONAL, "fields not named do not count", "X-Kind", ONE,
         (*ONE, "X-Other: 1"), "cache")  # fmt: skip
selected("second", REQUIRED, "the second of two fields", "X-A, X-Kind", ONE, TWO, "origin")
selected("second-match", OPTIONAL, "two fields that match", "X-A, X-Kind", ONE, ONE, "cache")
selected("third", REQUIRED, "the third of three", "X-A, X-B, X-Kind", ONE, TWO, "origin")
selected("lines", REQUIRED, "on a second line", ["X-A", "X-Kind"], ONE, TWO, "origin")
selected("empty-members", REQUIRED, "behind empty members", ", ,X-Kind,", ONE, TWO, "origin")
selected("star", REQUIRED, "a star never matches", "*", ONE, ONE, "origin")
selected("star-list", REQUIRED, "in a list", "X-Kind, *", ONE, ONE, "origin")
selected("star-first", REQUIRED, "at the head of a list", "*, X-Kind", ONE, ONE, "origin")
selected("star-line", REQUIRED, "on a second line", ["X-Kind", "*"], ONE, ONE, "origin")
selected("cookie", REQUIRED, "by Cookie", "Cookie", ("Cookie: a=1",), ("Cookie: a=2",), "origin")
selected("user-agent", REQUIRED, "by User-Agent", "User-Agent", ("User-Agent: a",),
         ("User-Agent: b",), "origin")  # fmt: skip
selected("encoding", REQUIRED, "by Accept-Encoding", "Accept-Encoding", ("Accept-Encoding: gzip",),
         (), "origin")  # fmt: skip
selected("encoding-weight", REQUIRED, "a weight of 0 forbids", "Accept-Encoding",
         ("Accept-Encoding: gzip",), ("Accept-Encoding: gzip;q=0",), "origin")  # fmt: skip
selected("language", REQUIRED, "by Accept-Language", "Accept-Language", ("Accept-Language: de",),
         ("Accept-Language: en",), "origin")  # fmt: skip
selected("language-weights", REQUIRED, "weights count", "Accept-Language",
         ("Accept-Language: de;q=0.9, en",), ("Accept-Language: de, en;q=0.9",), "origin")  # fmt: skip
selected("run-together", REQUIRED, "values are not run together", "X-A, X-Kind",
         ("X-A: a", "X-Kind: bc"), ("X-A: ab", "X-Kind: c"), "origin")  # fmt: skip
selected("swapped", REQUIRED, "nor swapped", "X-A, X-B", ("X-A: 1", "X-B: 2"),
         ("X-A: 2", "X-B: 1"), "origin")  # fmt: skip
selected("blanks", OPTIONAL, "blanks around a value do not count", "X-Kind", ONE,
         ("X-Kind:    one  ",), "cache")  # fmt: skip
selected("list-blanks", OPTIONAL, "nor those in a list", "Accept-Language",
         ("Accept-Language: de,en",), ("Accept-Language: de , en",), "cache")  # fmt: skip
selected("inner-blanks", REQUIRED, "other blanks may count", "User-Agent",
         ("User-Agent: a (b; c)",), ("User-Agent: a (b;  c)",), "origin")  # fmt: skip
selected("comma-blanks", REQUIRED, "also at commas of a field of one's own", "X-Kind",
         ("X-Kind: a,b",), ("X-Kind: a, b",), "origin")  # fmt: skip
selected("lines-joined", REQUIRED, "two lines need not be one value", "X-Kind",
         ("X-Kind: a", "X-Kind: b"), ("X-Kind: a,b",), "origin")  # fmt: skip
selected("encoding-order", REQUIRED, "order may count in Accept-Encoding", "Accept-Encoding",
         ("Accept-Encoding: gzip, br",), ("Accept-Encoding: br, gzip",), "origin")  # fmt: skip
selected("encoding-case", REQUIRED, "and case", "Accept-Encoding", ("Accept-Encoding: gzip",),
         ("Accept-Encoding: GZip",), "origin")  # fmt: skip
selected("language-order", REQUIRED, "and order in Accept-Language", "Accept-Language",
         ("Accept-Language: en;q=0.5, de",), ("Accept-Language: de, en;q=0.5",), "origin")  # fmt: skip
selected("accept-order", REQUIRED, "and in Accept", "Accept",
         ("Accept: text/html, a/b",), ("Accept: a/b, text/html",), "origin")  # fmt: skip

VARIES = (FRESH, "Vary: X-Kind")
CASES += [
    Case("vary-both-kept", "9111 4.1", OPTIONAL, "both variants are kept",
         [fill(*VARIES, request=ONE), fill(*VARIES, request=TWO), then("cache", *ONE),
          then("cache", *TWO)]),
    Case("vary-right-one", "9111 4.1", REQUIRED, "and each gets its own",
         [fill(*VARIES, request=ONE, body="one"), fill(*VARIES, request=TWO, body="two"),
          then("any", *ONE, check=lambda answer, _: None if answer.body != b"two"
               else "the other variant"),
          then("any", *TWO, check=lambda answer, _: None if answer.body != b"one"
               else "the other variant")]),
    Case("vary-given", "9111 3.1", REQUIRED, "Vary itself is given from the cache",
         [fill(*VARIES, request=ONE), then("cache", *ONE, has=("Vary: X-Kind",))]),
    Case("vary-begins", "9111 4.1", REQUIRED, "a page that begins to vary",
         [fill("Cache-Control: no-cache"), fill(*VARIES, request=ONE), then("origin", *TWO)]),
    Case("vary-grows", "9111 4.1", OPTIONAL, "a variant that varies by more is found",
         [fill(*VARIES, request=ONE), fill(FRESH, "Vary: X-Kind, X-B", request=TWO),
          then("cache", *TWO)]),
    Case("vary-many", "9111 4.1", OPTIONAL, "twenty fields",
         [fill(FRESH, "Vary: " + ", ".join(f"X-{n}" for n in range(20)), request=("X-19: a",)),
          then("cache", "X-19: a"), then("origin", "X-19: b")]),
]  # fmt: skip
