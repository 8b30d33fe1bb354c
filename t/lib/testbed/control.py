"""The steps of a test that are not requests to the site: `GET /__/NAME?...`, passed on by nginx.

What a test waits for is awaited here, against a deadline, so that no suite sleeps. The answer is 200
with a line that says how things are; 504 where a deadline passed; 500 where what was asked is not so.
"""

import inspect

from alike import Alike
from asking import Asking
from backends import Backends
from bed import Deadline
from breaking import Breaking
from clients import Clients
from combinations import Combinations
from copies import Copies
from departures import Departures
from faults import Faults
from interleave import Interleaving
from items import Items
from large import LargeBodies
from mixtures import Mixtures
from nginx import Nginx
from outages import Outages
from resolved import Resolved
from slow_readers import SlowReaders


class Control:
    def __init__(self, bed):
        self.bed = bed
        nginx = Nginx(bed)
        items = Items(bed, nginx)
        self.outages = outages = Outages(bed, nginx)
        asking = Asking(bed, nginx, items)
        gates = Interleaving(bed, nginx, items, asking)
        large = LargeBodies(bed, items)
        backends = Backends(bed, nginx, items)
        self.parts = [
            nginx, items, outages, asking, gates, large, backends,
            Alike(bed, items),
            Breaking(bed, nginx, items, backends),
            Clients(bed, nginx, gates),
            Combinations(bed, gates),
            Copies(bed, nginx, outages),
            Departures(bed, nginx, items, outages, gates, large),
            Faults(bed, nginx, outages),
            Mixtures(bed, nginx, items),
            Resolved(bed, nginx, items),
            SlowReaders(bed, nginx, items, large),
        ]  # fmt: skip
        self.steps = {"reset": self.reset}
        for part in self.parts:
            for name, method in inspect.getmembers(part, inspect.ismethod):
                if name.startswith("step_"):
                    step = name.removeprefix("step_").replace("_", "-")
                    assert step not in self.steps, f"two parts have the step {step}"
                    self.steps[step] = method

    def table(self):
        """Of each step its name and those of its parameters, as Test::Mcache reads them."""
        return [[name, *inspect.signature(method).parameters] for name, method in self.steps.items()]

    async def reset(self):
        """What a suite does between two blocks."""
        await self.outages.end()
        self.bed.origin.reset()
        for part in self.parts:
            part.reset()
        return "reset"

    async def answer(self, http):
        name = http.path.removeprefix("/__/")
        step = self.steps.get(name)
        if step is None:
            return 404, f"no step {name}\n".encode(), []
        args = {key: values[-1] for key, values in http.query.items()}
        try:
            answer = await step(**args)
        except Deadline as reached:
            return 504, f"timed out: {reached}\n".encode(), []
        except (AssertionError, RuntimeError, OSError, TypeError) as wrong:
            return 500, f"{type(wrong).__name__}: {wrong}\n".encode(), []
        if isinstance(answer, tuple):
            return 200, *answer
        return 200, f"{answer}\n".encode(), []
