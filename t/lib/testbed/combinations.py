"""Steps for HEAD, Range and If-* in combination. Each answer of mcache's is compared with what RFC 9110
says (conditions.py), and with what proxy_cache answers to the same request.

    combine(cases)      "right", or what was not; of cases as stale/both, a state of the cache and a kind of
                        page, which are tried side by side
    combinations()      how many were compared, and how often mcache differs from proxy_cache and why

The site has /mcache/STATE/KIND and /proxy/STATE/KIND, alike but for the cache, with the path as key.
"""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass

from bed import Bed, Steps, until
from client import Answer, KeptConnection
from conditions import DATE, Page, all_without, expected, representative
from interleave import Interleaving
from origin import Request, body_of, gzip_of
from pipelined import ask_all

BOTH = f"etag=v&lm={DATE.replace(' ', '+')}"
SMALL = "noise=100"
AS_ASKED = (("Accept-Encoding", "gzip"),)  # with each request

# The page, as the origin is asked for it.
KINDS = {
    "both": f"{SMALL}&{BOTH}",
    "weak": f'{SMALL}&h=ETag:W/"v"',
    "date": f"{SMALL}&lm={DATE.replace(' ', '+')}",
    "bare": SMALL,
    "parts": f"noise=20000&{BOTH}",  # in three
    "local": f"{SMALL}&{BOTH}",  # in the worker's memory
    "file": f"noise=140000&{BOTH}",  # there, and sent from a file
    "vary": f"{SMALL}&{BOTH}&gzip=1&h=Vary:Accept-Encoding",
    "chunked": f"{SMALL}&{BOTH}&framing=chunked",
    "empty": f"body=&{BOTH}",
    "missing": f"{SMALL}&{BOTH}&status=404",
}
# Hits of these, each combination; of the others a choice.
IN_FULL = ("both", "weak", "date", "parts", "vary", "chunked", "empty")

# Why mcache may answer something else than proxy_cache, where it does as the RFC says.
DIFFERENCES = {
    "If-None-Match goes before If-Modified-Since": lambda case, ask: ask.get("If-None-Match")
    and ask.get("If-Modified-Since"),
    "If-Match goes before If-Unmodified-Since": lambda case, ask: ask.get("If-Match")
    and ask.get("If-Unmodified-Since"),
    "If-Unmodified-Since needs a date on both sides": lambda case, ask: ask.get("If-Unmodified-Since")
    and (ask.get("If-Unmodified-Since") == "yesterday" or not case.page.modified),
    "a HEAD knows no ranges": lambda case, ask: ask.method == "HEAD" and ask.get("Range"),
    "a weak validator is none for If-Range": lambda case, ask: "W/" in ask.fields.get("If-Range", ""),
    "the length is known": lambda case, ask: case.kind == "chunked",
    "parts are sent in one range": lambda case, ask: case.kind == "parts" and "," in ask.fields.get("Range", ""),
}  # fmt: skip


@dataclass
class Case:
    state: str
    kind: str
    page: Page

    def uri(self, cache, more="", number=""):
        return f"/{cache}/{self.state}/{self.kind}{number}?{KINDS[self.kind]}{more}"


def case_of(state, kind):
    asked = Request("GET", f"/?{KINDS[kind]}", [])
    body = body_of(asked, 1, 1)
    if asked.arg("gzip"):
        body = gzip_of(body, False)
    etag = '"v"' if asked.arg("etag") else 'W/"v"' if kind == "weak" else None
    page = Page(int(asked.arg("status", 200)), body, etag, asked.arg("lm"), kind == "parts" or state == "miss")
    return Case(state, kind, page)


def normalised(answer):
    """Without what differs from second to second and from cache to cache."""
    boundary = re.search(r"boundary=(\w+)", answer.header("Content-Type") or "")
    fields = [
        (name, value.replace(boundary[1], "BOUNDARY") if boundary else value)
        for name, value in answer.headers
        if name not in ("Date", "Age", "Connection", "X-Mcache", "X-Local")
    ]
    body = answer.body.replace(boundary[1].encode(), b"BOUNDARY") if boundary else answer.body
    return Answer(answer.status, sorted(fields), body)


def is_expected(answer, expected):
    return (
        answer.status == expected.status
        and answer.header("Content-Range") == expected.content_range
        and expected.body in (None, answer.body)
    )


def shown(answer):
    fields = ", ".join(f"{name}: {value}" for name, value in answer.headers)
    return f"{answer.status} ({fields}) {answer.text()[:60]}"


@dataclass
class Combinations(Steps):
    bed: Bed
    gates: Interleaving

    def reset(self):
        self.compared = 0
        self.differing = Counter(dict.fromkeys(DIFFERENCES, 0))

    async def fill(self, uri, says):
        """Asks until it is answered so, by a connection that may wait behind that for nginx."""
        connection = await KeptConnection.open(self.bed.port)

        async def there():
            await connection.send(uri, AS_ASKED)
            answer = await connection.answer()
            return says in (f"{name}: {value}" for name, value in answer.headers)

        try:
            await until(there, f"{uri} is not answered {says}")
        finally:
            connection.writer.close()

    async def prepare(self, case, n):
        """For each cache the N URIs to ask for, when its pages are in that state."""
        old = "&h=X-Accel-Expires:1"
        sites = ("mcache", "proxy")
        if case.state == "miss":
            return {cache: [case.uri(cache, number=f"/{i}") for i in range(n)] for cache in sites}
        if case.state == "hit":
            for cache in sites:
                local = case.kind in ("local", "file") and cache == "mcache"
                await self.fill(case.uri(cache), "X-Local: 1" if local else "X-Mcache: HIT")
            return {cache: [case.uri(cache)] * n for cache in sites}
        if case.state == "revalidated":
            uris = {cache: [case.uri(cache, old, f"/{i}") for i in range(n)] for cache in sites}
            for cache in sites:
                last = case.uri(cache, old, "/last")
                await ask_all(self.bed.port, [("GET", uri, AS_ASKED) for uri in [*uris[cache], last]])
                await self.fill(last, "X-Mcache: REVALIDATED")
            return uris
        # stale, and updating
        later = {"stale": "&to=dead", "updating": f"&gate={case.kind}"}[case.state]
        for cache in sites:
            await self.fill(case.uri(cache, old), "X-Mcache: HIT")
            await self.fill(case.uri(cache, later), "X-Mcache: STALE")
        return {cache: [case.uri(cache, later)] * n for cache in sites}

    def asks(self, case):
        if case.state != "hit" or case.kind not in IN_FULL:
            return representative()
        asks = representative() + all_without("If-Match", "If-Unmodified-Since")
        return asks + (all_without("Range", "If-Range") if case.kind == "both" else [])

    async def step_combine(self, cases):
        cases = [case_of(*case.split("/")) for case in cases.split()]
        wrong = await asyncio.gather(*map(self.combine, cases))
        return "\n".join(filter(None, wrong)) or "right"

    async def combine(self, case):
        asks = self.asks(case)
        uris = await self.prepare(case, len(asks))
        answers = [
            await ask_all(
                self.bed.port,
                [
                    (ask.method, uri, [*AS_ASKED, *ask.fields.items()])
                    for ask, uri in zip(asks, uris[cache])
                ],
                once=case.state in ("miss", "revalidated"),
            )
            for cache in ("mcache", "proxy")
        ]
        if case.state == "updating":
            await self.gates.step_open(case.kind)
        wrong = [why for each in zip(asks, *answers) if (why := self.compare(case, *each))]
        if wrong:
            return "\n".join([f"{len(wrong)} of {len(asks)} wrong", *wrong[:5]])
        return None

    def compare(self, case, ask, mine, theirs):
        """What is wrong with the answer of mcache's, or None."""
        self.compared += 1
        states = {answer.header("X-Mcache").partition(",")[0] for answer in (mine, theirs)}
        mine, theirs, should = normalised(mine), normalised(theirs), expected(case.page, ask)
        why = None
        if states != {case.state.upper()}:
            why = f"is {states}"
        elif not is_expected(mine, should):
            why = f"should be {should.status} {should.content_range or ''}"
        elif mine != theirs:
            reasons = [reason for reason, holds in DIFFERENCES.items() if holds(case, ask)]
            self.differing.update(reasons)
            why = None if reasons else "differs"
        return why and f"{case.state} {case.kind}, {ask} {why}: mcache {shown(mine)}, proxy_cache {shown(theirs)}"

    async def step_combinations(self):
        reasons = [f"{number} x {reason}" for reason, number in self.differing.items()]
        unseen = [reason for reason, number in self.differing.items() if not number]
        assert not unseen, f"no difference from proxy_cache any more: {unseen}"
        return "\n".join([f"{self.compared} combinations", *reasons])
