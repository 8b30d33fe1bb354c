"""Plays one case: sets the origin's next answer, asks, and compares."""

import asyncio
import re

from client import request
from stack import settle


def joined(headers, name):
    values = [value for key, value in headers if key.lower() == name.lower()]
    return ", ".join(values) if values else None


def mismatch(headers, has, lacks, whose):
    for line in has:
        name, _, pattern = line.partition(": ")
        value = joined(headers, name)
        if value is None or not re.fullmatch(pattern, value, re.S):
            return f"{whose} {name} is {value!r}, not {pattern!r}"
    for name in lacks:
        if joined(headers, name) is not None:
            return f"{whose} has {name}: {joined(headers, name)}"
    return None


def wrong_source(want, answer, seen, earlier):
    asked = bool(seen)
    if want.source == "origin" and not asked:
        return "answered without asking the origin"
    if want.source == "cache" and asked:
        return "the origin was asked"
    if want.source == "validated":
        if not asked:
            return "answered without asking the origin"
        conditions = ("If-None-Match", "If-Modified-Since")
        if not any(joined(seen[-1].headers, name) for name in conditions):
            return "the origin was asked without a condition"
    if want.source == "old" and (not earlier or answer.body != earlier[0].body):
        return f"not the first answer's body: {answer.status} {answer.body[:40]!r}"
    if want.source == "new" and any(answer.body == other.body for other in earlier):
        return "an earlier answer's body"
    return None


async def play_step(step, path, record, stack, earlier):
    record.answer, seen_before = step.origin, len(record.requests)
    asked = step.ask
    try:
        answer = await asyncio.wait_for(
            request(
                stack.port, asked.method, path + asked.target, asked.headers, asked.host, asked.body
            ),
            10,
        )
    except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
        return None if step.want.broken else f"the answer broke off: {error}", None
    except asyncio.TimeoutError:
        return "no answer", None
    seen = record.requests[seen_before:]
    want = step.want
    if want.status is not None and answer.status != want.status:
        return f"status {answer.status}, not {want.status}", answer
    why = wrong_source(want, answer, seen, earlier)
    why = why or mismatch(answer.headers, want.has, want.lacks, "the answer's")
    if why is None and (want.origin_has or want.origin_lacks) and seen:
        why = mismatch(seen[-1].headers, want.origin_has, want.origin_lacks, "the origin's request")
    if why is None and want.body is not None and answer.body.decode("latin-1") != want.body:
        why = f"body {answer.body[:60]!r}, not {want.body!r}"
    if why is None and want.check is not None:
        why = want.check(answer, earlier)
    return why, answer


async def play(case, stack):
    """None, or what was wrong."""
    path = f"/{case.id}"
    record = stack.origin.record(path)
    earlier = []
    for number, step in enumerate(case.steps, 1):
        if step.wait:
            await asyncio.sleep(step.wait)
        for _ in range(100 if step.until_source else 1):
            why, answer = await play_step(step, path, record, stack, earlier)
            if why is None:
                break
            if step.until_source:
                await asyncio.sleep(0.05)
        if why is not None:
            return f"step {number}: {why}"
        if answer is not None:
            earlier.append(answer)
        await settle(stack)
    return None
