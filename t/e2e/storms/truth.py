"""What may be answered: to whom, of which page, and not older than what a purge has ended.

All of a round happens on one event loop, so the order of what is noted here is the order of things.
"""

import collections
import functools
import gzip
import re
import time
import zlib

from stack.page_body import BLOCK, PageBody, read_body

LATE = 0.1  # seconds
ERRORS_OF_SSI = b"[an error occurred while processing the directive]"
LOST_PART = re.compile(r'of a large page .*; the response breaks off.* request: "\w+ (\S+) ')


@functools.lru_cache(maxsize=256)
def rendered(body):
    return body.render()


def tags_of(page, version):
    _, location, kind, _ = page.split("/")
    return [f"{location}-{kind}", f"{location}-odd{version % 2}"]


def etag_of(body):
    return f'"{body.version}.{body.kind}.{body.fill}.{body.size}"'


def version_of(etag):
    """(version, kind) that an ETag is of, or None."""
    match = re.fullmatch(r'(?:W/)?"(\d+)\.([\w-]+)\.\d+\.\d+"', etag or "")
    return match and (int(match[1]), match[2])


class Purge:
    """A purge of one page, all of a location that begin so, or of tags."""

    def __init__(self, location, page=None, under=None, tags=()):
        self.location, self.page, self.under, self.tags = location, page, under, tags

    def covers(self, page, version):
        if page.split("/")[1] != self.location:
            return False
        return (page == self.page or (self.under is not None and page.startswith(self.under))
                or any(tag in self.tags for tag in tags_of(page, version)))

    def __str__(self):
        return self.page or (f"{self.under}*" if self.under is not None else f"tags {self.tags}")


class Truth:
    """After a round `wrong` has texts, `seen` counts."""

    def __init__(self, configuration):
        self.configuration = configuration
        self.pages = {page for location in configuration.locations for page in location.pages}
        self.version = dict.fromkeys(self.pages, 1)
        self.standing = {page: {1} for page in self.pages}
        self.ended = {}  # (page, version): when the purge was acknowledged that ended it
        self.ended_by_tag = {}
        self.faults = collections.defaultdict(list)  # id of a request: what the origin did to it
        self.statuses = collections.defaultdict(set)  # page: what the origin has answered
        self.lag = 0.0  # seconds by which this process was late itself, at most
        self.late = 0.0  # all of them since the beginning, where they were more than LATE at once
        self.broken = collections.Counter()  # page: answers broken off that a lost part alone explains
        self.reloads = 0
        self.clock = 0
        self.began = time.monotonic()
        self.history = collections.deque(maxlen=100_000)
        self.wrong = []
        self.seen = collections.Counter()

    def note(self, text, page=None):
        self.clock += 1
        self.history.append((self.clock, time.monotonic() - self.began, page, text))
        return self.clock

    def fail(self, text, page=None):
        first = not self.wrong
        self.wrong.append((f"{page}: {text}" if page else text) + (f"\n{self.story(page)}" if first else ""))

    def story(self, page, most=60):
        chosen = [line for line in self.history if line[2] is None or line[2] == page]
        return "\n".join(f"  {number:7} {seconds:8.3f} s  {text}" for number, seconds, _, text in chosen[-most:])

    # ---- purges

    def publish(self, page):
        self.version[page] += 1
        self.standing[page].add(self.version[page])
        self.note(f"the origin publishes version {self.version[page]}", page)

    def request_purge(self, purge):
        old = [(page, version) for page in self.pages for version in self.standing[page]
               if version < self.version[page] and purge.covers(page, version)]
        self.note(f"purge of {purge} is sent", purge.page)
        return purge, old

    def acknowledge(self, requested):
        purge, old = requested
        now = self.note(f"purge of {purge} is acknowledged", purge.page)
        for page, version in old:
            self.standing[page].discard(version)
            self.ended.setdefault((page, version), now)
            if purge.tags:
                self.ended_by_tag.setdefault((page, version), now)

    def when_ended(self, ask, page, version, location):
        """None: it was not before that was asked."""
        # Of what is included there is a copy for each page that includes it, if the key says so.
        by_key = page == ask.target or location.key == "$uri"
        ended = (self.ended if by_key else self.ended_by_tag).get((page, version))
        return ended if ended is not None and ended < ask.began else None

    # ---- answers

    def judge(self, ask, answer):
        """Whether this may be the answer; what is wrong is noted."""
        self.note(f"{ask} is answered {answer}", ask.page)
        self.seen["answers"] += 1
        for word in (answer.header("x-cache") or "").split()[:1]:
            self.seen[word] += 1
        why = self.fault_of(ask, answer)
        if why:
            self.fail(f"{ask}, begun in {ask.began}, got {answer}: {why}", ask.page)
        return why

    def fault_of(self, ask, answer):
        location = self.configuration.location(ask.page.split("/")[1])
        if answer.status is None:
            excused = ask.may_fail or answer.excused or location.shape == "slice" or "cut" in self.faults[str(ask.id)]
            if ask.range is not None and not excused:
                # A worker that has not sent the page before finds out too late that a filter wants all of it.
                self.broken[ask.page] += 1
                return None
            return None if excused else "no answer"
        if answer.framing == "close" and self.may_break_off(ask):
            answer.whole = False  # for all that anybody can tell
        if ask.method == "PURGE":
            answers = [200, 204, 404, 502]
            if location.guarded:
                answers.append(503)
            if location.name in self.configuration.asks_first and self.was_late(ask):
                answers.append(500)  # of auth_request, whose own request has timed out
            return None if answer.status in answers else "not what a purge is answered"
        if answer.status not in (200, 206):
            return self.fault_of_status(ask, answer, location)
        if ask.method == "HEAD":
            if answer.body:
                return "a HEAD got a body"
            return self.fault_of_validator(ask, answer, location)
        data = answer.body
        if answer.header("content-encoding") == "gzip":
            if answer.status == 206:
                return None  # of which nothing can be said
            try:
                data = gunzip(data, answer.whole)
            except (OSError, EOFError, zlib.error) as error:
                # nginx goes on behind a piece that is cut off.
                return None if not answer.whole or location.shape == "slice" else f"not gzip: {error!r}"
        if "sorry\n" in data[:6].decode("latin-1") and location.intercepts:
            return None if self.faults[str(ask.id)] or self.statuses[ask.page] & {500, 502, 503, 504} else "sorry for nothing"
        kind = ask.page.split("/")[2]
        if not answer.whole and not self.may_break_off(ask) and location.shape != "slice":
            self.broken[ask.page] += 1  # by a part that was lost, or nginx has not said so: see look_at_breaks()
        if kind == "stream":
            return None if re.fullmatch(rb"(data: [\w/ .-]*\n\n)*(data: [\w/ .-]*\n?)?", data) else "no stream"
        if location.adds[0] and answer.status == 200:
            data = self.without_additions(data, location, answer.whole)
            if data is None:
                return None if self.faults[str(ask.id)] else "something is not added"
        if location.shape == "slice":
            # nginx goes on behind a piece that is cut off or of another version.
            body = None if answer.status == 206 else body_at(data)
            return body and self.fault_of_version(ask, body.page, body, location)
        if answer.status == 206 and (answer.header("content-type") or "").startswith("multipart/byteranges"):
            return self.fault_of_multipart(ask, answer, data, location)
        at, total = 0, None
        if answer.status == 206:
            match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", answer.header("content-range") or "")
            if not match:
                return "a 206 without a Content-Range"
            at, total = int(match[1]), match[3]
            if answer.whole and int(match[2]) + 1 - at != len(data):
                return f"{len(data)} bytes of {match[0]}"
        if kind == "ssi" and location.ssi:
            return self.fault_of_ssi(ask, answer, data, at, location)
        return self.fault_of_body(ask, answer, data, at, total, location)

    def fault_of_status(self, ask, answer, location):
        status = answer.status
        if status == 304:
            if not ask.conditional:
                return "no condition was sent"
            return self.fault_of_validator(ask, answer, location)
        if status == 416 and ask.range is not None or status in self.statuses[ask.target] | self.statuses[ask.page]:
            return self.fault_of_error_page(ask, answer, location)
        if status == 503 and location.guarded:
            return None
        if status == 504 and ask.only_if_cached:
            return None
        if status == 418 and location.shape == "front" and "/accel/" in ask.page:
            return None  # nginx comes by an error_page once
        if status >= 500 and location.shape == "slice":
            return None  # another version begins between two pieces
        if status in (502, 504) and self.faults[str(ask.id)]:
            return None
        if status in (500, 504) and self.was_late(ask):
            return None
        return f"status {status}, which the origin has not answered"

    def fault_of_error_page(self, ask, answer, location):
        """One that came from the origin says what it is."""
        if answer.status in (301, 204, 416) or ask.method == "HEAD" or not answer.whole:
            return None
        if "/stream/" in ask.page or "/ssi/" in ask.page:
            return None
        data = answer.body
        if answer.header("content-encoding") == "gzip":
            data = gunzip(data, True)
        if data.startswith((b"<html>", b"before\n", b"sorry\n")) or not data:
            return None
        return self.fault_of_body(ask, answer, data, 0, None, location)

    def is_hit(self, answer):
        return (answer.header("x-cache") or "").startswith(("HIT", "STALE", "UPDATING", "REVALIDATED"))

    def was_late(self, ask):
        """So that the origin, which never rests for a second, may have kept nginx waiting for two."""
        return self.late - ask.late > 1

    def may_break_off(self, ask):
        """For another reason than a lost part, of which nginx's log tells."""
        return self.faults[str(ask.id)] or ask.may_fail or self.was_late(ask)

    def look_at_breaks(self, lines):
        """Whether the log has a line for each answer that broke off."""
        lost = collections.Counter(match[1] for line in lines if (match := LOST_PART.search(line)))
        self.seen["parts lost"] += sum(lost.values())
        for page, number in self.broken.items():
            if number > lost[page]:
                self.fail(f"{number} answers broke off, {lost[page]} by a lost part", page)

    def without_additions(self, data, location, whole):
        before, after = (text.encode() for text in location.adds)
        if not whole:  # perhaps amid what stands behind
            cut = next(n for n in range(len(after), -1, -1) if data.endswith(after[:n]))
            return data[: len(data) - cut].removeprefix(before)
        if not data.startswith(before) or not data.endswith(after):
            return data if data[:1] == b"/" and data[-1:] in b"0123456789" else None
        return data[len(before) : len(data) - len(after)]

    def fault_of_multipart(self, ask, answer, data, location):
        if not answer.whole:
            return None
        boundary = re.search(r"boundary=(\w+)", answer.header("content-type"))[1].encode()
        parts = data.split(b"\r\n--" + boundary)
        if len(parts) < 3 or parts[-1] != b"--\r\n":
            return "multipart without an end"
        for part in parts[1:-1]:
            head, _, body = part.partition(b"\r\n\r\n")
            match = re.search(rb"Content-Range: bytes (\d+)-(\d+)/(\d+)", head)
            if int(match[2]) + 1 - int(match[1]) != len(body):
                return f"a part of {len(body)} bytes, {match[0]}"
            if why := self.fault_of_body(ask, answer, body, int(match[1]), match[3].decode(), location):
                return why
        return None

    def fault_of_ssi(self, ask, answer, data, at, location):
        """Runs of blocks: of the page, of what it includes, of the page."""
        if at or answer.status != 200 or self.faults[str(ask.id)] or self.was_late(ask):
            return None
        if ask.only_if_cached:
            return None  # the same is asked of what it includes
        pieces, rest = [], data.replace(ERRORS_OF_SSI, b"")
        if b"<!--#" in rest:
            return "a raw tag of SSI"
        while rest:
            body = body_at(rest)
            if body is None and location.intercepts and rest.startswith((b"<html>", b"sorry\n")):
                return None  # nginx's own in place of an error that is included
            if body is None:
                return f"not a page: {rest[:60]!r}" if answer.whole else None
            run = rendered(body)
            if body.page != ask.target and len(rest) < len(run) and answer.whole:
                return f"the included {body.text} has {len(rest)} bytes"
            if body.page == ask.target:
                at = sum(len(piece) for page, piece in pieces if page == body.page)
                length = BLOCK if not at else len(rest)
                run = run[at : at + length]
            if not rest.startswith(run) and answer.whole:
                return f"not what {body.text} is"
            if why := self.fault_of_version(ask, body.page, body, location):
                return why
            pieces.append((body.page, run))
            rest = rest[len(run) :]
        return None

    def fault_of_body(self, ask, answer, data, at, total, location):
        # What has no framing ends where the connection ends.
        if len(data) < 2 * BLOCK:
            if not answer.whole or answer.status == 206 or (not data and "/empty/" in ask.page):
                return None
            if not data:
                return "an empty body"
        try:
            body = read_body(data, at)
        except ValueError as error:
            return str(error)
        if total not in (None, "*") and int(total) != body.size:
            return f"of {total} bytes, but the page has {body.size}"
        if answer.status == 200 and len(data) != body.size and answer.whole:
            return f"{len(data)} bytes of {body.text}, and nothing says that there are more"
        said = answer.header("x-page")
        if said and said != body.text:
            return f"the header of {said} before the body of {body.text}"
        if body.page != ask.target:
            return f"the page of {body.text}"
        return self.fault_of_version(ask, ask.target, body, location)

    def fault_of_version(self, ask, page, body, location):
        if body.kind.startswith("only-"):
            if body.kind != f"only-{ask.id}":
                return f"somebody else's: {body.text}"
        elif body.kind != "-" and "Vary" not in location.ignored and body.kind != ask.kind:
            return f"another variant: {body.text}"
        return self.fault_of_age(ask, page, body.version, location)

    def fault_of_age(self, ask, page, version, location):
        if version > self.version[page]:
            return f"version {version}, which there is not yet"
        ended = self.when_ended(ask, page, version, location)
        if ended is not None and not location.forgets:
            return f"version {version}, which a purge had ended in {ended}"
        return None

    def fault_of_validator(self, ask, answer, location):
        found = version_of(answer.header("etag"))
        if found is None:
            return None
        version, kind = found
        if not kind.startswith("only-") and kind != "-" and "Vary" not in location.ignored and kind != ask.kind:
            return f"the validator of another variant: {answer.header('etag')}"
        if kind.startswith("only-") and kind != f"only-{ask.id}":
            return f"the validator of somebody else's: {answer.header('etag')}"
        return self.fault_of_age(ask, ask.target, version, location)


def gunzip(data, whole):
    if whole:
        return gzip.decompress(data)
    return zlib.decompressobj(wbits=31).decompress(data)


def body_at(data):
    """The PageBody that begins here, or None."""
    try:
        words = data[:BLOCK].decode("latin-1").split(" ")
        body = PageBody(words[0], int(words[1]), words[2], int(words[3]), int(words[4]))
    except (IndexError, ValueError):
        return None
    return body if words[5:6] == [body.digest] else None
