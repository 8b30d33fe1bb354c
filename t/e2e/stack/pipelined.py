"""Thousands of GET requests in the time of a few: sent one behind the other without waiting."""

import re
import socket
import threading
from dataclasses import dataclass

CONNECTIONS = 4
HEAD = re.compile(rb"HTTP/1\.1 (\d+).*?\r\n(.*?)\r\n\r\n", re.DOTALL)


@dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes


def split_answers(data):
    answers, at = [], 0
    while head := HEAD.match(data, at):
        fields = (line.split(": ", 1) for line in head[2].decode("latin-1").split("\r\n"))
        headers = {name.lower(): value for name, value in fields}
        at = head.end() + int(headers["content-length"])
        answers.append(Answer(int(head[1]), headers, data[head.end() : at]))
    return answers


def ask(port, uris):
    requests = [f"GET {uri} HTTP/1.1\r\nHost: localhost\r\n" for uri in uris]
    data = "\r\n".join([*requests[:-1], requests[-1] + "Connection: close\r\n\r\n"]).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        with connection.makefile("rb") as reply:
            answers = split_answers(reply.read())
        sender.join()
    if len(answers) != len(uris):
        raise RuntimeError(f"{len(uris)} requests, {len(answers)} answers")
    return answers


def ask_all(port, uris):
    """{uri: Answer}; keepalive_requests of that nginx has to be large."""
    answers = {}

    def run(part):
        answers.update(zip(part, ask(port, part)))

    threads = [threading.Thread(target=run, args=(uris[n::CONNECTIONS],)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
