"""Steps for backends that break the rules of their protocol, or break off.

    answer(where, name)     asks for what answers.py has under that name, at /WHERE-plain/NAME without
                            mcache and then twice at /WHERE/NAME, and compares all three to the byte

    bomb(name)              a page that is unpacked to far more than it is

The answer is the status that the first of them got, `no header` or `nothing`; `cut` where it broke off;
and whether it was stored. $mcache_reason follows where it is in the header, and what is not as it is
without mcache, or no single response.
"""

import asyncio
from dataclasses import dataclass, field

from answers import ANSWERS, AsItIs, answer_named, bomb, http
from bed import Bed, Steps
from items import Items
from nginx import Nginx

PATIENCE = 30.0  # of a client; it is only to tell late from never
MEMORY = 16 * 1024  # KB that a page may take on its way through the worker

# What a response with mcache may have, or say otherwise, than one without. The body is compared.
OWN = (b"age", b"accept-ranges", b"connection", b"content-length", b"date", b"transfer-encoding",
       b"x-mcache", b"x-reason")  # fmt: skip


@dataclass
class Message:
    """What came on a connection to its end, read as strictly as one can."""

    kind: str = "nothing"  # or the status, or `no header`
    fields: list = field(default_factory=list)
    body: bytes = b""
    whole: bool = False
    faults: list = field(default_factory=list)

    def said(self, name):
        values = [value for key, value in self.fields if key.lower() == name]
        return b", ".join(values).decode("latin-1")

    def others(self):
        return [each for each in self.fields if each[0].lower() not in OWN]

    def __str__(self):
        return self.kind if self.whole or self.kind == "nothing" else f"{self.kind} cut"


def read_chunks(data):
    """The body, whether it is whole, and what follows it."""
    body = b""
    while True:
        size, end, data = data.partition(b"\r\n")
        if not end:
            return body, False, b""
        size = int(size, 16)
        body, rest = body + data[:size], data[size:]
        if len(data) < size or not rest.startswith(b"\r\n"):
            return body, False, b""
        data = rest[2:]
        if size == 0:
            return body, True, data


def read_message(data):
    if not data:
        return Message()
    if not data.startswith(b"HTTP/1.1 "):
        return Message("no header", [], data, True)
    head, _, rest = data.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    message = Message(line.split()[1].decode("latin-1"))
    for each in lines:
        name, colon, value = each.partition(b": ")
        if not colon or any(byte in each for byte in b"\r\n\0"):
            message.faults.append(f"a line of the header is {each!r}")
        message.fields.append((name, value))
    if message.said(b"transfer-encoding") == "chunked":
        message.body, message.whole, rest = read_chunks(rest)
        if rest:
            message.faults.append(f"bytes behind the last chunk: {rest[:40]!r}")
    else:
        bodyless = message.kind[0] == "1" or message.kind in ("204", "304")
        message.body = rest
        message.whole = len(rest) == (0 if bodyless else int(message.said(b"content-length") or -1))
        if not message.said(b"content-length") and not bodyless:
            message.faults.append("no framing")
        if bodyless and rest:
            message.faults.append(f"bytes behind the header: {rest[:40]!r}")
    return message


def differences(plain, other):
    faults = list(other.faults) if other.faults != plain.faults else []
    if other.kind != plain.kind or other.whole != plain.whole:
        faults.append(f"{other} without mcache {plain}")
    if other.others() != plain.others():
        faults.append(f"{other.others()[:20]} without mcache {plain.others()[:20]}")
    if other.body != plain.body:
        faults.append(f"{len(other.body)} bytes {other.body[:40]!r} without mcache "
                      f"{len(plain.body)} {plain.body[:40]!r}")  # fmt: skip
    return faults


@dataclass
class Backends(Steps):
    bed: Bed
    nginx: Nginx
    items: Items

    async def step_bomb(self, name):
        """A page that is some KB, and 256 MB when it is unpacked; gunzip unpacks it for clients that do
        not take gzip. Says what else it does than that."""
        packed = http(b"Content-Encoding: gzip", body=bomb(256))
        body = packed.partition(b"\r\n\r\n")[2]
        self.bed.origin.scripts[f"/{name}"] = lambda request, number: AsItIs(packed)
        memory = self.nginx.resident()
        faults = []
        for status in ("MISS", "HIT"):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.bed.port)
            writer.write(f"GET /{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            if f"X-Mcache: {status}".encode() not in head or b"Content-Encoding" in head:
                faults.append(f"{head!r}")
            unpacked = await asyncio.wait_for(reader.readexactly(8 << 20), PATIENCE)
            if unpacked.count(0) < 0.99 * len(unpacked):
                faults.append("not what was packed")
            # It reads no further, and others are served all the same.
            await self.items.step_stored(f"/{name}")
            answer = await self.all_of(f"/{name}", "Accept-Encoding: gzip")
            if str(answer) != "200" or answer.body != body or answer.said(b"x-mcache") != "HIT":
                faults.append(f"{answer}: {len(answer.body)} bytes in place of {len(body)}")
            if (more := self.nginx.resident() - memory) > MEMORY:
                faults.append(f"{more} KB more memory")
            writer.close()
        item = await self.items.find(f"/{name}")
        if not item.value.endswith(body):
            faults.append("not stored as it came")
        return "; ".join(faults) or "right"

    async def all_of(self, uri, *lines):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.bed.port)
        try:
            head = [f"GET {uri} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""]
            writer.write("\r\n".join(head).encode("latin-1"))
            return read_message(await asyncio.wait_for(reader.read(), PATIENCE))
        finally:
            writer.close()

    async def step_answer(self, where, name):
        protocol = where.partition("-")[0]
        path = f"/{protocol}/{name}" if protocol in ANSWERS else f"/{name}"
        data = answer_named(protocol, name)
        self.bed.origin.scripts[path] = lambda request, number: AsItIs(data)
        plain = await self.all_of(f"/{where}-plain/{name}")
        first = await self.all_of(f"/{where}/{name}")
        await self.items.step_settled()
        stored = await self.items.lies_there(f"/{where}/{name}") == "page"
        second = await self.all_of(f"/{where}/{name}")
        faults = [f"first: {each}" for each in differences(plain, first)]
        faults += [f"then: {each}" for each in differences(plain, second)]
        served = second.said(b"x-mcache") == "HIT"
        if served != stored:
            faults.append(f"then {second.said(b'x-mcache')}")
        outcome = f"{first} {'stored' if stored else 'not stored'}"
        if reason := first.said(b"x-reason"):
            outcome += f" {reason}"
        return "; ".join([outcome, *dict.fromkeys(faults)])
