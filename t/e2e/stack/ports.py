import os
import random
import socket

# Below the range from which the kernel takes the ports of outgoing connections: a connection to
# a server that is down for a while could otherwise be given its port.
LOWEST, HIGHEST = 12000, 32000
SHARE = "MCACHE_E2E_PORTS"  # "12000-14999": this process and its children take these alone

taken = set()


def is_free(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(1)
        except OSError:
            return False
    return True


def free_port():
    """A TCP port of 127.0.0.1 that nobody listens on, and that this process did not get before."""
    chance = random.SystemRandom()
    first, last = map(int, os.environ.get(SHARE, f"{LOWEST}-{HIGHEST}").split("-"))
    while True:
        port = chance.randint(first, last)
        if port not in taken and is_free(port):
            taken.add(port)
            return port


def take_share(number, of):
    """From now on free_port() gives ports that those with another number never get."""
    size = (HIGHEST - LOWEST) // of
    first = LOWEST + number * size
    os.environ[SHARE] = f"{first}-{first + size - 1}"


def accepts(address):
    """Whether somebody listens on ("127.0.0.1", port) or on a unix socket's path."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family) as client:
        client.settimeout(1)
        try:
            client.connect(address)
        except OSError:
            return False
    return True
