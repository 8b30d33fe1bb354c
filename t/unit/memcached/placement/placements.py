#!/usr/bin/python3
"""Writes placements.inc: where pylibmc puts keys, as found in real memcached processes.

    ./placements.py > placements.inc

Each row of the table names the servers, the behaviours, and for each of the keys /page/0?x=0 to
/page/249?x=1743 the index of the server that held it after pylibmc had stored it.
"""
import os
import socket
import subprocess
import sys
import time

import pylibmc

KEYS = [f"/page/{i}?x={i * 7}" for i in range(250)]
HASHES = ["default", "md5", "crc", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32", "hsieh", "murmur",
          "jenkins"]
DISTRIBUTIONS = {
    "Modula": {"distribution": "modula"},
    "Consistent": {"distribution": "consistent"},
    "Ketama": {"ketama": True},
    "KetamaWeighted": {"ketama_weighted": True},
}
PORTS = [f"127.0.0.1:{port}" for port in range(21311, 21316)]
DEFAULT_PORT = [f"127.9.0.{i}:11211" for i in range(1, 6)]
SOCKETS = [f"/tmp/mcache-placement-{i}.sock" for i in range(5)]
EQUAL = [1, 1, 1, 1, 1]
WEIGHTS = [1, 2, 3, 1, 5]


def connect(server):
    if server.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(server)
        return connection
    host, port = server.split(":")
    return socket.create_connection((host, int(port)))


def start(server):
    if server.startswith("/"):
        where = ["-s", server]
    else:
        host, port = server.split(":")
        where = ["-l", host, "-p", port, "-U", "0"]
    return subprocess.Popen(["memcached", "-u", "root", "-m", "16"] + where)


def holds(connection, key):
    connection.sendall(f"mg {key} s\r\n".encode())
    return connection.makefile("rb").readline().startswith(b"HD")


def placement(servers, weights, behaviors):
    connections = [connect(server) for server in servers]
    for connection in connections:
        connection.sendall(b"flush_all\r\n")
        assert connection.recv(100) == b"OK\r\n"
    specs = [server if server.startswith("/") else f"{server}:{weight}"
             for server, weight in zip(servers, weights)]
    client = pylibmc.Client(specs, behaviors=behaviors)
    for key in KEYS:
        assert client.set(key, b"x")
    found = "".join(str([holds(c, key) for c in connections].index(True)) for key in KEYS)
    for connection in connections:
        connection.close()
    return found


def row(servers, weights, distribution, key_hash):
    behaviors = dict(DISTRIBUTIONS[distribution], hash=key_hash)
    try:
        digits = placement(servers, weights, behaviors)
    except pylibmc.Error:
        print(f"{key_hash} is not in this libmemcached", file=sys.stderr)
        return
    name = {id(PORTS): "kPorts", id(DEFAULT_PORT): "kDefaultPort", id(SOCKETS): "kSockets"}
    print(f"    {{{name[id(servers)]}, {'kEqual' if weights is EQUAL else 'kWeights'}, "
          f"Distribution::{distribution}, Hash::{key_hash.capitalize()},")
    lines = [digits[i:i + 80] for i in range(0, len(digits), 80)]
    print("\n".join(f'     "{line}"' for line in lines) + "},")


processes = [start(server) for server in PORTS + DEFAULT_PORT + SOCKETS]
try:
    for server in PORTS + DEFAULT_PORT + SOCKETS:
        deadline = time.monotonic() + 10
        while True:
            try:
                connect(server).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
    print("// Written by placements.py.")
    for key_hash in HASHES:
        row(PORTS, EQUAL, "Modula", key_hash)
    for distribution in ("Consistent", "Ketama", "KetamaWeighted"):
        for key_hash in ("default", "md5", "crc"):
            row(PORTS, EQUAL, distribution, key_hash)
        row(PORTS, WEIGHTS, distribution, "default")
        row(DEFAULT_PORT, EQUAL, distribution, "default")
        row(SOCKETS, EQUAL, distribution, "default")
    row(PORTS, WEIGHTS, "Modula", "default")
    row(SOCKETS, EQUAL, "Modula", "default")
finally:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()
    for path in SOCKETS:
        if os.path.exists(path):
            os.unlink(path)
