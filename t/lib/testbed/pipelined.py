"""Thousands of requests in the time of a few: sent one behind the other without waiting, on some
connections at once."""

import asyncio
import re

from client import Answer

CONNECTIONS = 8
BATCH = 16
PATIENCE = 60.0
HEAD = re.compile(rb"HTTP/1\.1 (\d+)[^\r]*\r\n(.*?)\r\n\r\n", re.DOTALL)
BODILESS = (204, 304)


CHUNK = re.compile(rb"([0-9a-f]+)\r\n")


def chunks(data, at):
    """The body that begins there, and where it ends; None where it is not whole."""
    body = b""
    while size := CHUNK.match(data, at):
        begin, end = size.end(), size.end() + int(size[1], 16)
        if end + 2 > len(data):
            break
        body += data[begin:end]
        at = end + 2
        if begin == end:
            return body, at
    return None, at


def split_answers(data, methods):
    """The whole ones."""
    answers, at = [], 0
    while head := HEAD.match(data, at):
        fields = [tuple(line.split(": ", 1)) for line in head[2].decode("latin-1").split("\r\n")]
        answer = Answer(int(head[1]), fields)
        at = head.end()
        if methods[len(answers)] != "HEAD" and answer.status not in BODILESS:
            if answer.header("Transfer-Encoding") == "chunked":
                answer.body, at = chunks(data, at)
            else:
                begin, at = at, at + int(answer.header("Content-Length"))
                answer.body = data[begin:at] if at <= len(data) else None
            if answer.body is None:
                break
        answers.append(answer)
    return answers


class Reply(asyncio.Protocol):
    """All that comes until the connection ends, also by a reset: what came before that counts."""

    def __init__(self):
        self.pieces = []
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data):
        self.pieces.append(data)

    def connection_lost(self, exc):
        if not self.ended.done():  # the one that waited may have given up
            self.ended.set_result(None)


async def ask_at_once(port, requests):
    """The answers until the connection ended."""
    lines = []
    for method, uri, headers in requests:
        lines += [f"{method} {uri} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines.append("")
    data = "\r\n".join([*lines[:-1], "Connection: close", "", ""]).encode("latin-1")
    loop = asyncio.get_running_loop()
    transport, reply = await loop.create_connection(Reply, "127.0.0.1", port)
    try:
        transport.write(data)
        await asyncio.wait_for(reply.ended, PATIENCE)
    finally:
        transport.close()
    return split_answers(b"".join(reply.pieces), [method for method, _, _ in requests])


async def ask_in_row(port, requests, batch_size):
    """nginx ends the connection behind a 412 of its filters, and what it had sent before may be lost with
    what it has not read: who is not answered asks again, alone."""
    answers = []
    while len(answers) < len(requests):
        batch = requests[len(answers) :][:batch_size]
        some = await ask_at_once(port, batch)
        if batch_size > 1 and len(some) < len(batch):
            some += await ask_in_row(port, batch[len(some) :], 1)
        if len(some) < len(batch):
            raise RuntimeError(f"no answer to {batch[len(some)]}")
        answers += some
    return answers


async def ask_all(port, requests, once=False):
    """The answers to (method, uri, headers), in their order; keepalive_requests of that nginx has to be
    large. `once`: none may be asked for again."""
    rows = [requests[n::CONNECTIONS] for n in range(CONNECTIONS)]
    batch_size = 1 if once else BATCH
    rows = await asyncio.gather(*(ask_in_row(port, row, batch_size) for row in rows))
    answers = [None] * len(requests)
    for n, row in enumerate(rows):
        answers[n::CONNECTIONS] = row
    return answers
