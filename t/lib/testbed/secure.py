"""Certificates, and a TLS front of a memcached that remembers who came: for what memcached's own TLS
does not tell.

    ca.pem              who is trusted
    server.pem, .key    for memcached.test and 127.0.0.1
    client.pem, .key    of a client
    other-ca.pem        who has signed none of them
"""

import asyncio
import os
import ssl
import subprocess

NAMES = "subjectAltName=DNS:memcached.test,IP:127.0.0.1"


def openssl(*arguments, directory):
    subprocess.run(
        ["openssl", *arguments], cwd=directory, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def make_certificates(directory):
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    new += ["-days", "2"]
    for name in ("ca", "other-ca"):
        openssl(*new, "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", directory=directory)  # fmt: skip
    for name in ("server", "client"):
        openssl(*new, "-subj", f"/CN={name}", "-addext", NAMES, "-addext", "basicConstraints=CA:FALSE",
                "-CA", "ca.pem", "-CAkey", "ca.key",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", directory=directory)  # fmt: skip
        os.chmod(os.path.join(directory, f"{name}.key"), 0o644)


class Secure:
    """In front of a memcached; `wants_client`: only who shows a certificate is let in."""

    def __init__(self, server, directory, wants_client):
        self.server = server
        self.context = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, cafile=os.path.join(directory, "ca.pem")
        )
        self.context.load_cert_chain(
            os.path.join(directory, "server.pem"), os.path.join(directory, "server.key")
        )
        if wants_client:
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.sni_callback = self.note_name
        self.reset()

    def reset(self):
        self.names = set()
        self.handshakes = 0
        self.resumed = 0

    def note_name(self, _, name, __):
        self.names.add(name or "none")

    async def listen(self):
        listener = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.context)
        return listener.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        self.handshakes += 1
        self.resumed += writer.get_extra_info("ssl_object").session_reused
        try:
            up_reader, up_writer = await self.server.connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, up_writer), pump(up_reader, writer))


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
