"""What a client of HTTP/2 writes: frames, and the header of a request."""

import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
ACK = 1
END_STREAM_AND_HEADERS = 0x05
CANCEL = 8


def literal(name, value):
    """A header field of HPACK, not indexed, without Huffman code."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def request_block(method, uri, headers=()):
    """The header of a request, as HEADERS has it."""
    fields = [(":method", method), (":scheme", "http"), (":authority", "localhost"), (":path", uri)]
    fields += [(name.lower(), value) for name, value in headers]
    return b"".join(literal(name.encode(), value.encode()) for name, value in fields)


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload
