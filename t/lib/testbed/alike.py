"""The same requests without a cache, with proxy_cache and with mcache: /none/, /proxy/ and /mcache/.

    alike(uri, headers)     "alike", or how the second answers differ. A path begins with /@/ in place of these;
                            headers are "Name: value|Name: value"

The second answer of a cache is its hit. With `but` a place is left out, or a field is not compared:
"none Content-Length". Not compared are the fields that tell how old a page is, which connection it came
over, and whether parts of it can be had (mcache has them of every page). An Expires may be the same
moment, or as far from its answer's Date.
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from bed import Bed, Steps
from client import request
from items import Items

PLACES = ("none", "proxy", "mcache")
UNLIKE = {"date", "age", "x-mcache", "connection", "keep-alive", "accept-ranges"}


def from_date(answer, name, value):
    """An Expires as its distance from Date; any other field, and what is no date, as it is."""
    try:
        moment = parsedate_to_datetime(value) if name == "expires" else None
    except ValueError:
        moment = None
    return value if moment is None else str(moment - parsedate_to_datetime(answer.header("Date")))


def parts(answer, place, unlike):
    def plain(text):
        return text.replace(f"/{place}/", "/@/")

    fields = [(name.lower(), plain(value)) for name, value in answer.headers if name.lower() not in unlike]
    return {
        "status": f"{answer.status} {answer.reason}",
        "fields": sorted(fields),
        "from Date": sorted((name, from_date(answer, name, value)) for name, value in fields),
        "body": plain(answer.body.decode("latin-1")),
    }


@dataclass
class Alike(Steps):
    bed: Bed
    items: Items

    async def second_answer(self, place, uri, headers):
        where = uri.replace("/@/", f"/{place}/")
        for turn in ("first", "second"):
            answer = await request(self.bed.port, "GET", where, headers)
            await self.items.step_settled()
            if turn == "second" and place != "none":
                status = answer.header("X-Mcache")
                assert status == "HIT", f"the second answer of {place} is no hit: {answer.status} {status}"
        return answer, place

    async def step_alike(self, uri, headers="", but=""):
        fields = [tuple(part.strip() for part in each.split(":", 1)) for each in headers.split("|") if each]
        words = but.split()
        unlike = UNLIKE | {word.lower() for word in words}
        answers = [await self.second_answer(place, uri, fields) for place in PLACES if place not in words]
        seen = [(place, parts(answer, place, unlike)) for answer, place in answers]
        wanted = seen[-1][1]
        differences = [
            f"{part}: {place} {each[part]!r}, mcache {wanted[part]!r}"
            for place, each in seen[:-1]
            for part in ("status", "fields", "body")
            if each[part] != wanted[part] and (part != "fields" or each["from Date"] != wanted["from Date"])
        ]
        return "; ".join(differences) or "alike"
