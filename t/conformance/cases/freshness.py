"""How long a page is fresh, and how old it is: RFC 9111, sections 4.2 and 5.1 to 5.3."""

from case import OPTIONAL, REQUIRED, Case, fill, then

SOON = 2.2  # until what is fresh for a second has expired, with a clock of whole seconds
CASES = []


def stale(id, section, about, *headers, level=REQUIRED):
    CASES.append(Case(f"fresh-{id}", section, level, about, [fill(*headers), then("origin")]))


def fresh(id, section, about, *headers, level=OPTIONAL):
    CASES.append(Case(f"fresh-{id}", section, level, about, [fill(*headers), then("cache")]))


def expires(id, section, about, *headers, level=REQUIRED):
    steps = [fill(*headers), then("origin", wait=SOON)]
    CASES.append(Case(f"fresh-{id}", section, level, about, steps))


fresh("max-age", "9111 5.2.2.1", "max-age", "Cache-Control: max-age=3600")
fresh("max-age-case", "9111 5.2", "in another case", "Cache-Control: MaX-aGe=3600")
fresh("max-age-blanks", "9111 5.2", "with blanks around", "Cache-Control:   public ,  max-age=3600  ")
fresh("max-age-unknown", "9111 5.2.3", "with unknown directives", "Cache-Control: a, b=c, max-age=3600")
fresh("max-age-quoted", "9111 5.2", "in quotes", 'Cache-Control: max-age="3600"')
fresh("max-age-zeros", "9111 1.2.2", "with leading zeros", "Cache-Control: max-age=003600")
fresh("s-maxage", "9111 5.2.2.10", "s-maxage", "Cache-Control: s-maxage=3600")
fresh("s-maxage-first", "9111 5.2.2.10", "over max-age", "Cache-Control: s-maxage=3600, max-age=0")
fresh("s-maxage-expires", "9111 5.2.2.10", "over Expires", "Cache-Control: s-maxage=3600",
      "Expires: {date-3600}")  # fmt: skip
fresh("expires", "9111 5.3", "Expires", "Expires: {date+3600}")
fresh("expires-date", "9111 4.2.1", "Expires minus Date: a clock that goes wrong is the origin's",
      "Date: {date+1800}", "Expires: {date+3600}")  # fmt: skip
fresh("max-age-over-expires", "9111 5.3", "max-age over an Expires that has passed",
      "Cache-Control: max-age=3600", "Expires: {date-3600}")  # fmt: skip
fresh("max-age-over-expires-0", "9111 5.3", "and over one that is none",
      "Cache-Control: max-age=3600", "Expires: 0")  # fmt: skip
fresh("public-immutable", "8246 2", "immutable changes nothing for a shared cache",
      "Cache-Control: max-age=3600, immutable")  # fmt: skip
for id, seconds in (("31", 2**31), ("32", 2**32), ("63", 2**63), ("64", 2**64), ("long", 10**40)):
    fresh(f"overflow-{id}", "9111 1.2.2", f"max-age={seconds} is a long time",
          f"Cache-Control: max-age={seconds}", level=REQUIRED)  # fmt: skip
fresh("rfc850", "9110 5.6.7", "Expires in the format of RFC 850",
      "Expires: Sunday, 06-Nov-33 08:49:37 GMT", level=REQUIRED)  # fmt: skip
fresh("asctime", "9110 5.6.7", "Expires in the format of asctime",
      "Expires: Sun Nov  6 08:49:37 2033", level=REQUIRED)  # fmt: skip

stale("silent", "9111 4.2", "nothing said at all")
stale("max-age-0", "9111 5.2.2.1", "max-age=0", "Cache-Control: max-age=0")
stale("max-age-0-expires", "9111 5.3", "over Expires", "Cache-Control: max-age=0",
      "Expires: {date+3600}")  # fmt: skip
stale("s-maxage-0", "9111 5.2.2.10", "s-maxage=0 over max-age",
      "Cache-Control: max-age=3600, s-maxage=0")  # fmt: skip
stale("s-maxage-0-expires", "9111 5.2.2.10", "and over Expires", "Cache-Control: s-maxage=0",
      "Expires: {date+3600}")  # fmt: skip
stale("expires-past", "9111 5.3", "Expires that has passed", "Expires: {date-3600}")
stale("expires-now", "9111 5.3", "Expires that is Date", "Date: {date}", "Expires: {date}")
stale("expires-0", "9111 5.3", "Expires: 0", "Expires: 0")
stale("expires-minus-1", "9111 5.3", "Expires: -1", "Expires: -1")
stale("expires-number", "9111 5.3", "Expires that is a number", "Expires: 3600")
stale("expires-word", "9111 5.3", "Expires that is a word", "Expires: never")
stale("expires-empty", "9111 5.3", "Expires that is empty", "Expires: ")
stale("expires-year-only", "9111 5.3", "a date cut off", "Expires: Sun, 06 Nov 2033")
stale("expires-two-dates", "9111 5.3", "two dates on a line", "Expires: 0, {date+3600}")
stale("max-age-negative", "9111 1.2.2", "max-age that is negative", "Cache-Control: max-age=-3600")
stale("max-age-word", "9111 4.2.1", "max-age that is a word", "Cache-Control: max-age=hour",
      level=OPTIONAL)  # fmt: skip
stale("max-age-decimal", "9111 4.2.1", "max-age with a fraction", "Cache-Control: max-age=3600.5",
      level=OPTIONAL)  # fmt: skip
stale("max-age-twice", "9111 4.2.1", "the first or the strictest of several",
      "Cache-Control: max-age=0, max-age=3600", level=OPTIONAL)  # fmt: skip
stale("max-age-twice-lines", "9111 4.2.1", "also on several lines", "Cache-Control: max-age=0",
      "Cache-Control: max-age=3600", level=OPTIONAL)  # fmt: skip
stale("max-age-in-quotes", "9111 5.2", "what stands in another's quotes is no directive",
      'Cache-Control: foo="max-age=3600"')  # fmt: skip
stale("max-age-prefix", "9111 5.2", "x-max-age is another directive",
      "Cache-Control: x-max-age=3600")  # fmt: skip
stale("no-cache", "9111 5.2.2.4", "no-cache", "Cache-Control: no-cache, max-age=3600")
stale("no-cache-expires", "9111 5.2.2.4", "no-cache over Expires", "Cache-Control: no-cache",
      "Expires: {date+3600}")  # fmt: skip
stale("no-cache-line", "9111 5.2.2.4", "no-cache on a second line", "Cache-Control: max-age=3600",
      "Cache-Control: no-cache")  # fmt: skip
stale("no-cache-s-maxage", "9111 5.2.2.4", "no-cache over s-maxage",
      "Cache-Control: s-maxage=3600, no-cache")  # fmt: skip

stale("age", "9111 4.2.3", "Age takes away from max-age", "Cache-Control: max-age=60", "Age: 120")
stale("age-expires", "9111 4.2.3", "and from Expires", "Expires: {date+60}", "Age: 120")
stale("age-s-maxage", "9111 4.2.3", "and from s-maxage", "Cache-Control: s-maxage=60", "Age: 120")
stale("age-overflow", "9111 1.2.2", "an Age that overflows", "Cache-Control: max-age=3600",
      f"Age: {2**64}")  # fmt: skip
stale("date-past", "9111 4.2.3", "a Date in the past takes away from max-age",
      "Date: {date-7200}", "Cache-Control: max-age=3600")  # fmt: skip
stale("date-past-expires", "9111 4.2.1", "and Expires is counted from it",
      "Date: {date-7200}", "Expires: {date-3600}")  # fmt: skip
fresh("age-less", "9111 4.2.3", "Age that leaves some", "Cache-Control: max-age=3600", "Age: 60")
fresh("date-past-less", "9111 4.2.3", "a Date that leaves some", "Date: {date-600}",
      "Cache-Control: max-age=3600")  # fmt: skip
fresh("date-future", "9111 4.2.3", "a Date in the near future does not make a page stale",
      "Date: {date+30}", "Cache-Control: max-age=3600")  # fmt: skip
fresh("date-none", "9111 4.2.3", "a Date that is none", "Date: yesterday",
      "Cache-Control: max-age=3600")  # fmt: skip
fresh("age-invalid", "9111 5.1", "an Age that is none counts as nothing", "Age: young",
      "Cache-Control: max-age=3600")  # fmt: skip
stale("age-lines", "9111 5.1", "the first Age of several counts", "Cache-Control: max-age=60",
      "Age: 120, 0", level=OPTIONAL)  # fmt: skip

expires("max-age-ends", "9111 4.2", "max-age ends", "Cache-Control: max-age=1")
expires("s-maxage-ends", "9111 4.2", "s-maxage ends", "Cache-Control: s-maxage=1, max-age=3600")
expires("expires-ends", "9111 4.2", "Expires ends", "Expires: {date+1}")
expires("age-ends", "9111 4.2.3", "what Age leaves ends", "Cache-Control: max-age=60", "Age: 59")

# ---- Age of what is given: section 5.1


def age_at_least(seconds, at_most):
    def check(answer, _):
        lines = answer.lines("Age")
        if len(lines) != 1 or not lines[0].isdigit():
            return f"Age is {lines}"
        return None if seconds <= int(lines[0]) <= at_most else f"Age {lines[0]}"

    return check


def aged(id, about, at_least, at_most, *headers, wait=0):
    steps = [fill(*headers), then("cache", wait=wait, check=age_at_least(at_least, at_most))]
    CASES.append(Case(f"age-{id}", "9111 5.1", REQUIRED, about, steps))


aged("young", "a page from the cache says how old it is", 0, 5, "Cache-Control: max-age=3600")
aged("grows", "which grows", 1, 8, "Cache-Control: max-age=3600", wait=SOON)
aged("added", "and goes on from the origin's Age", 30, 40, "Cache-Control: max-age=3600", "Age: 30")
aged("added-grows", "growing", 31, 42, "Cache-Control: max-age=3600", "Age: 30", wait=SOON)
aged("date", "or from its Date", 600, 610, "Date: {date-600}", "Cache-Control: max-age=3600")
aged("date-and-age", "the greater counts", 900, 910, "Date: {date-600}", "Age: 900",
     "Cache-Control: max-age=3600")  # fmt: skip
aged("date-future", "a Date in the future makes no negative age", 0, 8, "Date: {date+600}",
     "Cache-Control: max-age=3600")  # fmt: skip
