"""The measurement of scripts/bench: what a request costs with mcache and with its peers, side by
side, on this machine."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
sys.dont_write_bytecode = True

import accounting  # noqa: E402
import budgets  # noqa: E402
import chart  # noqa: E402
import contestants  # noqa: E402
import counts  # noqa: E402
import loads  # noqa: E402
import measure  # noqa: E402
import memory  # noqa: E402
import report  # noqa: E402
from stack import stop_on_signals  # noqa: E402
from stack.nginx import nginx  # noqa: E402

NAMES = [each.name for each in contestants.ALL]


def arguments():
    peers = "\n".join(f"  {each.name:15} {each.what}" for each in contestants.ALL)
    parser = argparse.ArgumentParser(
        prog="scripts/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__, epilog=f"contestants:\n{peers}\n\n{loads.__doc__}\npatterns:\n"
        + "\n".join(f"  {name:15} {what}" for name, what in loads.PATTERNS.items()))
    parser.add_argument("--module", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="few loads, in under three minutes")
    parser.add_argument("--all", action="store_true", help="all loads; takes about an hour")
    parser.add_argument("--load", action="append", metavar="LOAD", help="this one; may be repeated")
    parser.add_argument("--only", metavar="NAME,...", help="these contestants")
    parser.add_argument("--rounds", type=int, help="turns of each contestant (13)")
    parser.add_argument("--seconds", type=float, help="length of a turn (0.35)")
    parser.add_argument("--cores", metavar="FRONT,OTHER",
                        help="the core of the front worker, and that of all else")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all rounds, as JSON")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="a chart")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--check", action="store_true",
                        help="leave with an error where a budget is missed by more than 10%%, or one of "
                        "memory at all")
    parser.add_argument("--memory", action="store_true",
                        help="nothing but what pages take of a worker's memory")
    parser.add_argument("--count", action="store_true",
                        help="instead of times, what can be counted of a request: instructions, system "
                        "calls, page faults")
    options = parser.parse_args()
    options.rounds = options.rounds or (7 if options.quick else 13)
    options.seconds = options.seconds or 0.35
    try:
        options.names = chosen_names(options.only)
        options.loads = in_order([loads.parse_load(name) for name in chosen_loads(options)])
        options.cores = chosen_cores(options.cores)
    except ValueError as error:
        parser.error(str(error))
    return options


def chosen_names(only):
    names = only.split(",") if only else NAMES
    if unknown := set(names) - set(NAMES):
        raise ValueError(f"no such contestant: {', '.join(sorted(unknown))}")
    return names


def chosen_loads(options):
    if options.memory:
        return []
    if options.load:
        return options.load
    if options.quick:
        return loads.QUICK
    if options.check:
        return budgets.LOADS
    return loads.EVERYTHING if options.all else loads.DEFAULT


def in_order(chosen):
    """Misses come last: memcached does not give room that their pages took to pages of another size."""
    return sorted(chosen, key=lambda load: load.pattern == "miss")


def chosen_cores(text):
    usable = sorted(os.sched_getaffinity(0))
    cores = [int(word) for word in text.split(",")] if text else usable[-1:] + usable[:1]
    if len(set(cores)) != 2 or not set(cores) <= set(usable):
        raise ValueError("two different cores are needed")
    return cores


def version(*command):
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return (answer.stdout + answer.stderr).splitlines()[0]


def machine(names):
    """What a reader has to know beside the figures."""
    facts = {
        "date": time.strftime("%Y-%m-%d"),
        "command": " ".join(["scripts/bench", *without_module(sys.argv[1:])]),
        "cpu": accounting.cpu_model(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "nginx": version(nginx(), "-v").removeprefix("nginx version: "),
        "memcached": version("memcached", "-V"),
    }
    if "varnish" in names:
        facts["varnish"] = version("varnishd", "-V")
    return facts


def without_module(words):
    return words[words.index("--module") + 2:] if "--module" in words else words


def say(text=""):
    print(text, flush=True)


def progress(done, count):
    if sys.stderr.isatty():
        print(f"\r  round {done} of {count} ", end="" if done < count else "\r\033[K",
              file=sys.stderr, flush=True)


def main():
    stop_on_signals()
    options = arguments()
    os.sched_setaffinity(0, {options.cores[1]})
    facts = machine(options.names)
    before = accounting.load_average()
    for name, value in facts.items():
        say(f"{name}: {value}")
    say(f"one worker on core {options.cores[0]}; memcached (one thread), backend and load "
        f"generator on core {options.cores[1]}")
    if options.memory:
        return 0 if check_memory(options) else 1
    if options.count:
        return count(options)
    say(f"{options.rounds} rounds of {options.seconds} s each; medians, in brackets the quartiles "
        "of the rounds' ratios")

    results = {}
    with measure.Bench(options.module, options.names, options.loads, *options.cores) as bench:
        for load in options.loads:
            results[load.name], (taken, disturbed) = bench.rounds(
                load, options.rounds, options.seconds, progress)
            if options.markdown:
                lines = report.markdown(load, results[load.name])
            else:
                say(f"\n{load.name}: {load.describe()}")
                lines = report.aligned(report.table(results[load.name]))
            for line in lines:
                say(line)
            if disturbed:
                use = "are left out" if taken - disturbed >= (options.rounds + 1) // 2 else "count"
                say(f"\n{disturbed} of {taken} rounds were disturbed by others, and {use}.")

    after = accounting.load_average()
    say(f"\nload average (1, 5, 15 minutes) before: {before}, after: {after}")
    if options.json:
        document = {
            **facts, "load_average": {"before": before, "after": after},
            "rounds": {name: measure.as_numbers(each) for name, each in results.items()},
        }
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    if options.svg:
        described = {load.name: load.describe() for load in options.loads}
        options.svg.write_text(chart.draw(results, described))
    if options.check:
        say("\nbudgets:")
        kept = budgets.check(results, say)
        return 0 if check_memory(options) and kept else 1
    return 0


def count(options):
    say("a request, on average; instructions are those in user space, and what a new connection "
        "takes is shared by its requests")
    names = [name for name in options.names if name != "varnish"]
    for load in options.loads:
        say(f"\n{load.name}: {load.describe()}")
        for line in report.aligned(list(counts.table(counts.counts(
                options.module, names, load, *options.cores)))):
            say(line)
    return 0


def check_memory(options):
    kept = True
    for figure in memory.figures(options.module, *options.cores):
        kept = kept and figure.kept
        say(f"  {'ok' if figure.kept else 'MISSED':6}  {figure}")
    return kept


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
