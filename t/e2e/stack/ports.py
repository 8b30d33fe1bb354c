import random
import socket

# Below the range from which the kernel takes the ports of outgoing connections: a connection to
# a server that is down for a while could otherwise be given its port.
LOWEST, HIGHEST = 12000, 32000

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
    while True:
        port = chance.randint(LOWEST, HIGHEST)
        if port not in taken and is_free(port):
            taken.add(port)
            return port


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
