"""What the origin answers, whatever protocol asked.

The query string says what the answer looks like, so that a test reads on one line:

    status=404          status (200)
    h=Name:value        a response header, any number of them
    body=text           the body; otherwise "PATH N\n", where N counts the answers for this path, so
                        that a body tells whether the origin was asked
    size=BYTES          a body of that many bytes, different for each N
    noise=BYTES         a body of that many random digits, the same each time
    echo=name           the body is "name: value\n" of that request header, "name: -\n" without one
    etag=X, lm=DATE     ETag: "X", Last-Modified: DATE; a condition that matches is answered 304
    range=1             a Range of the form bytes=a-b is answered 206
    delay=MS            wait before the answer
    pause=MS            wait in the middle of the body
    framing=length|chunked|close    how the body is delimited (length)
    endless=1           the body begins with the one asked for and never ends; with framing=length,
                        Content-Length promises more than anybody waits for
    cut=...             break off; see frontends.py
    gzip=1              the body is gzip-compressed and says so; gzip=corrupt: from its middle on it
                        is none
    gate=, halfway=, versioned=     wait for the test, see interleave.py
    notype=1            no Content-Type (text/plain where h= names none)

A path that begins with /__/ is for the test, not for the site: see control.py. One in `scripts` is
answered as its function says, byte by byte: see answers.py.
"""

import asyncio
import gzip
import random
import zlib
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

from gate import Gate


@dataclass
class Request:
    method: str
    uri: str
    headers: list
    body: bytes = b""
    path: str = field(init=False)
    query: dict = field(init=False)

    def __post_init__(self):
        path, _, query = self.uri.partition("?")
        self.path = unquote(path)
        self.query = parse_qs(query, keep_blank_values=True)

    def arg(self, name, default=None):
        return self.query.get(name, [default])[0]

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


@dataclass
class Response:
    status: int = 200
    headers: list = field(default_factory=list)
    body: bytes = b""
    framing: str = "length"
    cut: str = ""
    pause: float = 0
    halfway: Gate | None = None
    endless: bool = False


class Origin:
    def __init__(self):
        self.counts = {}
        self.versions = {}
        self.gates = {}
        self.scripts = {}  # path: the function of request and number that says what is sent
        self.control = None
        self.streams = 0  # endless responses that are being sent

    def reset(self):
        self.scripts.clear()
        self.counts.clear()
        self.versions.clear()

    def gate(self, name):
        return self.gates.setdefault(name, Gate())

    def open_gates(self):
        for gate in self.gates.values():
            gate.opened.set()
        self.gates.clear()

    async def answer(self, request):
        if request.path.startswith("/__/"):
            status, body, headers = await self.control(request)
            return Response(status, headers, body)

        number = self.counts[request.path] = self.counts.get(request.path, 0) + 1
        if request.path in self.scripts:
            return self.scripts[request.path](request, number)
        body = body_of(request, number, self.versions.get(request.path, 1))
        if request.arg("gate"):
            await self.gate(request.arg("gate")).pass_through()
        await asyncio.sleep(float(request.arg("delay", 0)) / 1000)
        response = Response(
            status=int(request.arg("status", 200)),
            framing=request.arg("framing", "length"),
            cut=request.arg("cut", ""),
            pause=float(request.arg("pause", 0)) / 1000,
            body=body,
            endless=bool(request.arg("endless")),
        )
        if request.arg("halfway"):
            response.halfway = self.gate(request.arg("halfway"))
        for line in request.query.get("h", []):
            name, _, value = line.partition(":")
            response.headers.append((name, value.strip()))
        typed = any(name.lower() == "content-type" for name, _ in response.headers)
        if not typed and not request.arg("notype"):
            response.headers.append(("Content-Type", "text/plain"))
        if request.arg("gzip"):
            response.body = gzip_of(response.body, request.arg("gzip") == "corrupt")
            response.headers.append(("Content-Encoding", "gzip"))
        answer_condition(request, response)
        answer_range(request, response)
        return response


def gzip_of(body, corrupt):
    if not corrupt:
        return gzip.compress(body, mtime=0)
    half = len(body) // 2
    stream = zlib.compressobj(wbits=31)
    begin = stream.compress(body[:half]) + stream.flush(zlib.Z_FULL_FLUSH)
    return begin + b"\x07" * half  # a block of the type that there is not


def body_of(request, number, version):
    text = request.arg("body")
    if text is not None:
        return text.encode()
    name = request.arg("echo")
    if name is not None:
        return f"{name}: {request.header(name) or '-'}\n".encode()
    if request.arg("versioned"):
        return f"{request.path} version {version}\n".encode().ljust(int(request.arg("size", 0)))
    size = request.arg("size")
    if size is not None:
        line = f"{request.path} {number} ".encode()
        return (line * (int(size) // len(line) + 1))[: int(size)]
    noise = request.arg("noise")
    if noise is not None:
        return b"%0*x" % (int(noise), random.Random(1).getrandbits(4 * int(noise)))
    return f"{request.path} {number}\n".encode()


def answer_condition(request, response):
    etag, modified = request.arg("etag"), request.arg("lm")
    if etag is not None:
        response.headers.append(("ETag", f'"{etag}"'))
    if modified is not None:
        response.headers.append(("Last-Modified", modified))
    matches = (
        etag is not None and f'"{etag}"' in (request.header("If-None-Match") or "")
    ) or (modified is not None and request.header("If-Modified-Since") == modified)
    if matches:
        response.status, response.body = 304, b""


def answer_range(request, response):
    value = request.header("Range")
    if request.arg("range") is None or value is None:
        return
    first, _, last = value.removeprefix("bytes=").partition("-")
    total = len(response.body)
    response.body = response.body[int(first) : int(last) + 1]
    response.status = 206
    response.headers.append(("Content-Range", f"bytes {first}-{last}/{total}"))
