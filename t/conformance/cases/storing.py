"""What may be stored, and be used for another request: RFC 9111, section 3."""

from case import OPTIONAL, REQUIRED, Case, Step, Want, ask, fill, origin, then

FRESH = "Cache-Control: max-age=3600"
CASES = []


def not_reused(id, section, about, *headers, status=200, level=REQUIRED, request=()):
    steps = [fill(*headers, status=status, request=request), then("origin", *request)]
    CASES.append(Case(id, section, level, about, steps))


def reused(id, section, about, *headers, status=200, level=OPTIONAL, request=()):
    steps = [
        fill(*headers, status=status, request=request),
        then("cache", *request, status=status),
    ]
    CASES.append(Case(id, section, level, about, steps))


for id, about, *headers in (
    ("no-store", "no-store", "Cache-Control: no-store"),
    ("no-store-fresh", "no-store beside max-age", "Cache-Control: max-age=3600, no-store"),
    ("no-store-case", "directives have no case", "Cache-Control: max-age=3600, No-StoRE"),
    ("no-store-line", "on a second line", FRESH, "Cache-Control: no-store"),
    ("no-store-line-first", "on the first line", "Cache-Control: no-store", FRESH),
    ("no-store-unknown", "behind a directive unknown", "Cache-Control: foo=bar, max-age=9, no-store"),
    ("no-store-quoted", "behind a quoted comma", 'Cache-Control: foo="a, b=\\"c", no-store, max-age=9'),
    ("no-store-empty", "behind empty members", "Cache-Control: ,, ,no-store, max-age=3600"),
    ("no-store-expires", "over Expires", "Cache-Control: no-store", "Expires: {date+3600}"),
    ("no-store-tab", "behind a tab", "Cache-Control: max-age=3600,\tno-store"),
):
    not_reused(f"store-{id}", "9111 5.2.2.5", about, *headers)

for id, about, *headers in (
    ("private", "private", "Cache-Control: private"),
    ("private-fresh", "private beside max-age", "Cache-Control: private, max-age=3600"),
    ("private-s-maxage", "private beside s-maxage", "Cache-Control: s-maxage=3600, private"),
    ("private-line", "on a second line", FRESH, "Cache-Control: PRIVATE"),
    ("private-expires", "over Expires", "Cache-Control: private", "Expires: {date+3600}"),
):
    not_reused(f"store-{id}", "9111 5.2.2.7", about, *headers)

reused(
    "store-no-store-in-quotes", "9111 5.2", "what stands in quotes is no directive",
    'Cache-Control: max-age=3600, foo="no-store, private"',
)  # fmt: skip
reused("store-no-store-prefix", "9111 5.2", "no-stored is not no-store", f"{FRESH}, no-stored")
reused("store-pragma", "9111 5.4", "Pragma in a response means nothing", FRESH, "Pragma: no-cache")

# No freshness of their own and no status that permits a heuristic: never reused.
for status in (201, 202, 302, 303, 307, 400, 401, 403, 409, 429, 500, 502, 503, 599):
    not_reused(
        f"store-status-{status}-silent", "9111 4.2.2", f"{status} without freshness of its own",
        "Last-Modified: {date-864000}", status=status,
    )  # fmt: skip

for status in (200, 203, 204, 299, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 418,
               451, 499, 500, 501, 503, 599):  # fmt: skip
    reused(
        f"store-status-{status}", "9111 3", f"{status} that is fresh", FRESH, status=status
    )

for status in (200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501):
    CASES.append(
        Case(
            f"store-heuristic-{status}", "9111 4.2.2", OPTIONAL, f"{status} by heuristic",
            [
                fill("Last-Modified: {date-8640000}", status=status),
                then("cache", status=status),
            ],
        )
    )  # fmt: skip

# ---- Authorization: section 3.5

BASIC = ("Authorization: Basic dTpw",)
not_reused("auth-max-age", "9111 3.5", "max-age is no leave", FRESH, request=BASIC)
CASES.append(
    Case("auth-for-others", "9111 3.5", REQUIRED, "nor for a client without credentials",
         [fill(FRESH, request=BASIC), then("origin")])
)  # fmt: skip
not_reused("auth-expires", "9111 3.5", "Expires is none", "Expires: {date+3600}", request=BASIC)
for id, directives in (
    ("public", "public, max-age=3600"),
    ("s-maxage", "s-maxage=3600"),
    ("must-revalidate", "must-revalidate, max-age=3600"),
):
    reused(f"auth-{id}", "9111 3.5", id, f"Cache-Control: {directives}", request=BASIC)

# ---- must-understand: section 5.2.2.3

reused("must-understand", "9111 5.2.2.3", "no-store does not count for a status that is understood",
       "Cache-Control: must-understand, no-store, max-age=3600")  # fmt: skip
not_reused("must-understand-unknown", "9111 5.2.2.3", "but counts for one that is not",
           "Cache-Control: must-understand, no-store, max-age=3600", status=299)  # fmt: skip
not_reused("must-understand-alone", "9111 5.2.2.3", "a status not understood is not stored",
           "Cache-Control: must-understand, max-age=3600", status=299)  # fmt: skip

# ---- the request: sections 2, 3, 4

for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "FROB"):
    CASES.append(
        Case(f"method-{method.lower()}", "9111 4", REQUIRED, f"a GET is not answered from {method}",
             [Step(origin(200, FRESH), Want("origin"), ask(method)), then("origin")])
    )  # fmt: skip
    CASES.append(
        Case(f"method-{method.lower()}-asks", "9111 4", REQUIRED, f"{method} reaches the origin",
             [fill(FRESH), Step(origin(200), Want("origin"), ask(method))])
    )  # fmt: skip
CASES += [
    Case("key-query", "9111 2", REQUIRED, "another query is another page",
         [fill(FRESH), Step(origin(200), Want("origin"), ask(target="?a=1")),
          Step(origin(200), Want("origin"), ask(target="?a=2"))]),
    Case("key-slash", "9111 2", REQUIRED, "another path is another page",
         [fill(FRESH), Step(origin(200), Want("origin"), ask(target="/"))]),
    Case("key-case", "9111 2", REQUIRED, "case counts in a path",
         [Step(origin(200, FRESH), Want("origin"), ask(target="/a")),
          Step(origin(200), Want("origin"), ask(target="/A"))]),
    Case("key-host", "9111 2", REQUIRED, "another host's page is another one",
         [fill(FRESH), Step(origin(200), Want("origin"), ask(host="other.test"))]),
    Case("key-host-case", "9110 4.2.3", OPTIONAL, "case does not count in a host",
         [fill(FRESH), Step(origin(200), Want("cache"), ask(host="SITE.test"))]),
    Case("request-no-store", "9111 5.2.1.5", REQUIRED, "no-store of the request",
         [fill(FRESH, request=("Cache-Control: no-store",)), then("origin")]),
    Case("set-cookie-kept", "9111 3", REQUIRED, "a cookie is not given to another client",
         [fill(FRESH, "Set-Cookie: a=1"), then("any", lacks=("Set-Cookie",))]),
]  # fmt: skip

# ---- incomplete responses: section 3.3

for cut in ("short", "chunk"):
    CASES.append(
        Case(f"incomplete-{cut}", "9111 3.3", REQUIRED, "a body that broke off is not a page",
             [Step(origin(200, FRESH, cut=cut), Want("any", broken=True)), then("origin")])
    )  # fmt: skip
CASES += [
    Case("partial-as-whole", "9111 3.3", REQUIRED, "a 206 is not the whole page",
         [Step(origin(206, FRESH, "Content-Range: bytes 0-3/10", body="0123"), Want("any"),
               ask("GET", "Range: bytes=0-3")),
          then("origin", status=200)]),
    Case("partial-without-range", "9110 15.3.7", REQUIRED, "nor when nobody asked for a range",
         [Step(origin(206, FRESH, "Content-Range: bytes 0-3/10", body="0123"), Want("any")),
          then("origin", status=200)]),
    Case("not-modified-unasked", "9111 3", REQUIRED, "a 304 that nobody asked for is no page",
         [Step(origin(304, FRESH, 'ETag: "a"'), Want("any")),
          then("origin", status=200)]),
]  # fmt: skip
