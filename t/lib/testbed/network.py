"""A network between nginx and memcached, with weather of its own.

    calm        bytes pass as they come
    latency     each piece takes 10 to 20 ms
    loss        one piece in five takes 250 ms, as what TCP has to send again does
    partition   nothing passes in either direction until it is calm
"""

import asyncio
import random

WEATHER = ("latency", "loss", "partition")


class Network:
    def __init__(self, server):
        self.server = server
        self.weather = "calm"
        self.chance = random.Random(1)

    async def listen(self):
        listener = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return listener.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        while self.weather == "partition":
            await asyncio.sleep(0.005)
        try:
            far_reader, far_writer = await self.server.connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))

    async def carry(self, reader, writer):
        try:
            while piece := await reader.read(16384):
                await self.pass_weather()
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def pass_weather(self):
        if self.weather == "latency":
            await asyncio.sleep(self.chance.uniform(0.01, 0.02))
        elif self.weather == "loss" and self.chance.random() < 0.2:
            await asyncio.sleep(0.25)
        while self.weather == "partition":
            await asyncio.sleep(0.005)
