"""Conditions of clients, and validation with the origin: RFC 9111, section 4.3; RFC 9110, section 13."""

from case import OPTIONAL, REQUIRED, Case, Step, Want, ask, fill, origin, then

FRESH = "Cache-Control: max-age=3600"
TAG, WEAK, DATE = 'ETag: "a"', 'ETag: W/"a"', "Sat, 04 Nov 2023 10:00:00 GMT"
MODIFIED = f"Last-Modified: {DATE}"
EARLIER, LATER = "Sat, 04 Nov 2023 09:59:59 GMT", "Sun, 05 Nov 2023 10:00:00 GMT"
SOON = 2.2
CASES = []

# ---- a client's condition on a fresh page


def condition(id, level, about, page, conditions, status):
    steps = [fill(FRESH, *page), then("cache", *conditions, status=status)]
    CASES.append(Case(f"condition-{id}", "9111 4.3.2", level, about, steps))


def inm(value):
    return f"If-None-Match: {value}"


def ims(value):
    return f"If-Modified-Since: {value}"


condition("etag", OPTIONAL, "the same tag", [TAG], [inm('"a"')], 304)
condition("etag-weak", OPTIONAL, "a weak one is compared weakly", [TAG], [inm('W/"a"')], 304)
condition("etag-weak-both", OPTIONAL, "so is the page's", [WEAK], [inm('W/"a"')], 304)
condition("etag-weak-page", OPTIONAL, "or the page's alone", [WEAK], [inm('"a"')], 304)
condition("etag-list", OPTIONAL, "in a list", [TAG], [inm('"x", "a", "y"')], 304)
condition("etag-list-comma", OPTIONAL, "with a comma in a tag", ['ETag: "a,b"'], [inm('"x", "a,b"')], 304)
condition("etag-star", OPTIONAL, "a star", [TAG], [inm("*")], 304)
condition("etag-lines", OPTIONAL, "on a second line", [TAG], [inm('"x"'), inm('"a"')], 304)
condition("etag-other", REQUIRED, "another tag", [TAG], [inm('"b"')], 200)
condition("etag-case", REQUIRED, "case counts", [TAG], [inm('"A"')], 200)
condition("etag-part", REQUIRED, "a part of it", ['ETag: "abc"'], [inm('"b"')], 200)
condition("etag-none", REQUIRED, "a page without tag", [], [inm('"a"')], 200)
condition("date", OPTIONAL, "the same date", [MODIFIED], [ims(DATE)], 304)
condition("date-later", OPTIONAL, "a later one", [MODIFIED], [ims(LATER)], 304)
condition("date-earlier", REQUIRED, "an earlier one", [MODIFIED], [ims(EARLIER)], 200)
condition("date-invalid", REQUIRED, "one that is none", [MODIFIED], [ims("yesterday")], 200)
condition("date-rfc850", OPTIONAL, "in the format of RFC 850", [MODIFIED],
          [ims("Saturday, 04-Nov-23 10:00:00 GMT")], 304)  # fmt: skip
condition("date-asctime", OPTIONAL, "in the format of asctime", [MODIFIED],
          [ims("Sat Nov  4 10:00:00 2023")], 304)  # fmt: skip
condition("both-etag-decides", REQUIRED, "the tag decides, not the date", [TAG, MODIFIED],
          [inm('"b"'), ims(DATE)], 200)  # fmt: skip
condition("both-etag-decides-304", OPTIONAL, "either way", [TAG, MODIFIED],
          [inm('"a"'), ims(EARLIER)], 304)  # fmt: skip
condition("status", REQUIRED, "conditions do not make a 304 of what does not match", [TAG, MODIFIED],
          [inm('"b"')], 200)  # fmt: skip

for id, line in (
    ("cache-control", FRESH), ("etag", TAG), ("date", "Date: {date-5}"), ("vary", "Vary: X-Kind"),
    ("expires", "Expires: {date+3600}"), ("content-location", "Content-Location: /other"),
):  # fmt: skip
    name = line.partition(":")[0]
    page = [FRESH, TAG, line] if line not in (FRESH, TAG) else [FRESH, TAG]
    CASES.append(
        Case(f"not-modified-has-{id}", "9110 15.4.5", REQUIRED, f"a 304 of the cache has {name}",
             [fill(*page), then("cache", inm('"a"'), status=304, has=(f"{name}: .+",))])
    )  # fmt: skip
CASES += [
    Case("not-modified-empty", "9110 15.4.5", REQUIRED, "and no body",
         [fill(FRESH, TAG), then("cache", inm('"a"'), status=304, body="")]),
    Case("condition-cold", "9111 4.3.2", OPTIONAL, "a client's condition does not keep a page out",
         [Step(origin(200, FRESH, TAG), Want("origin"), ask("GET", inm('"b"'))), then("cache")]),
    Case("condition-cold-304", "9111 3", REQUIRED, "a 304 for a client is not a page for others",
         [Step(origin(304, FRESH, TAG), Want("any"), ask("GET", inm('"a"'))),
          then("origin", status=200)]),
    Case("condition-head", "9110 13.1.2", OPTIONAL, "a condition of HEAD",
         [fill(FRESH, TAG), Step(origin(), Want("cache", 304), ask("HEAD", inm('"a"')))]),
    Case("condition-404", "9110 13.2.1", REQUIRED, "a condition does not touch a 404",
         [fill(FRESH, TAG, status=404), then("any", inm('"a"'), status=404,
                                             answer=origin(404, FRESH, TAG))]),
]  # fmt: skip

# ---- asking the origin whether a stale page stands

EXPIRES = "Cache-Control: max-age=1"
AGAIN = origin(304, FRESH, TAG)


def refreshed(id, level, about, page, answer, *more, **want):
    source = want.pop("source", "any")
    CASES.append(
        Case(f"validate-{id}", "9111 4.3", level, about,
             [fill(EXPIRES, *page), then(source, wait=SOON, answer=answer, **want), *more])
    )  # fmt: skip


refreshed("etag", OPTIONAL, "with the page's tag", [TAG], AGAIN, source="validated",
          origin_has=('If-None-Match: "a"',))  # fmt: skip
refreshed("etag-weak", OPTIONAL, "also a weak one", [WEAK], AGAIN, source="validated",
          origin_has=('If-None-Match: W/"a"',))  # fmt: skip
refreshed("date", OPTIONAL, "with its date", [MODIFIED], origin(304, FRESH), source="validated",
          origin_has=(f"If-Modified-Since: {DATE}",))  # fmt: skip
refreshed("both", OPTIONAL, "with both", [TAG, MODIFIED], AGAIN, source="validated",
          origin_has=('If-None-Match: "a"', f"If-Modified-Since: {DATE}"))  # fmt: skip
refreshed("neither", REQUIRED, "without either there is no condition", [], origin(200, FRESH),
          source="origin", origin_lacks=("If-None-Match", "If-Modified-Since"))  # fmt: skip
refreshed("client-304", REQUIRED, "a client without condition gets a page, not the 304", [TAG], AGAIN,
          status=200, source="origin")  # fmt: skip
refreshed("old-body", REQUIRED, "namely the one that stands", [TAG], AGAIN, source="old")
refreshed("again-fresh", OPTIONAL, "which is fresh again", [TAG], AGAIN, then("cache", status=200))
refreshed("age-restarts", OPTIONAL, "and young again", [TAG], AGAIN, then("cache", has=("Age: [01]",)))
refreshed("update-new", REQUIRED, "a field that the 304 adds", [TAG],
          origin(304, FRESH, TAG, "X-New: 1"), then("cache", has=("X-New: 1",)), has=("X-New: 1",))  # fmt: skip
refreshed("update-changed", REQUIRED, "a field that it changes", [TAG, "X-One: 1"],
          origin(304, FRESH, TAG, "X-One: 2"), then("cache", has=("X-One: 2",)), has=("X-One: 2",))  # fmt: skip
refreshed("update-kept", REQUIRED, "a field that it does not name", [TAG, "X-One: 1"], AGAIN,
          then("cache", has=("X-One: 1",)), has=("X-One: 1",))  # fmt: skip
refreshed("update-lines", REQUIRED, "a field that it gives fewer lines", [TAG, "X-One: 1", "X-One: 2"],
          origin(304, FRESH, TAG, "X-One: 3"), then("cache", has=("X-One: 3",)))  # fmt: skip
refreshed("update-cache-control", REQUIRED, "Cache-Control itself", [TAG], AGAIN,
          then("cache", has=("Cache-Control: max-age=3600",)))  # fmt: skip
refreshed("update-expires", REQUIRED, "Expires",
          [TAG, "Expires: {date-9}"], origin(304, TAG, FRESH, "Expires: {date+3600}"),
          then("cache", check=lambda answer, earlier: None
               if answer.header("Expires") != earlier[0].header("Expires") else "the old Expires"))  # fmt: skip
refreshed("update-type", OPTIONAL, "Content-Type (section 3.2 lets a cache leave it)", [TAG, "Content-Type: text/plain"],
          origin(304, FRESH, TAG, "Content-Type: text/html"),
          then("cache", has=("Content-Type: text/html",)))  # fmt: skip
refreshed("update-length", REQUIRED, "but not Content-Length", [TAG],
          origin(304, FRESH, TAG, "Content-Length: 1"), then("old", status=200))  # fmt: skip
refreshed("update-connection", REQUIRED, "nor what concerns the connection alone", [TAG],
          origin(304, FRESH, TAG, "Connection: X-Hop", "X-Hop: 1"),
          then("cache", lacks=("X-Hop",)))  # fmt: skip
refreshed("update-no-store", REQUIRED, "a 304 that says no-store", [TAG],
          origin(304, "Cache-Control: no-store", TAG), then("origin"))  # fmt: skip
refreshed("update-private", REQUIRED, "or private", [TAG],
          origin(304, "Cache-Control: private, max-age=3600", TAG), then("origin"))  # fmt: skip
refreshed("update-short", REQUIRED, "or a shorter life", [TAG], origin(304, EXPIRES, TAG),
          then("origin", wait=SOON))  # fmt: skip
refreshed("other-tag", REQUIRED, "a 304 for another tag does not refresh this page", [TAG],
          origin(304, FRESH, 'ETag: "b"'), then("origin"))  # fmt: skip
refreshed("replaced", REQUIRED, "a 200 replaces the page", [TAG],
          origin(200, FRESH, 'ETag: "b"', body="new"), then("any", body="new"), body="new")  # fmt: skip
refreshed("replaced-fields", REQUIRED, "with all its fields", [TAG, "X-One: 1"],
          origin(200, FRESH, 'ETag: "b"'), then("cache", has=('ETag: "b"',), lacks=("X-One",)),
          lacks=("X-One",))  # fmt: skip
refreshed("gone", REQUIRED, "a 404 is given as it is", [TAG], origin(404, body="gone"), status=404)
refreshed("gone-kept", OPTIONAL, "and replaces the page when it is fresh", [TAG],
          origin(404, FRESH, body="gone"), then("cache", status=404), status=404)  # fmt: skip
refreshed("error-silent", REQUIRED, "a 500 is not stored for its lack of freshness", [TAG],
          origin(500), then("origin"))  # fmt: skip

for id, condition_line, status in (
    ("same", inm('"a"'), 304), ("other", inm('"b"'), 200), ("date", ims(DATE), 304),
):  # fmt: skip
    CASES.append(
        Case(f"validate-client-{id}", "9111 4.3.3", REQUIRED if status == 200 else OPTIONAL,
             "a client's own condition is answered from what came of it",
             [fill(EXPIRES, TAG, MODIFIED), then("origin", condition_line, wait=SOON,
                                                 answer=origin(304, FRESH, TAG), status=status)])
    )  # fmt: skip
CASES += [
    Case("validate-head", "9111 4.3.5", OPTIONAL, "HEAD validates, too",
         [fill(EXPIRES, TAG),
          Step(AGAIN, Want("validated", 200, body=""), ask("HEAD"), wait=SOON), then("cache")]),
    Case("no-cache-each-time", "9111 5.2.2.4", REQUIRED, "no-cache: the origin is asked each time",
         [fill("Cache-Control: no-cache", TAG),
          then("origin", answer=origin(304, "Cache-Control: no-cache", TAG), status=200),
          then("origin", answer=origin(304, "Cache-Control: no-cache", TAG), status=200)]),
    Case("no-cache-validated", "9111 5.2.2.4", OPTIONAL, "with a condition",
         [fill("Cache-Control: no-cache", TAG),
          then("validated", answer=origin(304, "Cache-Control: no-cache", TAG), status=200)]),
    Case("max-age-0-validated", "9111 4.3", OPTIONAL, "so is a page that was never fresh",
         [fill("Cache-Control: max-age=0", TAG),
          then("validated", answer=origin(304, "Cache-Control: max-age=0", TAG), status=200)]),
    Case("no-cache-field", "9111 5.2.2.4", REQUIRED, "no-cache of a field: not given unvalidated",
         [fill('Cache-Control: max-age=3600, no-cache="X-One"', "X-One: 1"),
          then("any", check=lambda answer, earlier: "given unvalidated"
               if answer.body == earlier[0].body and answer.header("X-One") else None)]),
    Case("private-field", "9111 5.2.2.7", REQUIRED, "private of a field: not given to others",
         [fill('Cache-Control: max-age=3600, private="X-One"', "X-One: 1"),
          then("any", check=lambda answer, earlier: "given to another"
               if answer.body == earlier[0].body and answer.header("X-One") else None)]),
]  # fmt: skip
