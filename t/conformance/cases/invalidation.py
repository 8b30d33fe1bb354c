"""What a request that changes something does to stored pages: RFC 9111, section 4.4."""

from case import OPTIONAL, REQUIRED, Case, Step, Want, ask, fill, origin, then

FRESH = "Cache-Control: max-age=3600"
CASES = []


def changes(id, level, about, method, answer, source, section="9111 4.4"):
    steps = [
        fill(FRESH),
        Step(answer, Want("origin"), ask(method, body="x" if method != "DELETE" else "")),
        then(source),
    ]
    CASES.append(Case(f"invalidate-{id}", section, level, about, steps))


for method in ("POST", "PUT", "PATCH", "DELETE", "FROB"):
    changes(method.lower(), REQUIRED, f"{method} that succeeds", method, origin(200), "origin")
for status in (201, 202, 204, 302, 303):
    changes(f"status-{status}", REQUIRED, f"{status} is a success", "POST", origin(status), "origin")
for status in (400, 403, 404, 409, 500, 503):
    changes(f"status-{status}", OPTIONAL, f"{status} is none", "POST", origin(status), "cache")
for method in ("HEAD", "OPTIONS"):
    CASES.append(
        Case(f"invalidate-{method.lower()}", "9111 4.4", OPTIONAL, f"{method} is safe",
             [fill(FRESH), Step(origin(200), Want("any"), ask(method)), then("cache")])
    )  # fmt: skip


def named(id, level, about, line, source, host="site.test"):
    """A page of the case at /target, and what a POST to the case says of it."""
    target = Step(origin(200, FRESH), Want("origin"), ask(target="/target", host=host))
    again = Step(origin(200, FRESH), Want(source), ask(target="/target", host=host))
    post = Step(origin(201, line), Want("origin"), ask("POST", body="x"))
    CASES.append(Case(f"invalidate-{id}", "9111 4.4", level, about, [target, post, again]))


for name in ("Location", "Content-Location"):
    id = name.lower()
    for kind, value in (
        ("path", f"/invalidate-{id}-path/target"),
        ("absolute", f"http://site.test/invalidate-{id}-absolute/target"),
        ("relative", f"invalidate-{id}-relative/target"),
    ):
        named(f"{id}-{kind}", OPTIONAL, f"{name}, {kind}", f"{name}: {value}", "origin")
    named(f"{id}-other-host", REQUIRED, f"{name} of another host",
          f"{name}: http://other.test/invalidate-{id}-other-host/target", "cache", "other.test")  # fmt: skip
    named(f"{id}-other-scheme", REQUIRED, f"{name} of another scheme",
          f"{name}: https://site.test/invalidate-{id}-other-scheme/target", "cache")  # fmt: skip

CASES += [
    Case("invalidate-variants", "9111 4.4", REQUIRED, "all variants of the page",
         [fill(FRESH, "Vary: X-Kind", request=("X-Kind: one",)),
          fill(FRESH, "Vary: X-Kind", request=("X-Kind: two",)),
          Step(origin(200), Want("origin"), ask("POST", body="x")),
          then("origin", "X-Kind: one", answer=origin(200, FRESH, "Vary: X-Kind")),
          then("origin", "X-Kind: two")]),
    Case("invalidate-reload", "9111 4.4", REQUIRED, "and what is stored after it is served",
         [fill(FRESH), Step(origin(200), Want("origin"), ask("POST", body="x")),
          then("origin", answer=origin(200, FRESH, body="after")), then("cache", body="after")]),
    Case("invalidate-get", "9111 4.4", OPTIONAL, "GET does not invalidate what it names",
         [Step(origin(200, FRESH), Want("origin"), ask(target="/target")),
          Step(origin(200, "Content-Location: /invalidate-get/target"), Want("origin"), ask()),
          Step(origin(200, FRESH), Want("cache"), ask(target="/target"))]),
]  # fmt: skip
