"""The protocols in which nginx asks the origin: HTTP/1.1, FastCGI, SCGI and uwsgi.

How a response may be cut off (`cut=`):
    short       fewer bytes than Content-Length, then the end of the connection
    chunk       chunked, but the connection ends where the last chunk should be
    badchunk    chunked, with a chunk size that is none
    reset       the connection is reset in the middle of the body
    header      the connection ends in the middle of the header
"""

import asyncio
import struct
from http import HTTPStatus

from answers import AsItIs
from client import reset
from origin import Request

ENDLESS = 1 << 40


def reason(status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def header_lines(response):
    return "".join(f"{name}: {value}\r\n" for name, value in response.headers)


def guarded(serve):
    """nginx, or the test, may go away in the middle of anything; that ends the connection and nothing
    else."""

    async def run(origin, reader, writer):
        try:
            await serve(origin, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    return run


async def ask(origin, request, reader, writer):
    """The response to be written; None where it has been, as it is."""
    response = await origin.answer(request)
    if isinstance(response, AsItIs):
        await response.send(reader, writer)
        return None
    return response


async def write_body(writer, response, body):
    if response.pause or response.halfway:
        half = len(body) // 2
        writer.write(body[:half])
        await writer.drain()
        await asyncio.sleep(response.pause)
        if response.halfway:
            await response.halfway.pass_through()
        body = body[half:]
    writer.write(body)
    await writer.drain()


async def write_without_end(origin, writer, response, chunked):
    """Until nginx closes the connection."""
    origin.streams += 1
    try:
        while not writer.transport.is_closing():
            writer.write(b"%x\r\n%s\r\n" % (len(response.body), response.body) if chunked else response.body)
            await writer.drain()
            await asyncio.sleep(0.01)
    finally:
        origin.streams -= 1


async def read_http(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, uri, version = first.split(" ")
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
    request = Request(method, uri, headers)
    length = int(request.header("Content-Length") or 0)
    request.body = await reader.readexactly(length)
    keep = version == "HTTP/1.1" and (request.header("Connection") or "").lower() != "close"
    return request, keep


async def write_http(origin, writer, request, response):
    """Writes the response; False where the connection is to be closed after it."""
    bodyless = request.method == "HEAD" or response.status in (204, 304)
    body = response.body
    head = f"HTTP/1.1 {response.status} {reason(response.status)}\r\n{header_lines(response)}"
    if response.cut == "header":
        writer.write(head.encode("latin-1")[:-7])
        return False
    chunked = response.framing == "chunked" or response.cut in ("chunk", "badchunk")
    if chunked:
        head += "Transfer-Encoding: chunked\r\n"
    elif response.framing == "length" and response.status != 304:
        head += f"Content-Length: {ENDLESS if response.endless else len(body)}\r\n"
    else:
        head += "Connection: close\r\n"
    writer.write((head + "\r\n").encode("latin-1"))
    if bodyless:
        return response.framing == "length"

    if response.endless:
        await write_without_end(origin, writer, response, chunked)
        return False
    if response.cut == "short":
        writer.write(body[: len(body) // 2])
        return False
    if response.cut == "reset":
        writer.write(body[: len(body) // 2])
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)
        return False
    if not chunked:
        await write_body(writer, response, body)
        return response.framing == "length"

    half = len(body) // 2
    for part in (body[:half], body[half:]):
        if part:
            writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await writer.drain()
        await asyncio.sleep(response.pause)
        if response.halfway:
            await response.halfway.pass_through()
    if response.cut == "badchunk":
        writer.write(b"zz\r\n")
    elif response.cut == "":
        writer.write(b"0\r\n\r\n")
    return response.cut == ""


@guarded
async def serve_http(origin, reader, writer):
    keep = True
    while keep:
        request, keep = await read_http(reader)
        response = await ask(origin, request, reader, writer)
        keep = response is not None and await write_http(origin, writer, request, response) and keep


def request_of_params(params, body):
    headers = [
        (name[5:].replace("_", "-"), value)
        for name, value in params.items()
        if name.startswith("HTTP_")
    ]
    return Request(params["REQUEST_METHOD"], params["REQUEST_URI"], headers, body)


def cgi_message(response, status_line):
    head = f"{status_line}{header_lines(response)}"
    if response.framing == "length":
        head += f"Content-Length: {len(response.body)}\r\n"
    body = response.body[: len(response.body) // 2] if response.cut == "short" else response.body
    return (head + "\r\n").encode("latin-1") + body


def status_header(response):
    return f"Status: {response.status} {reason(response.status)}\r\n"


FCGI_BEGIN, FCGI_END, FCGI_PARAMS, FCGI_STDIN, FCGI_STDOUT = 1, 3, 4, 5, 6


def fastcgi_params(data):
    params, at = {}, 0

    def length():
        nonlocal at
        value, at = data[at], at + 1
        if value & 0x80:
            value = (value & 0x7F) << 24 | int.from_bytes(data[at : at + 3], "big")
            at += 3
        return value

    while at < len(data):
        name_length, value_length = length(), length()
        name = data[at : at + name_length].decode("latin-1")
        at += name_length
        params[name] = data[at : at + value_length].decode("latin-1")
        at += value_length
    return params


@guarded
async def serve_fastcgi(origin, reader, writer):
    params, body = b"", b""
    while True:
        _, kind, number, length, padding, _ = struct.unpack(
            "!BBHHBB", await reader.readexactly(8)
        )
        content = await reader.readexactly(length)
        await reader.readexactly(padding)
        if kind == FCGI_PARAMS:
            params += content
        elif kind == FCGI_STDIN:
            body += content
            if not length:
                break

    def record(kind, content):
        return struct.pack("!BBHHBB", 1, kind, number, len(content), 0, 0) + content

    request = request_of_params(fastcgi_params(params), body)
    response = await ask(origin, request, reader, writer)
    if response is None:
        return
    message = cgi_message(response, status_header(response))
    for at in range(0, len(message), 32768):
        writer.write(record(FCGI_STDOUT, message[at : at + 32768]))
    if response.cut == "reset":
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)
        return
    writer.write(record(FCGI_STDOUT, b"") + record(FCGI_END, struct.pack("!IB3x", 0, 0)))
    await writer.drain()


@guarded
async def serve_scgi(origin, reader, writer):
    length = int((await reader.readuntil(b":"))[:-1])
    fields = (await reader.readexactly(length)).decode("latin-1").split("\0")
    await reader.readexactly(1)
    params = dict(zip(fields[0::2], fields[1::2]))
    body = await reader.readexactly(int(params.get("CONTENT_LENGTH") or 0))
    response = await ask(origin, request_of_params(params, body), reader, writer)
    if response is None:
        return
    writer.write(cgi_message(response, status_header(response)))
    await writer.drain()


@guarded
async def serve_uwsgi(origin, reader, writer):
    _, size, _ = struct.unpack("<BHB", await reader.readexactly(4))
    data, at, fields = await reader.readexactly(size), 0, []
    while at < size:
        (length,) = struct.unpack_from("<H", data, at)
        fields.append(data[at + 2 : at + 2 + length].decode("latin-1"))
        at += 2 + length
    params = dict(zip(fields[0::2], fields[1::2]))
    body = await reader.readexactly(int(params.get("CONTENT_LENGTH") or 0))
    response = await ask(origin, request_of_params(params, body), reader, writer)
    if response is None:
        return
    line = f"HTTP/1.1 {response.status} {reason(response.status)}\r\n"
    writer.write(cgi_message(response, line))
    await writer.drain()


FRONTENDS = {
    "origin_port": serve_http,
    "fastcgi_port": serve_fastcgi,
    "scgi_port": serve_scgi,
    "uwsgi_port": serve_uwsgi,
}
