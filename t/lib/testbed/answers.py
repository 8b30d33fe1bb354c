"""Answers of backends byte by byte: what HTTP, FastCGI, SCGI and uwsgi backends get wrong, or hardly
right. Each is sent as it is, and then the connection is closed.
"""

import struct
import zlib
from dataclasses import dataclass

from client import reset
from gate import Gate

BUFFER = 4096  # proxy_buffer_size of nginx on these machines
ITEM = 1024 * 1024  # what memcached takes at most
PAGE = b"a page\n"


@dataclass
class AsItIs:
    """Bytes to send, and what then becomes of the connection."""

    data: bytes
    then: str = "close"  # or reset; or hold: silence, until the other end closes it
    gate: Gate | None = None  # before that

    async def send(self, reader, writer):
        writer.write(self.data)
        await writer.drain()
        if self.gate is not None:
            await self.gate.pass_through()
        if self.then == "reset":
            reset(writer)
        elif self.then == "hold":
            await reader.read()


def http(*fields, status=b"200 OK", body=PAGE, framed=True):
    """Fields without their line end. Not framed: whoever calls says where the body ends."""
    lines = [b"HTTP/1.1 " + status, b"Content-Type: text/plain", *fields]
    if framed:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def unframed(*fields, **rest):
    return http(*fields, framed=False, **rest)


def chunked(body):
    return unframed(b"Transfer-Encoding: chunked", body=body)


def padded(size):
    """A header of that many bytes."""
    return http(b"X-Pad: " + b"p" * (size - len(http(b"X-Pad: ", body=b""))))


def bomb(megabytes):
    """Zeros, compressed to a thousandth: a block that stands for itself, again and again."""
    stream = zlib.compressobj(9, wbits=-15)
    zeros = bytes(1 << 20)
    block = stream.compress(zeros) + stream.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(megabytes):
        check = zlib.crc32(zeros, check)
    end = b"\x03\x00" + struct.pack("<II", check, megabytes << 20)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + block * megabytes + end


INTERIM = {
    "100": b"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n" + http(),
    "100-100": b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + http(),
    "102": b"HTTP/1.1 102 Processing\r\n\r\n" + http(),
    "103": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + http(),
    "199": b"HTTP/1.1 199 Odd\r\nX-Interim: 1\r\n\r\n" + http(),
    "100-alone": b"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n",
    "100-with-length": http(b"X-Interim: 1", status=b"100 Continue") + http(),
    "101": http(b"Upgrade: websocket", b"Connection: Upgrade", status=b"101 Switching Protocols"),
}

STATUSES = {
    "no-reason": http(status=b"200"),
    "odd-reason": http(status=b"200 \xfc\x01 \x1b"),
    "reason-with-cr": http(status=b"200 OK\rX-A: b"),
    "reason-with-nul": http(status=b"200 O\0K"),
    "status-000": http(status=b"000 None"),
    "status-600": http(status=b"600 More"),
    "status-999": http(status=b"999 Most"),
    "status-2000": http(status=b"2000 OK"),
    "status-20": http(status=b"20 OK"),
    "204-with-body": http(status=b"204 No Content"),
    "205-with-body": http(status=b"205 Reset Content"),
    "304-unasked": http(status=b"304 Not Modified"),
    "http-0.9": b"a page and no header\n",
    "http-2": http().replace(b"HTTP/1.1", b"HTTP/2.0"),
    "nothing": b"",
    "only-line-ends": b"\r\n\r\n",
    "garbage": bytes(range(256)) * 4,
}

FIELDS = {
    "nul": http(b"X-A: a\0b"),
    "nul-in-name": http(b"X\0A: a"),
    "cr": http(b"X-A: a\rX-B: b"),
    "cr-cr-lf": http(b"X-A: a\r"),
    "lf": http(b"X-A: a\nX-B: b"),
    "lf-lf": http(b"X-A: a\n\nX-B: b"),
    "fold": http(b"X-A: a\r\n b"),
    "fold-at-once": http(b" X-A: a"),
    "8-bit": http(b"X-A: \xfc\x80\xff"),
    "8-bit-name": http(b"X-\xfc: a"),
    "controls": http(b"X-A: \x01\x1b[2J\x7f"),
    "tabs": http(b"X-A:\ta\tb\t"),
    "no-name": http(b": a"),
    "no-colon": http(b"X-A"),
    "blank-in-name": http(b"X A: a"),
    "blank-before-colon": http(b"X-A : a"),
    "slash-in-name": http(b"X/A: a"),
    "quote-in-name": http(b'X"A: a'),
    "underscore": http(b"X_A: a"),
    "empty": http(b"X-A:", b"X-B: "),
    "odd-type": http(b"Content-Type: text/\xfc; charset=\"\x01"),
    "two-types": http(b"Content-Type: text/html; charset=a", b"Content-Type: text/html; charset=b"),
    "odd-tag": http(b'ETag: "\xfc\x01'),
    "odd-date": http(b"Last-Modified: \xfc", b"Expires: \x01", b"Date: \xff"),
    "odd-location": http(b"Location: http://\xfc\x01/ a", status=b"302 Found"),
    "odd-encoding": http(b"Content-Encoding: \x01"),
    "odd-vary": http(b"Vary: a\x01b"),
    "odd-cache-control": http(b"Cache-Control: max-age=60, \xff=\x01"),
    "two-of-a-name": http(b"X-A: a", b"x-a: b", b"X-A: a"),
    "framing-in-a-value": http(b"X-A: Transfer-Encoding: chunked"),
}

LENGTHS = {
    "longer": unframed(b"Content-Length: 7", body=PAGE + http()),
    "shorter": unframed(b"Content-Length: 8"),
    "same-twice": http(b"Content-Length: 7"),
    "two": http(b"Content-Length: 70"),
    "two-first-right": unframed(b"Content-Length: 7", b"Content-Length: 3"),
    "list": unframed(b"Content-Length: 7, 7"),
    "negative": unframed(b"Content-Length: -7"),
    "plus": unframed(b"Content-Length: +7"),
    "hexadecimal": unframed(b"Content-Length: 0x7"),
    "empty-length": unframed(b"Content-Length:"),
    "words": unframed(b"Content-Length: seven"),
    "2-to-the-63": unframed(b"Content-Length: 9223372036854775808"),
    "2-to-the-64": unframed(b"Content-Length: 18446744073709551623"),
    "huge": unframed(b"Content-Length: 9223372036854775807"),
    "none": unframed(),
    "length-and-chunks": unframed(
        b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"7\r\na page\n\r\n0\r\n\r\n"
    ),
    "other-coding": unframed(b"Transfer-Encoding: xchunked", body=b"7\r\na page\n\r\n0\r\n\r\n"),
    "two-codings": unframed(
        b"Transfer-Encoding: gzip, chunked", body=b"7\r\na page\n\r\n0\r\n\r\n"
    ),
    "chunks": chunked(b"3\r\na p\r\n4\r\nage\n\r\n0\r\n\r\n"),
    "chunk-extension": chunked(b"7;a=b\r\na page\n\r\n0\r\n\r\n"),
    "chunk-trailer": chunked(b"7\r\na page\n\r\n0\r\nX-A: a\r\n\r\n"),
    "chunks-and-more": chunked(b"7\r\na page\n\r\n0\r\n\r\n" + http()),
    "chunk-short": chunked(b"8\r\na page\n\r\n0\r\n\r\n"),
    "chunk-huge": chunked(b"ffffffffffffffff\r\na page\n\r\n0\r\n\r\n"),
    "chunk-wraps": chunked(b"10000000000000007\r\na page\n\r\n0\r\n\r\n"),
    "chunk-negative": chunked(b"-7\r\na page\n\r\n0\r\n\r\n"),
    "no-last-chunk": chunked(b"7\r\na page\n\r\n"),
    "half-last-chunk": chunked(b"7\r\na page\n\r\n0\r\n"),
}

SIZES = {
    "buffer-less": lambda: padded(BUFFER - 1),
    "buffer": lambda: padded(BUFFER),
    "buffer-more": lambda: padded(BUFFER + 1),
    "buffer-never-ends": lambda: b"HTTP/1.1 200 OK\r\nX-Pad: " + b"p" * 100000,
    "1000-fields": lambda: http(*[b"X-%d: %d" % (i, i) for i in range(1000)]),
    "70000-fields": lambda: http(*[b"X:%d" % i for i in range(70000)]),
    "long-value": lambda: http(b"X-A: " + b"v" * 500000),
    "long-name": lambda: http(b"X-" + b"n" * 65533 + b": a"),
    "longer-name": lambda: http(b"X-" + b"n" * 65534 + b": a"),
    "header-fits-item": lambda: http(b"X-A: " + b"v" * (ITEM - 2000)),
    "header-fits-no-item": lambda: http(b"X-A: " + b"v" * ITEM),
    "bomb": lambda: http(b"Content-Encoding: gzip", body=bomb(64)),
}


# FastCGI, https://fastcgi-archives.github.io/FastCGI_Specification.html: nginx's request is number 1.


def record(kind, content=b"", version=1, number=1):
    return struct.pack("!BBHHBB", version, kind, number, len(content), 0, 0) + content


END, STDOUT, STDERR = 3, 6, 7
CGI = b"Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n"
CGI_LENGTH = b"Content-Type: text/plain\r\nContent-Length: 7\r\n\r\n"
ENDED = record(STDOUT) + record(END, bytes(8))

FASTCGI = {
    "right": record(STDOUT, CGI + PAGE) + ENDED,
    "only-stderr": record(STDERR, b"PHP message: no\r\nX-A: a\r\n\r\n") + ENDED,
    "stderr-before": record(STDERR, b"PHP message: a\n") + record(STDOUT, CGI + PAGE) + ENDED,
    "stderr-within": record(STDOUT, CGI[:20]) + record(STDERR, b"X-Err: a\r\n") +
    record(STDOUT, CGI[20:] + PAGE[:3]) + record(STDERR, b"err\n") + record(STDOUT, PAGE[3:]) + ENDED,
    "only-end": ENDED,
    "end-without-body": record(STDOUT, CGI) + ENDED,
    "end-before-length": record(STDOUT, CGI_LENGTH + PAGE[:3]) + ENDED,
    "byte-by-byte": b"".join(record(STDOUT, bytes([byte])) for byte in CGI + PAGE) + ENDED,
    "no-end": record(STDOUT, CGI + PAGE),
    "no-end-but-length": record(STDOUT, CGI_LENGTH + PAGE),
    "within-a-record": record(STDOUT, CGI + PAGE) + record(STDOUT, b"more")[:10],
    "other-version": record(STDOUT, CGI + PAGE, version=9) + ENDED,
    "other-request": record(STDOUT, CGI + PAGE, number=2) + ENDED,
    "unknown-record": record(STDOUT, CGI) + record(99, b"what") + ENDED,
    "nul": record(STDOUT, b"X-A: a\0b\r\n" + CGI + PAGE) + ENDED,
    "cr": record(STDOUT, b"X-A: a\rX-B: b\r\n" + CGI + PAGE) + ENDED,
    "odd-status": record(STDOUT, b"Status: \xfc\x01\r\n\r\n" + PAGE) + ENDED,
    "http": http(),
}  # fmt: skip

SCGI = {
    "right": CGI_LENGTH + PAGE,
    "shorter": CGI_LENGTH.replace(b"7", b"8") + PAGE,
    "negative": CGI_LENGTH.replace(b"7", b"-7") + PAGE,
    "nul": b"X-A: a\0b\r\n" + CGI + PAGE,
    "within-header": CGI[:-3],
    "odd-status": b"Status: what\r\n" + CGI_LENGTH + PAGE,
}

ANSWERS = {"fastcgi": FASTCGI, "scgi": SCGI, "uwsgi": SCGI}
HTTP = INTERIM | STATUSES | FIELDS | LENGTHS | SIZES


def answer_named(protocol, name):
    data = ANSWERS.get(protocol, HTTP)[name]
    return data if isinstance(data, bytes) else data()
