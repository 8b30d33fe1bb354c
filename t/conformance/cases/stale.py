"""Stale pages, and what a request may ask of freshness: RFC 9111, sections 4.2.4 and 5.2.1; RFC 5861."""

from case import OPTIONAL, REQUIRED, Case, Step, Want, ask, fill, origin, then

SOON = 2.2
TAG = 'ETag: "a"'
CASES = []
DOWN = origin(cut="close")
ERROR = origin(500, body="oops")


def failing(id, section, level, about, directives, answer, source, wait=SOON, **want):
    CASES.append(
        Case(f"stale-{id}", section, level, about,
             [fill(f"Cache-Control: {directives}", TAG), then(source, wait=wait, answer=answer, **want)])
    )  # fmt: skip


# A page that may not be given stale is not given when the origin is away, either.
for directive in ("must-revalidate", "proxy-revalidate"):
    failing(f"{directive}-down", "9111 5.2.2.2", REQUIRED, f"{directive}, and the origin is away",
            f"max-age=1, {directive}", DOWN, "new")  # fmt: skip
    failing(f"{directive}-504", "9111 5.2.2.2", OPTIONAL, "which is said with 504 or the like",
            f"max-age=1, {directive}", DOWN, "new", check=lambda answer, _: None
            if answer.status in (502, 503, 504) else f"status {answer.status}")  # fmt: skip
failing("s-maxage-down", "9111 5.2.2.10", REQUIRED, "s-maxage forbids as well", "s-maxage=1", DOWN, "new")
failing("no-cache-down", "9111 5.2.2.4", REQUIRED, "so does no-cache", "no-cache", DOWN, "new", wait=0)
failing("must-revalidate-error", "9111 5.2.2.2", REQUIRED, "an error is passed on",
        "max-age=1, must-revalidate", ERROR, "new", status=500)  # fmt: skip
failing("must-revalidate-fresh", "9111 5.2.2.2", OPTIONAL, "a fresh page is given all the same",
        "max-age=3600, must-revalidate", DOWN, "cache", wait=0)  # fmt: skip

failing("if-error-500", "5861 4", OPTIONAL, "stale-if-error, and a 500",
        "max-age=1, stale-if-error=60", ERROR, "old", status=200)  # fmt: skip
for status in (502, 503, 504):
    failing(f"if-error-{status}", "5861 4", OPTIONAL, f"stale-if-error, and a {status}",
            "max-age=1, stale-if-error=60", origin(status), "old", status=200)  # fmt: skip
failing("if-error-down", "5861 4", OPTIONAL, "and an origin that is away",
        "max-age=1, stale-if-error=60", DOWN, "old", status=200)  # fmt: skip
for status in (404, 403, 410, 429):
    failing(f"if-error-{status}", "5861 4", REQUIRED, f"a {status} is no such error",
            "max-age=1, stale-if-error=60", origin(status), "new", status=status)  # fmt: skip
failing("if-error-over", "5861 4", REQUIRED, "until its time is over",
        "max-age=1, stale-if-error=1", ERROR, "new", wait=4, status=500)  # fmt: skip
failing("if-error-asked", "5861 4", REQUIRED, "a page is not given stale before the origin failed",
        "max-age=1, stale-if-error=60", origin(200, body="new"), "origin", body="new")  # fmt: skip
failing("no-leave", "9111 4.2.4", REQUIRED, "nor where the origin answers with an error",
        "max-age=1", origin(404), "new", status=404)  # fmt: skip
failing("while-revalidate", "5861 3", OPTIONAL, "stale-while-revalidate",
        "max-age=1, stale-while-revalidate=60", origin(200), "old", status=200)  # fmt: skip
failing("while-revalidate-over", "5861 3", REQUIRED, "until its time is over",
        "max-age=1, stale-while-revalidate=1", origin(200, body="new"), "origin", wait=4)  # fmt: skip
failing("while-revalidate-must", "9111 5.2.2.2", REQUIRED, "must-revalidate is stronger",
        "max-age=1, stale-while-revalidate=60, must-revalidate", origin(200, body="new"), "origin")  # fmt: skip
failing("while-revalidate-age", "9111 5.1", REQUIRED, "the Age of a stale page is told",
        "max-age=1, stale-while-revalidate=60", origin(200), "any", has=(r"Age: \d+",))  # fmt: skip

CASES += [
    Case("stale-while-revalidate-done", "5861 3", OPTIONAL, "the new page is fetched behind it",
         [fill("Cache-Control: max-age=1, stale-while-revalidate=60"),
          then("old", wait=SOON, answer=origin(200, "Cache-Control: max-age=3600", body="new")),
          Step(origin(500), Want("cache", body="new"), ask(), until_source=True)]),
    Case("stale-if-error-then", "5861 4", REQUIRED, "an origin that is well again is heard",
         [fill("Cache-Control: max-age=1, stale-if-error=60"),
          then("any", wait=SOON, answer=ERROR),
          then("origin", answer=origin(200, "Cache-Control: max-age=60", body="new"), body="new")]),
]  # fmt: skip

# ---- directives of a request: section 5.2.1

FRESH = "Cache-Control: max-age=3600"


def asking(id, about, page, line, source, wait=0, level=OPTIONAL, **want):
    lines = (line,) if isinstance(line, str) else line
    steps = [fill(*page), then(source, *lines, wait=wait, **want)]
    CASES.append(Case(f"request-{id}", "9111 5.2.1", level, about, steps))


asking("no-cache", "no-cache", [FRESH], "Cache-Control: no-cache", "origin")
asking("no-cache-etag", "no-cache, validated", [FRESH, TAG], "Cache-Control: no-cache", "validated",
       answer=origin(304, FRESH, TAG), status=200)  # fmt: skip
asking("max-age-0", "max-age=0", [FRESH], "Cache-Control: max-age=0", "origin")
asking("max-age-younger", "max-age below the page's age", [FRESH], "Cache-Control: max-age=1",
       "origin", wait=3)  # fmt: skip
asking("max-age-age", "also the origin's Age counts", [FRESH, "Age: 600"], "Cache-Control: max-age=60",
       "origin")  # fmt: skip
asking("max-age-older", "max-age above it", [FRESH], "Cache-Control: max-age=600", "cache")
asking("min-fresh", "min-fresh that is not left", ["Cache-Control: max-age=60"],
       "Cache-Control: min-fresh=600", "origin")  # fmt: skip
asking("min-fresh-left", "min-fresh that is", [FRESH], "Cache-Control: min-fresh=600", "cache")
asking("max-stale", "max-stale", ["Cache-Control: max-age=1"], "Cache-Control: max-stale=600",
       "cache", wait=SOON)  # fmt: skip
asking("max-stale-any", "max-stale without a value", ["Cache-Control: max-age=1"],
       "Cache-Control: max-stale", "cache", wait=SOON)  # fmt: skip
asking("max-stale-over", "max-stale that is not enough", ["Cache-Control: max-age=1"],
       "Cache-Control: max-stale=1", "origin", wait=4)  # fmt: skip
asking("max-stale-must", "must-revalidate is stronger", ["Cache-Control: max-age=1, must-revalidate"],
       "Cache-Control: max-stale=600", "origin", wait=SOON, level=REQUIRED)  # fmt: skip
asking("only-if-cached", "only-if-cached of what is there", [FRESH],
       "Cache-Control: only-if-cached", "cache", status=200)  # fmt: skip
asking("pragma", "Pragma: no-cache without Cache-Control", [FRESH], "Pragma: no-cache", "origin")
asking("pragma-beside", "beside Cache-Control it means nothing", [FRESH],
       ("Pragma: no-cache", "Cache-Control: max-age=600"), "cache")  # fmt: skip
asking("unknown", "an unknown directive means nothing", [FRESH], "Cache-Control: foo=bar", "cache")
asking("no-store-hit", "no-store does not keep from what is there", [FRESH],
       "Cache-Control: no-store", "cache")  # fmt: skip
CASES += [
    Case("request-only-if-cached-504", "9111 5.2.1.7", OPTIONAL, "only-if-cached of what is not there",
         [Step(origin(200, FRESH), Want("cache", 504), ask("GET", "Cache-Control: only-if-cached"))]),
    Case("request-no-cache-stores", "9111 5.2.1.4", OPTIONAL, "what no-cache brought is stored",
         [fill(FRESH), then("origin", "Cache-Control: no-cache", answer=origin(200, FRESH, body="new")),
          then("cache", body="new")]),
]  # fmt: skip
