"""What may be served: the origin's versions of each page, and which of them a purge has ended.

All of a run happens on one event loop, so the order of what is noted here is the order of things. A
version that a purge covers, and that was no longer the origin's when the purge was requested, must
not be the answer to a request that began after the purge was acknowledged.
"""

import collections
import itertools
import time

FOLDERS = ("plain", "locked", "stale", "vary")
PAGES = [f"/{folder}/{number}" for folder in FOLDERS for number in range(8)]
MANY_TAGS = [f"filler-{number}" for number in range(300)]


def tags_of(page, version):
    """They change with the version; some pages have hundreds."""
    _, folder, number = page.split("/")
    tags = [folder, f"n{int(number) % 3}", f"odd{version % 2}", f"{folder}-{number}"]
    return tags + (MANY_TAGS if number == "7" else [])


class Purge:
    """A purge of some pages, some tags, or all that begins so. Soft ones end nothing."""

    def __init__(self, pages=(), tags=(), under=None, soft=False):
        self.pages = pages
        self.tags = tags
        self.under = under
        self.soft = soft

    def covers(self, page, version):
        return (
            page in self.pages
            or any(tag in self.tags for tag in tags_of(page, version))
            or (self.under is not None and page.startswith(self.under))
        )

    def __str__(self):
        what = [*self.pages, *(f"tag {tag}" for tag in self.tags)]
        what += [] if self.under is None else [f"{self.under}*"]
        return ("soft " if self.soft else "") + " ".join(what)


class Model:
    def __init__(self, pages=PAGES, history=None):
        """history: how many of its lines are kept; None: all"""
        self.version = dict.fromkeys(pages, 1)
        self.standing = {page: {1} for page in pages}  # versions that no purge has ended
        self.ended = {}  # (page, version): when the purge was acknowledged that ended it
        self.clock = itertools.count(1)
        self.began = time.monotonic()
        self.history = collections.deque(maxlen=history)
        self.wrong = []

    def note(self, text, pages=None):
        """A line of history, about some pages or all. Returns its number, which is its time."""
        number = self.now()
        self.history.append((number, time.monotonic() - self.began, pages, text))
        return number

    def now(self):
        return next(self.clock)

    def publish(self, page):
        self.version[page] += 1
        self.standing[page].add(self.version[page])
        self.note(f"origin publishes version {self.version[page]}", [page])

    def request_purge(self, purge, means):
        """What acknowledge() wants to know."""
        old = [] if purge.soft else [
            (page, version)
            for page in self.version
            for version in self.standing[page]
            if version < self.version[page] and purge.covers(page, version)
        ]
        pages = {page for page in self.version if purge.covers(page, self.version[page])}
        pages |= {page for page, _ in old}
        number = self.note(f"purge of {purge} by {means}: requested", pages)
        return number, pages, old

    def acknowledge(self, requested):
        number, pages, old = requested
        now = self.note(f"purge requested in {number}: acknowledged", pages)
        for page, version in old:
            self.standing[page].discard(version)
            self.ended.setdefault((page, version), now)

    def refuse(self, requested, why):
        number, pages, _ = requested
        self.note(f"purge requested in {number}: not acknowledged, {why}", pages)

    def begin(self, page, node):
        return self.note(f"GET from node {node}", [page])

    def answer(self, page, began, version, cache, worker):
        """Checks what a request got that had begun then."""
        how = f"{cache} by worker {worker}"
        self.note(f"GET of {began} answered: version {version}, {how}", [page])
        ended = self.ended.get((page, version))
        if ended is not None and ended < began:
            text = f"GET of {began}: version {version}, {how}, which a purge had ended in {ended}"
            self.fail(page, text)
        if version > self.version[page]:
            self.fail(page, f"GET of {began}: version {version}, which there is not yet")

    def fail(self, page, text, number=None):
        if not self.wrong:  # the first tells most; others are often its consequence
            self.wrong.append(f"{page}: {text}\n{self.story(page, number or self.now())}")
        else:
            self.wrong.append(f"{page}: {text}")

    def story(self, page, until, most=120):
        """What happened to the page and to all pages, last things last."""
        chosen = [line for line in self.history
                  if line[0] < until and (line[2] is None or page in line[2])]
        return "\n".join(f"  {number:7} {seconds:9.4f} s  {text}"
                         for number, seconds, _, text in chosen[-most:])
