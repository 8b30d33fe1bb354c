"""Targeted fields (RFC 9213) and Cache-Status (RFC 9211)."""

from case import OPTIONAL, REQUIRED, Case, Step, Want, ask, fill, origin, then

FRESH = "Cache-Control: max-age=3600"
CDN = "CDN-Cache-Control"
CASES = []


def targeted(id, level, about, source, *headers):
    steps = [fill(*headers), then(source)]
    CASES.append(Case(f"targeted-{id}", "9213 2", level, about, steps))


targeted("fresh", OPTIONAL, "over no-store", "cache", f"{CDN}: max-age=3600", "Cache-Control: no-store")
targeted("private", OPTIONAL, "over private", "cache", f"{CDN}: max-age=3600", "Cache-Control: private")
targeted("alone", OPTIONAL, "without Cache-Control", "cache", f"{CDN}: max-age=3600")
targeted("expires", OPTIONAL, "over Expires", "cache", f"{CDN}: max-age=3600", "Expires: {date-9}")
targeted("max-age-0-cc", OPTIONAL, "over max-age=0", "cache", f"{CDN}: max-age=3600",
         "Cache-Control: max-age=0")  # fmt: skip
targeted("s-maxage", OPTIONAL, "s-maxage counts here, too", "cache", f"{CDN}: s-maxage=3600, max-age=0")
targeted("parameters", OPTIONAL, "parameters mean nothing", "cache", f"{CDN}: max-age=3600;a=b")
targeted("unknown", OPTIONAL, "nor do unknown members", "cache", f"{CDN}: foo=(1 2), max-age=3600, bar")
targeted("lines", OPTIONAL, "on two lines", "cache", f"{CDN}: public", f"{CDN}: max-age=3600")
targeted("last", OPTIONAL, "the last of the same name counts", "cache", f"{CDN}: max-age=0, max-age=3600")
targeted("no-store", REQUIRED, "no-store over max-age", "origin", f"{CDN}: no-store", FRESH)
targeted("no-cache", REQUIRED, "no-cache over max-age", "origin", f"{CDN}: no-cache", FRESH)
targeted("private-over", REQUIRED, "private over max-age", "origin", f"{CDN}: private", FRESH)
targeted("max-age-0", REQUIRED, "max-age=0 over max-age", "origin", f"{CDN}: max-age=0", FRESH)
targeted("max-age-0-expires", REQUIRED, "and over Expires", "origin", f"{CDN}: max-age=0",
         "Expires: {date+3600}")  # fmt: skip
targeted("silent", REQUIRED, "Expires does not count beside it", "origin", f"{CDN}: public",
         "Expires: {date+3600}")  # fmt: skip
targeted("silent-max-age", REQUIRED, "nor does max-age of Cache-Control", "origin", f"{CDN}: public",
         FRESH)  # fmt: skip
targeted("invalid", REQUIRED, "one that is no dictionary is not there", "origin",
         f"{CDN}: max-age=3600, &&&&", "Cache-Control: no-store")  # fmt: skip
targeted("invalid-falls-back", OPTIONAL, "Cache-Control counts instead", "cache",
         f"{CDN}: max-age=0, =", FRESH)  # fmt: skip
targeted("invalid-forbids", REQUIRED, "but what it forbids is forbidden", "origin",
         f"{CDN}: no-store, =", FRESH)  # fmt: skip
targeted("uppercase", REQUIRED, "keys are lower-case", "origin", f"{CDN}: MAX-AGE=3600",
         "Cache-Control: no-store")  # fmt: skip
targeted("trailing-comma", REQUIRED, "a comma too many", "origin", f"{CDN}: max-age=3600,",
         "Cache-Control: no-store")  # fmt: skip
targeted("empty", OPTIONAL, "an empty one is not there", "cache", f"{CDN}:", FRESH)
targeted("string", REQUIRED, "a string is no number", "origin", f'{CDN}: max-age="3600"')
targeted("decimal", REQUIRED, "a decimal is none", "origin", f"{CDN}: max-age=3600.0")
targeted("negative", REQUIRED, "a negative one is no time", "origin", f"{CDN}: max-age=-3600")
targeted("false", OPTIONAL, "a directive that is false is not there", "cache",
         f"{CDN}: no-store=?0, max-age=3600")  # fmt: skip
targeted("other", REQUIRED, "another cache's field is not ours", "origin",
         "Other-CDN-Cache-Control: max-age=3600", "Cache-Control: no-store")  # fmt: skip
CASES += [
    Case("targeted-passed-on", "9213 3.1", OPTIONAL, "the field is passed on",
         [fill(f"{CDN}: max-age=3600"), then("cache", has=(f"{CDN}: max-age=3600",))]),
    Case("targeted-ends", "9213 2", REQUIRED, "its freshness ends",
         [fill(f"{CDN}: max-age=1", FRESH), then("origin", wait=2.2)]),
    Case("targeted-must-revalidate", "9213 2", REQUIRED, "its must-revalidate counts",
         [fill(f"{CDN}: max-age=1, must-revalidate", FRESH),
          then("new", wait=2.2, answer=origin(cut="close"))]),
    Case("targeted-age", "9213 2", REQUIRED, "Age takes away from it",
         [fill(f"{CDN}: max-age=60", "Age: 120"), then("origin")]),
]  # fmt: skip

# ---- Cache-Status

NAME = r"[A-Za-z][\w.-]*"


def told(id, about, steps):
    CASES.append(Case(f"cache-status-{id}", "9211 2", OPTIONAL, about, steps))


def says(pattern):
    return (f"Cache-Status: .*{NAME}{pattern}",)


told("hit", "a hit", [fill(FRESH), then("cache", has=says(r";\s*hit(;.*)?"))])
told("hit-not-forwarded", "has no fwd",
     [fill(FRESH), then("cache", has=says(r";\s*hit(;.*)?"), check=lambda answer, _:
      "fwd beside hit" if "fwd" in (answer.header("Cache-Status") or "") else None)])  # fmt: skip
told("hit-ttl", "and how long it is fresh", [fill(FRESH), then("cache", has=says(r";.*ttl=3(600|59\d)(;.*)?"))])
told("miss", "a miss", [Step(origin(200, FRESH), Want("origin", has=says(r";\s*fwd=(uri-)?miss(;.*)?")))])
told("stored", "that was stored", [Step(origin(200, FRESH), Want("origin", has=says(r";.*stored(;.*)?")))])
told("not-stored", "or was not",
     [Step(origin(200, "Cache-Control: no-store"),
           Want("origin", has=says(r";\s*fwd=.*"), check=lambda answer, _: "stored"
                if "; stored" in answer.header("Cache-Status") else None))])  # fmt: skip
told("stale", "a page that has expired",
     [fill("Cache-Control: max-age=1"), then("origin", wait=2.2, has=says(r";\s*fwd=stale(;.*)?"))])  # fmt: skip
told("validated", "and was found to stand",
     [fill("Cache-Control: max-age=1", 'ETag: "a"'),
      then("origin", wait=2.2, answer=origin(304, FRESH, 'ETag: "a"'),
           has=says(r";\s*fwd=stale;.*fwd-status=304(;.*)?"))])  # fmt: skip
told("method", "a method", [Step(origin(200), Want("origin", has=says(r";\s*fwd=method(;.*)?")), ask("POST", body="x"))])
told("vary", "a variant that is not there",
     [fill(FRESH, "Vary: X-Kind", request=("X-Kind: one",)),
      then("origin", "X-Kind: two", has=says(r";\s*fwd=vary-miss(;.*)?"))])  # fmt: skip
told("request", "what the client asked for",
     [fill(FRESH), then("origin", "Cache-Control: no-cache", has=says(r";\s*fwd=request(;.*)?"))])  # fmt: skip
told("appended", "behind what other caches said",
     [fill(FRESH, "Cache-Status: origin-cache; hit; ttl=30"),
      then("cache", has=(rf"Cache-Status: origin-cache;\s*hit;\s*ttl=30,\s*{NAME};\s*hit(;.*)?",))])  # fmt: skip
told("appended-miss", "on a miss, too",
     [Step(origin(200, FRESH, "Cache-Status: origin-cache; hit"),
           Want("origin", has=(rf"Cache-Status: origin-cache;\s*hit,\s*{NAME};\s*fwd=.*",)))])  # fmt: skip
told("once", "one member for this cache",
     [fill(FRESH), then("cache", check=lambda answer, _: None
                        if len(answer.lines("Cache-Status")) == 1 else "not one line")])  # fmt: skip
