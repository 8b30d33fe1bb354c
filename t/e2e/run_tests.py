"""Runs the end-to-end tests; t/e2e/run installs what they need before."""

import argparse
import os
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from stack import default_module, stop_on_signals  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="t/e2e/run", description="End-to-end tests of mcache.")
    parser.add_argument("--module", default=default_module(), help="the .so; default: %(default)s")
    parser.add_argument("-k", dest="patterns", action="append", metavar="PATTERN",
                        help="only tests whose name contains it")
    parser.add_argument("-f", "--failfast", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
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
    runner = unittest.TextTestRunner(
        verbosity=2 if options.verbose else 1, failfast=options.failfast
    )
    result = runner.run(tests)
    if result.testsRun == 0:
        sys.exit("no test matches")
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
