"""A fleet whose pool changes while it serves."""

import asyncio

from stack.fleet import Fleet


async def in_thread(function, *arguments):
    """What waits for a process, beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


class Grid(Fleet):
    """members  how many of the memcacheds are in the pool at the beginning"""

    def __init__(self, locations, behave, members, **options):
        super().__init__(locations, behave, **options)
        self.members = self.memcacheds[:members]
        self.changing = False  # the nginx servers do not have the same pool
        self.changes = 0  # begun so far

    async def change(self, members, pauses):
        """Gives the nginx servers another pool, one after the other, with these pauses after each.
        Still `changing` when it ends: the caller may have something to do first."""
        self.changing = True
        self.changes += 1
        self.members = members
        for nginx, pause in zip(self.nginxes, pauses):
            nginx.configure(self.configuration())
            await in_thread(nginx.reload)
            await asyncio.sleep(pause)
