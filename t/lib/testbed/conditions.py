"""What a client may ask for with HEAD, Range and If-*, and what RFC 9110 says the answer is: section 13.2.2
for the order of the conditions, 14 for ranges.

Where the RFC leaves a choice it is nginx's: a Range that does not parse gets 416, one of too many ranges
(max_ranges) or from the begin of an empty page is ignored, of If-Modified-Since only the page's own date is
a match (`exact`), and If-Match, which a cache may ignore, takes weak tags letter by letter.
"""

import itertools
import random
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache

NEVER = None  # the field is not sent
DATE = "Wed, 01 Jan 2020 00:00:00 GMT"
OLDER = "Tue, 31 Dec 2019 23:59:59 GMT"
NEWER = "Wed, 01 Jan 2020 00:00:01 GMT"
TAGS = (NEVER, '"v"', 'W/"v"', '"w"', "*")
DATES = (NEVER, DATE, OLDER, NEWER, "yesterday")
MAX_RANGES = 5

VALUES = {
    "method": ("GET", "HEAD"),
    "Range": (
        NEVER, "bytes=0-3", "bytes=-4", "bytes=2-", "bytes=0-", "bytes=8190-8193", "bytes=0-1,4-5",
        "bytes=0-0,2-2,4-4,6-6,8-8,10-10", "bytes=999999-", "bytes=5-2", "bytes=one", "lines=1-2",
    ),
    "If-Range": (NEVER, '"v"', 'W/"v"', '"w"', DATE, OLDER),
    "If-None-Match": (*TAGS, '"u", W/"v"'),
    "If-Modified-Since": DATES,
    "If-Match": TAGS,
    "If-Unmodified-Since": DATES,
}  # fmt: skip


@dataclass(frozen=True)
class Ask:
    method: str
    fields: dict

    def get(self, name):
        return self.fields.get(name)

    def __str__(self):
        return "; ".join([self.method, *(f"{name}: {value}" for name, value in self.fields.items())])


def ask_of(chosen):
    method, *fields = chosen
    return Ask(method, {n: v for n, v in zip(list(VALUES)[1:], fields) if v is not NEVER})


def all_without(*names):
    """Each value of each field with each of the others', but for those fields, which are not sent."""
    values = [(NEVER,) if name in names else values for name, values in VALUES.items()]
    return [ask_of(chosen) for chosen in itertools.product(*values)]


@lru_cache
def representative():
    """Some, in which each value of each field meets each value of each other one."""
    chance = random.Random(13)
    unmet = {
        pair
        for a, b in itertools.combinations(VALUES, 2)
        for pair in itertools.product([(a, x) for x in VALUES[a]], [(b, y) for y in VALUES[b]])
    }
    asks = []
    while unmet:
        chosen = [(name, chance.choice(values)) for name, values in VALUES.items()]
        met = unmet & set(itertools.combinations(chosen, 2))
        if met:
            unmet -= met
            asks.append(ask_of([value for _, value in chosen]))
    return asks


@dataclass
class Page:
    status: int
    body: bytes
    etag: str | None
    modified: str | None
    one_range: bool  # where several are asked for, it is sent whole


@dataclass
class Expected:
    status: int
    content_range: str | None = None
    body: bytes | None = None  # None: any


def tags_match(condition, page, weakly):
    if condition == "*":
        return True
    if page.etag is None:
        return False
    tags = condition.split(", ")
    if weakly:
        return page.etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
    return page.etag in tags and not page.etag.startswith("W/")


@lru_cache
def date_of(text):
    try:
        return text and parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None


def decided(page, ask):
    """The status where a condition decides, None where the request is carried out."""
    modified = date_of(page.modified)
    unmodified_since = date_of(ask.get("If-Unmodified-Since"))
    if ask.get("If-Match"):
        if ask.get("If-Match") not in ("*", page.etag):
            return 412
    elif modified and unmodified_since and modified > unmodified_since:
        return 412
    if ask.get("If-None-Match"):
        return 304 if tags_match(ask.get("If-None-Match"), page, weakly=True) else None
    return 304 if modified and modified == date_of(ask.get("If-Modified-Since")) else None


def range_applies(page, ask):
    condition = ask.get("If-Range")
    if ask.method != "GET" or page.status != 200 or not ask.get("Range"):
        return False
    if condition and condition.endswith('"'):
        return tags_match(condition, page, weakly=False)
    return condition in (NEVER, page.modified)


def ranges_of(page, text):
    """Of each range its first byte and the one behind its last; None where all is sent."""
    size = len(page.body)
    unit, _, specs = text.partition("=")
    number = 1 + specs.count(",")
    if unit != "bytes" or number > MAX_RANGES or (number > 1 and page.one_range):
        return None
    ranges = []
    for spec in specs.split(","):
        if not re.fullmatch(r"\d*-\d*", spec):
            return []
        first, last = spec.split("-")
        begin = int(first) if first else max(size - int(last), 0)
        end = min(int(last) + 1, size) if first and last else size
        if begin < end:
            ranges.append((begin, end))
        elif begin == 0:
            return None
    return ranges


def expected(page, ask):
    status = decided(page, ask) if page.status == 200 else None
    if status is not None:
        return Expected(status)
    size = len(page.body)
    ranges = ranges_of(page, ask.get("Range")) if range_applies(page, ask) else None
    if ranges is None:
        return Expected(page.status, body=page.body if ask.method == "GET" else b"")
    pieces = [(f"bytes {begin}-{end - 1}/{size}", page.body[begin:end]) for begin, end in ranges]
    if not pieces:
        return Expected(416, f"bytes */{size}")
    if len(pieces) == 1:
        return Expected(206, *pieces[0])
    multipart = b"".join(
        b"\r\n--BOUNDARY\r\nContent-Type: text/plain\r\nContent-Range: %s\r\n\r\n%s" % (span.encode(), piece)
        for span, piece in pieces
    )
    return Expected(206, body=multipart + b"\r\n--BOUNDARY--\r\n")
