"""Steps for the servers' own state: those that stop, are gone, refuse or lie."""

import asyncio
from dataclasses import dataclass

from bed import Bed, Steps
from client import summary
from nginx import Nginx


@dataclass
class Outages(Steps):
    bed: Bed
    nginx: Nginx

    async def end(self):
        """All servers are there, empty, and say the truth."""
        for server in self.bed.servers:
            if server.process is not None:
                server.resume()
            await server.start()
            await server.flush()
        for liar in self.bed.liars.values():
            liar.truthful()
            await liar.listen_unix()
        for foreign in self.bed.foreign.values():
            foreign.unknown.clear()
        for front in self.bed.secure.values():
            front.reset()

    async def step_memcached(self, do, number="1"):
        server = self.bed.servers[int(number) - 1]
        if do == "stop":
            server.stop()
        elif do == "resume":
            server.resume()
        elif do == "kill":
            await server.kill()
        elif do == "start":
            await server.start()
        elif do == "flush":
            await server.flush()
        elif do == "fill":
            await server.fill()
        else:
            raise RuntimeError(f"memcached cannot {do}")
        return do

    async def step_lie(self, how):
        for liar in self.bed.liars.values():
            liar.lie = how
            if how != "leaves":
                await liar.listen_unix()
        return how

    async def step_refuse(self, command, text):
        """From now on the liars answer a command so, a line for each that `|` ends; `none`: no command."""
        for liar in self.bed.liars.values():
            if command == "none":
                liar.refusals.clear()
                continue
            liar.refusals[command.encode()] = b"".join(line.encode() + b"\r\n" for line in text.split("|"))
        return command

    async def step_answer_then_gone(self, held, broken):
        """The liar keeps a reply back, breaks its other connections and listens no more. Then the reply
        comes, which leads to another command."""
        liar = self.bed.liars["liar"]
        await self.step_lie("leaves")
        first = asyncio.ensure_future(self.nginx.get(held))
        await liar.stayed.wait()
        answers = [await self.nginx.get(broken)]
        liar.lie = "truth"
        answers = [await first, *answers]
        await liar.listen_unix()
        return summary([held, broken], answers)

    async def step_unknown(self, server):
        """The commands that a foreign server was sent and did not know."""
        counts = self.bed.foreign[server].unknown
        return " ".join(f"{command}:{counts[command]}" for command in sorted(counts)) or "none"

    async def step_handshakes(self):
        """How many a TLS front saw in all, how many resumed a session, and the names asked for."""
        fronts = self.bed.secure.values()
        names = set().union(*(front.names for front in fronts))
        return (
            f"{sum(front.handshakes for front in fronts)} handshakes, "
            f"{sum(front.resumed for front in fronts)} resumed, {' '.join(sorted(names))}"
        )
