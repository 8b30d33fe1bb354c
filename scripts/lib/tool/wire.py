"""A connection to one memcached: the commands that the tool needs, in the meta protocol where the
server has it (1.6.18 on, as the module does), else in the classic one."""

import re
import socket
import ssl
from dataclasses import dataclass

from tool import Refused


@dataclass
class Item:
    value: bytes
    flags: int
    ttl: int = None  # seconds; -1: for ever; None: the server does not say
    last_access: int = None  # seconds ago
    hit_before: bool = None
    stale: bool = False  # marked so, by a soft purge
    stub: bool = False  # stands for a page that is being made


class Down(Exception):
    """A server that cannot be asked, and why."""


class Connection:
    def __init__(self, server, timeout, auth=None, tls=None):
        self.server = server
        try:
            if server.path:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.settimeout(timeout)
                self.socket.connect(server.path)
            else:
                self.socket = socket.create_connection((server.host, server.port), timeout)
            if tls:
                self.socket = tls_context(tls).wrap_socket(
                    self.socket, server_hostname=tls.get("tls_name") or server.host)
            self.file = self.socket.makefile("rb")
            if auth:
                self.log_in(auth)
            self.version = self.line(b"version\r\n").removeprefix("VERSION ")
        except (OSError, ssl.SSLError) as error:
            raise Down(str(error) or type(error).__name__) from None
        numbers = tuple(int(number) for number in re.findall(r"\d+", self.version)[:3])
        self.meta = numbers >= (1, 6, 18)

    def close(self):
        self.file.close()
        self.socket.close()

    def log_in(self, auth):
        words = auth.replace(":", " ", 1).encode()
        answer = self.line(b"set auth 0 0 %d\r\n%s\r\n" % (len(words), words))
        if answer != "STORED":
            raise Down(f"it refuses the user and password ({answer})")

    def line(self, command=b""):
        """Sends a command, if there is one, and returns the next line."""
        try:
            self.socket.sendall(command)
            line = self.file.readline()
        except OSError as error:
            raise Down(str(error)) from None
        if not line.endswith(b"\n"):
            raise Down("it closed the connection")
        return line.rstrip(b"\r\n").decode("latin-1")

    def lines(self, command, ends=("END", "OK")):
        line = self.line(command)
        while not line.startswith(ends):
            if line.startswith(("ERROR", "CLIENT_ERROR", "SERVER_ERROR", "BUSY")):
                raise Down(line)
            yield line
            line = self.line()

    def bytes(self, count):
        try:
            data = self.file.read(count + 2)
        except OSError as error:
            raise Down(str(error)) from None
        if len(data) != count + 2:
            raise Down("it closed the connection")
        return data[:-2]

    # ---- commands ---------------------------------------------------------------------------

    def get(self, key):
        """The Item under a key, or None. Does not count as its use, where the server knows that."""
        if not self.meta:
            return self.get_classic(key)
        words = self.line(b"mg " + key + b" v f t h l u\r\n").split()
        if words[0] == "EN":
            return None
        if words[0] != "VA":
            raise Down(" ".join(words))
        value = self.bytes(int(words[1]))
        said = {word[0]: word[1:] for word in words[2:]}
        flags = int(said.get("f", 0))
        return Item(value, flags, int(said["t"]), int(said["l"]), said["h"] == "1",
                    stale="X" in said, stub=not value and ("W" in said or "Z" in said))

    def get_classic(self, key):
        words = self.line(b"get " + key + b"\r\n").split()
        if words[0] == "END":
            return None
        if words[0] != "VALUE":
            raise Down(" ".join(words))
        value = self.bytes(int(words[3]))
        self.line()
        return Item(value, int(words[2]))

    def has(self, key):
        """Whether there is an item; its value is not sent where the server can leave it out."""
        if not self.meta:
            return self.get_classic(key) is not None
        return not self.line(b"mg " + key + b" s\r\n").startswith("EN")

    def delete(self, key):
        """Whether there was one."""
        answer = self.line(b"delete " + key + b"\r\n")
        if answer not in ("DELETED", "NOT_FOUND"):
            raise Down(answer)
        return answer == "DELETED"

    def mark_stale(self, key, seconds):
        """Softly; a server that cannot deletes."""
        if not self.meta:
            return self.delete(key)
        answer = self.line(b"md " + key + b" I T%d\r\n" % seconds)
        if answer.split()[0] not in ("HD", "NF"):
            raise Down(answer)
        return answer.startswith("HD")

    def append(self, key, text):
        """False: there is no item, or no room to make it longer."""
        answer = self.line(b"append " + key + b" 0 0 %d\r\n%s\r\n" % (len(text), text))
        if answer not in ("STORED", "NOT_STORED") and not answer.startswith("SERVER_ERROR"):
            raise Down(answer)
        return answer == "STORED"

    def add(self, key, flags, text):
        """False: there is one."""
        answer = self.line(b"add %s %d 0 %d\r\n%s\r\n" % (key, flags, len(text), text))
        if answer not in ("STORED", "NOT_STORED") and not answer.startswith("SERVER_ERROR"):
            raise Down(answer)
        return answer == "STORED"

    def flush(self):
        answer = self.line(b"flush_all\r\n")
        if answer != "OK":
            raise Down(answer)

    def stats(self):
        return dict(line.split(" ", 2)[1:] for line in self.lines(b"stats\r\n")
                    if line.startswith("STAT "))

    def dump(self):
        """A dictionary an item: key, exp, la, cas, fetch, cls, size."""
        for line in self.lines(b"lru_crawler metadump all\r\n", ends="END"):
            if line == "OK":  # newer ones say so first
                continue
            yield dict(word.split("=", 1) for word in line.split() if "=" in word)


def tls_context(tls):
    context = ssl.create_default_context(cafile=tls.get("tls_trusted_certificate"))
    if tls.get("tls_verify") == "off":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.get("tls_certificate"):
        try:
            context.load_cert_chain(tls["tls_certificate"], tls.get("tls_certificate_key"))
        except OSError as error:
            raise Refused(f"{tls['tls_certificate']}: {error}") from None
    return context
