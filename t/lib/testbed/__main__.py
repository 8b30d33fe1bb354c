"""The servers that a Test::Nginx suite needs around nginx, in one process.

    python3 t/lib/testbed --nginx-port N --error-log FILE [--memcached tcp|unix|tls|auth ...]
                          [--memcached-option=OPTION ...] [--directory DIR] [--namespace]

An origin (HTTP, FastCGI, SCGI, uwsgi), the memcached servers, older and foreign ones in front of the
first, and some that lie. It prints the servers as `NAME ADDRESS`, the steps that it knows as
`step NAME PARAMETER...`, and the word `ready`. The process ends, and takes its servers with it, when its
standard input is closed, that is when the suite ends however it ends.
"""

import argparse
import asyncio
import sys

from bed import Bed
from control import Control
from foreign import foreign_servers
from frontends import FRONTENDS
from liar import Liar
from memcached import Memcached
from names import Names
from namespace import make_namespace
from network import Network
from origin import Origin
from secure import Secure, make_certificates


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nginx-port", type=int, required=True)
    parser.add_argument("--error-log", required=True)
    parser.add_argument("--pid-file", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--memcached", nargs="*", default=["tcp"], choices=["tcp", "unix", "tls", "auth", "same-port"])
    parser.add_argument("--memcached-option", action="append", default=[])
    parser.add_argument("--namespace", action="store_true")
    return parser.parse_args()


async def stdin_closed():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(4096):
        pass


async def main():
    options = arguments()
    if "tls" in options.memcached:
        make_certificates(options.directory)
    servers = [
        Memcached(kind, options.directory, number, options.memcached_option)
        for number, kind in enumerate(options.memcached, 1)
    ]
    wire = None
    try:
        for server in servers:
            await server.start()
        foreign = foreign_servers(servers[0])
        liars = {"liar": Liar(servers[0])}
        liars |= {f"{name}_liar": Liar(server) for name, server in foreign.items()}
        secure = {}
        if "tls" in options.memcached:
            secure["tls_front"] = Secure(servers[0], options.directory, wants_client=False)
            secure["tls_strict"] = Secure(servers[0], options.directory, wants_client=True)
        origin = Origin()
        names = Names()
        network = Network(servers[0])
        bed = Bed(
            origin, servers, foreign, liars, secure, names, network,
            options.nginx_port, options.error_log, options.pid_file,
        )  # fmt: skip
        control = Control(bed)
        origin.control = control.answer

        for number, server in enumerate(servers, 1):
            print(f"memcached{'' if number == 1 else f'_{number}'} {server.address}")
        print("names", f"127.0.0.1:{await names.listen()}")
        for name, serve in FRONTENDS.items():
            listener = await asyncio.start_server(
                lambda reader, writer, serve=serve: serve(origin, reader, writer), "127.0.0.1", 0
            )
            print(name, listener.sockets[0].getsockname()[1])
        for name, server in (foreign | liars | secure | {"network": network}).items():
            print(name, f"127.0.0.1:{await server.listen()}")
        socket = f"{options.directory}/liar.sock"
        await liars["liar"].listen_unix(socket)
        print("liar_socket", f"unix:{socket}")
        if options.namespace:
            wire = await make_namespace(options.directory)
            bed.wire = wire or network
            print("wire", bed.wire.address)
        for step in control.table():
            print("step", *step)
        print("ready", flush=True)
        await stdin_closed()
        origin.open_gates()
    finally:
        for server in servers:
            await server.kill()
        if wire is not None:
            await wire.kill()


if __name__ == "__main__":
    asyncio.run(main())
