"""Runs the end-to-end tests; t/e2e/run installs what they need before."""

import argparse
import os
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from parallel import Parallel, Result  # noqa: E402
from stack import default_module, stop_on_signals  # noqa: E402
from stack.site import Site  # noqa: E402

# These take longest, so they begin first. A class that is missing here, or is no more, only costs time.
LONG = [
    "Purges", "test_keys.Pylibmc", "test_keys.Pymemcache", "test_placement.Pylibmc", "PylibmcHelper",
    "KeysWhereDjangoStores", "AtRandom", "Tool", "PymemcacheHelper", "RawFormat", "test_application_stores",
    "Strangers", "Examples",
]


def classes(tests):
    """A suite for each class."""
    found = {}
    for test in flat(tests):
        found.setdefault(type(test), unittest.TestSuite()).addTest(test)
    return [found[each] for each in sorted(found, key=rank)]


def flat(tests):
    for test in tests:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def rank(case):
    name = f"{case.__module__}.{case.__qualname__}"
    return next((n for n, long in enumerate(LONG) if long in name), len(LONG))


def main():
    parser = argparse.ArgumentParser(prog="t/e2e/run", description="End-to-end tests of mcache.")
    parser.add_argument("--module", default=default_module(), help="the .so; default: %(default)s")
    parser.add_argument("-k", dest="patterns", action="append", metavar="PATTERN",
                        help="only tests whose name contains it")
    parser.add_argument("-f", "--failfast", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("-j", dest="processes", type=int, default=os.cpu_count() + 1, metavar="N",
                        help="classes that run at a time; default: %(default)s")
    options = parser.parse_args()

    module = Path(options.module).resolve()
    if not module.exists():
        sys.exit(f"there is no {module}: build the module first (scripts/test does)")
    os.environ["MCACHE_MODULE"] = str(module)
    stop_on_signals()

    loader = unittest.TestLoader()
    if options.patterns:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in options.patterns]
    tests = loader.discover(str(HERE / "tests"), top_level_dir=str(HERE))
    if tests.countTestCases() == 0:
        sys.exit("no test matches")
    runner = unittest.TextTestRunner(
        verbosity=2 if options.verbose else 1, failfast=options.failfast, resultclass=Result
    )
    Site.share()
    result = runner.run(Parallel(classes(tests), options.processes, options.failfast))
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
