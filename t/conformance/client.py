"""One HTTP/1.1 request on a connection of its own."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Answer:
    status: int
    headers: list
    body: bytes = b""
    interim: list = field(default_factory=list)

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def lines(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]


async def read_head(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
    return int(first.split()[1]), headers


async def read_chunks(reader):
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    return body


async def request(port, method, target, headers=(), host="site.test", body=""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1"))
        answer = Answer(*await read_head(reader))
        while 100 <= answer.status < 200:
            status, fields = await read_head(reader)
            answer = Answer(status, fields, interim=[*answer.interim, answer.status])
        if method == "HEAD" or answer.status in (204, 304):
            answer.body = await reader.read()
        elif (answer.header("Transfer-Encoding") or "") == "chunked":
            answer.body = await read_chunks(reader)
        elif answer.header("Content-Length") is not None:
            answer.body = await reader.readexactly(int(answer.header("Content-Length")))
        else:
            answer.body = await reader.read()
        return answer
    finally:
        writer.close()
