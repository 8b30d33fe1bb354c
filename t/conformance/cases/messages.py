"""Fields, ranges, HEAD and interim responses: RFC 9111, section 3; RFC 9110, sections 7, 9, 14, 15."""

from case import OPTIONAL, REQUIRED, Case, Step, Want, ask, fill, origin, then

FRESH = "Cache-Control: max-age=3600"
CASES = []

# ---- fields: RFC 9111, section 3.1

for line in (
    'ETag: "a"', "Last-Modified: Sat, 04 Nov 2023 10:00:00 GMT", "Content-Type: text/x-one; a=b",
    "Content-Language: de", "Content-Location: /other", "Link: </style.css>; rel=preload",
    "Expires: Sat, 04 Nov 2033 10:00:00 GMT", "X-Unknown: value, with; things", "Server-Timing: a;dur=1",
    "Access-Control-Allow-Origin: *", "Content-Security-Policy: default-src 'self'", "Refresh: 5",
    "Content-Disposition: inline", "X-Empty:", "Allow: GET", "Retry-After: 9",
):  # fmt: skip
    name, _, value = line.partition(":")
    pattern = "".join(f"\\{c}" if c in "*.()+?[]\\|^$" else c for c in value.strip())
    CASES.append(
        Case(f"field-{name.lower()}", "9111 3.1", REQUIRED, f"{name} is stored",
             [fill(FRESH, line), then("cache", has=(f"{name}: {pattern}",))])
    )  # fmt: skip
for line in (
    "Keep-Alive: timeout=5", "Proxy-Connection: close", "Upgrade: h2c", "Proxy-Authenticate: Basic",
    "Proxy-Authentication-Info: a", "Proxy-Authorization: Basic YTpi", "TE: trailers",
):  # fmt: skip
    name = line.partition(":")[0]
    CASES.append(
        Case(f"hop-{name.lower()}", "9111 3.1", REQUIRED, f"{name} is not",
             [fill(FRESH, line), then("cache", lacks=(name,))])
    )  # fmt: skip
CASES += [
    Case("hop-named", "9110 7.6.1", REQUIRED, "nor what Connection names",
         [fill(FRESH, "Connection: X-Hop, x-HOP-2", "X-Hop: 1", "X-Hop-2: 2"),
          then("cache", lacks=("X-Hop", "X-Hop-2"))]),
    Case("field-lines", "9110 5.3", REQUIRED, "several lines keep their order",
         [fill(FRESH, "X-One: 1", "X-Two: 2", "X-One: 3"), then("cache", has=("X-One: 1, 3",))]),
    Case("field-status", "9111 4", REQUIRED, "the status is stored",
         [fill(FRESH, status=404), then("cache", status=404)]),
    Case("field-redirect", "9111 4", REQUIRED, "so is where a redirect leads",
         [fill(FRESH, "Location: http://other.test/a?b=c", status=301),
          then("cache", status=301, has=(r"Location: http://other\.test/a\?b=c",))]),
    Case("field-cache-control", "9111 3.1", REQUIRED, "Cache-Control as it came",
         [fill("Cache-Control: max-age=3600, foo=\"bar\""),
          then("cache", has=('Cache-Control: max-age=3600, foo="bar"',))]),
    Case("field-date", "9110 6.6.1", REQUIRED, "the page's Date is the origin's",
         [fill(FRESH, "Date: {date-500}"),
          then("cache", check=lambda answer, _: None if answer.header("Date") and len(
              answer.lines("Date")) == 1 else f"Date is {answer.lines('Date')}")]),
    Case("field-date-age", "9111 5.1", OPTIONAL, "and agrees with Age",
         [fill(FRESH, "Date: Sat, 04 Nov 2023 10:00:00 GMT", "Cache-Control: s-maxage=999999999"),
          then("cache", has=("Date: Sat, 04 Nov 2023 10:00:00 GMT",))]),
    Case("body-binary", "9111 4", REQUIRED, "a body of any bytes",
         [fill(FRESH, body="".join(map(chr, range(256))) * 40),
          then("cache", body="".join(map(chr, range(256))) * 40)]),
    Case("body-empty", "9111 4", OPTIONAL, "an empty body",
         [fill(FRESH, body=""), then("cache", status=200, body="")]),
    Case("body-large", "9111 4", OPTIONAL, "a body of half a megabyte",
         [fill(FRESH, body="0123456789" * 50000), then("cache", body="0123456789" * 50000)]),
]  # fmt: skip

# ---- HEAD

CASES += [
    Case("head-hit", "9111 4", OPTIONAL, "HEAD is answered from the page of a GET",
         [fill(FRESH), Step(origin(), Want("cache", 200), ask("HEAD"))]),
    Case("head-no-body", "9110 9.3.2", REQUIRED, "without a body",
         [fill(FRESH), Step(origin(200, FRESH), Want("any", 200, body=""), ask("HEAD"))]),
    Case("head-fields", "9110 9.3.2", OPTIONAL, "with the fields of the page",
         [fill(FRESH, 'ETag: "a"', "X-One: 1", body="0123456789"),
          Step(origin(), Want("cache", 200, has=('ETag: "a"', "X-One: 1", "Content-Length: 10")),
               ask("HEAD"))]),
    Case("head-then-get", "9111 4", REQUIRED, "a GET behind a HEAD gets a body",
         [Step(origin(200, FRESH, body="page"), Want("any", 200), ask("HEAD")),
          then("any", answer=origin(200, FRESH, body="page"), body="page")]),
    Case("head-uncached-no-body", "9110 9.3.2", REQUIRED, "a HEAD on nothing has no body, either",
         [Step(origin(200, "Cache-Control: no-store", body="page"), Want("origin", 200, body=""),
               ask("HEAD"))]),
]  # fmt: skip

# ---- ranges

PAGE = "0123456789"


def ranged(id, level, about, line, status, body, has=(), page=(), more=()):
    CASES.append(
        Case(f"range-{id}", "9110 14", level, about,
             [fill(FRESH, *page, body=PAGE),
              then("cache", f"Range: {line}", *more, status=status, body=body, has=has)])
    )  # fmt: skip


ranged("first", OPTIONAL, "from a whole page", "bytes=0-3", 206, "0123", ("Content-Range: bytes 0-3/10",))
ranged("middle", OPTIONAL, "its middle", "bytes=2-4", 206, "234", ("Content-Range: bytes 2-4/10",))
ranged("open", OPTIONAL, "its end", "bytes=7-", 206, "789", ("Content-Range: bytes 7-9/10",))
ranged("suffix", OPTIONAL, "its last bytes", "bytes=-2", 206, "89", ("Content-Range: bytes 8-9/10",))
ranged("beyond", OPTIONAL, "what goes beyond the end", "bytes=8-99", 206, "89",
       ("Content-Range: bytes 8-9/10",))  # fmt: skip
ranged("unit", REQUIRED, "another unit", "lines=0-3", 200, PAGE)
ranged("if-range-etag", OPTIONAL, "If-Range with the page's tag", "bytes=0-3", 206, "0123",
       page=('ETag: "a"',), more=('If-Range: "a"',))  # fmt: skip
ranged("if-range-other", REQUIRED, "If-Range with another", "bytes=0-3", 200, PAGE,
       page=('ETag: "a"',), more=('If-Range: "b"',))  # fmt: skip
ranged("if-range-weak", REQUIRED, "If-Range with a weak one", "bytes=0-3", 200, PAGE,
       page=('ETag: W/"a"',), more=('If-Range: W/"a"',))  # fmt: skip
ranged("if-range-date", OPTIONAL, "If-Range with the page's date", "bytes=0-3", 206, "0123",
       page=("Last-Modified: Sat, 04 Nov 2023 10:00:00 GMT",),
       more=("If-Range: Sat, 04 Nov 2023 10:00:00 GMT",))  # fmt: skip
ranged("if-range-date-other", REQUIRED, "If-Range with another", "bytes=0-3", 200, PAGE,
       page=("Last-Modified: Sat, 04 Nov 2023 10:00:00 GMT",),
       more=("If-Range: Sat, 04 Nov 2023 09:00:00 GMT",))  # fmt: skip
CASES += [
    Case("range-unsatisfiable", "9110 14.4", OPTIONAL, "beyond the page",
         [fill(FRESH, body=PAGE), then("cache", "Range: bytes=20-30", status=416,
                                       has=(r"Content-Range: bytes \*/10",))]),
    Case("range-several", "9110 14.6", OPTIONAL, "several at once",
         [fill(FRESH, body=PAGE), then("cache", "Range: bytes=0-1,5-6", status=206,
                                       has=("Content-Type: multipart/byteranges.*",))]),
    Case("range-cold", "9111 3.3", OPTIONAL, "the whole page is stored where the origin gives it",
         [Step(origin(200, FRESH, body=PAGE), Want("origin"), ask("GET", "Range: bytes=0-3")),
          then("cache", body=PAGE)]),
    Case("range-head", "9110 14.2", REQUIRED, "a HEAD knows no ranges",
         [fill(FRESH, body=PAGE), Step(origin(200, FRESH, body=PAGE), Want("any", 200, body=""),
                                       ask("HEAD", "Range: bytes=0-3"))]),
    Case("range-post", "9110 14.2", REQUIRED, "nor does a POST",
         [fill(FRESH, body=PAGE), Step(origin(200, body=PAGE), Want("origin", 200, body=PAGE),
                                       ask("POST", "Range: bytes=0-3", body="x"))]),
    Case("range-error", "9110 14.2", REQUIRED, "nor does a 404",
         [fill(FRESH, status=404, body=PAGE),
          then("any", "Range: bytes=0-3", answer=origin(404, FRESH, body=PAGE), status=404, body=PAGE)]),
]  # fmt: skip

# ---- interim responses: RFC 9110, section 15.2

for status in (100, 102, 103, 199):
    interim = ((status, ("Link: </a.css>; rel=preload", "Cache-Control: no-store")),)
    CASES.append(
        Case(f"interim-{status}", "9110 15.2", REQUIRED, f"a {status} is not the answer",
             [Step(origin(200, FRESH, interim=interim, body="page"), Want("origin", 200, body="page"))])
    )  # fmt: skip
    CASES.append(
        Case(f"interim-{status}-stored", "9110 15.2", OPTIONAL, f"what follows a {status} is stored",
             [fill(FRESH, interim=interim, body="page"), then("cache", status=200, body="page")])
    )  # fmt: skip
