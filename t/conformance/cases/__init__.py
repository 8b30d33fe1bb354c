"""The table of cases, by what they are about."""

from cases import extensions, freshness, invalidation, messages, stale, storing, validation, vary

CASES = [
    case
    for part in (storing, freshness, vary, validation, invalidation, stale, messages, extensions)
    for case in part.CASES
]

assert len({case.id for case in CASES}) == len(CASES), "two cases have the same id"
