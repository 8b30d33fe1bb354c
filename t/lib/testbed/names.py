"""A name server (RFC 1035, UDP, A and AAAA) whose answers are what the steps of a test say."""

import asyncio
import ipaddress
import struct

A, AAAA = 1, 28
NXDOMAIN, SERVFAIL = 3, 2


class Names(asyncio.DatagramProtocol):
    def __init__(self):
        self.table = {}  # of a name: its addresses, or "nxdomain", "servfail" or "silent"
        self.ttl = 0
        self.questions = 0
        self.transport = None

    async def listen(self):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        return transport.get_extra_info("sockname")[1]

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        self.questions += 1
        answer = self.answer(data)
        if answer is not None:
            self.transport.sendto(answer, peer)

    def answer(self, query):
        (ident,) = struct.unpack_from("!H", query)
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii").lower())
            at += 1 + query[at]
        (kind,) = struct.unpack_from("!H", query, at + 1)
        question = query[12 : at + 5]
        known = self.table.get(".".join(labels), "nxdomain")
        if known == "silent":
            return None
        code = {"nxdomain": NXDOMAIN, "servfail": SERVFAIL}.get(known, 0) if isinstance(known, str) else 0
        records = [] if isinstance(known, str) else self.records(known, kind)
        # A response to a recursive question, by a server that recurses.
        header = struct.pack("!HHHHHH", ident, 0x8180 | code, 1, len(records), 0, 0)
        return header + question + b"".join(records)

    def records(self, addresses, kind):
        out = []
        for address in map(ipaddress.ip_address, addresses):
            if kind == (A if address.version == 4 else AAAA):
                # The name is the question's.
                fixed = struct.pack("!HHHIH", 0xC00C, kind, 1, self.ttl, len(address.packed))
                out.append(fixed + address.packed)
        return out
