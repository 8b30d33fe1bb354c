"""A case: what the origin answers step by step, what the client asks, what a shared cache has to do."""

from dataclasses import dataclass, field

REQUIRED, OPTIONAL = "required", "optional"


@dataclass
class Origin:
    """What the origin answers in a step. {date+N} in a header is a date N seconds from now."""

    status: int = 200
    headers: tuple = ()
    body: str | None = None  # otherwise a line that is different in each answer
    interim: tuple = ()  # (status, headers) of 1xx responses before it
    cut: str = ""  # "close": no answer at all; "short", "chunk": the body breaks off


@dataclass
class Ask:
    method: str = "GET"
    headers: tuple = ()
    target: str = ""  # behind the case's own path
    host: str = "site.test"
    body: str = ""


@dataclass
class Want:
    """`source`: who has to answer.

    origin      the origin was asked
    cache       the origin was not asked
    validated   the origin was asked with a condition
    old         the body is the first answer's, whether the origin was asked or not
    new         the body is not that of an answer of an earlier step
    any         does not matter
    """

    source: str = "any"
    status: int | None = None
    has: tuple = ()  # "Name: pattern": the joined values match it as a whole
    lacks: tuple = ()
    body: str | None = None
    origin_has: tuple = ()  # as `has`, of the request that the origin saw
    origin_lacks: tuple = ()
    broken: bool = False  # the answer may break off
    check: object = None  # a function of (answer, earlier answers) that says what is wrong


@dataclass
class Step:
    origin: Origin = field(default_factory=Origin)
    want: Want = field(default_factory=Want)
    ask: Ask = field(default_factory=Ask)
    wait: float = 0  # seconds to pass before it, for pages that are to expire
    until_source: bool = False  # repeat until `want` holds: what happens behind an answer is awaited


@dataclass
class Case:
    id: str
    section: str
    level: str
    about: str
    steps: list


def origin(status=200, *headers, **rest):
    return Origin(status, headers, **rest)


def ask(method="GET", *headers, **rest):
    return Ask(method, headers, **rest)


def fill(*headers, status=200, request=(), **rest):
    """The first step of most cases: the cache has nothing yet."""
    return Step(origin(status, *headers, **rest), Want("origin"), ask("GET", *request))


def then(source, *request, wait=0, answer=None, **want):
    """A GET and who has to answer it."""
    return Step(answer or Origin(), Want(source, **want), ask("GET", *request), wait)
