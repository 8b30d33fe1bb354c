"""The measurement of scripts/siege: the demo's site under siege, with mcache and without."""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from stack import Stack, stop_on_signals  # noqa: E402

PAGES = ["/", "/albums/mountains/", "/albums/k%C3%BCste/", "/albums/city-at-night/", "/about/"]
PAGES += [f"/photos/{number}/{size}" for number in range(1, 13) for size in ("", "?size=large")]

# What siege counts as failed besides errors: a transaction that takes longer, in seconds.
TIMEOUT = 30

# Connections of one siege process. It watches sockets with select(), which ends at FD_SETSIZE
# (1024); past that it uses poll() with the wrong descriptor and reports failures of its own making.
SOCKETS = 1000

SIEGERC = """
limit = {connections}
timeout = {timeout}
failures = 1000000000
connection = close
parser = false
cache = false
logging = false
verbose = false
color = off
json_output = true
"""

MEGABYTE = 1 << 20


def for_many_connections(connections):
    """The example as it is, but with room for so many connections, and a log of times alone."""
    files = raise_open_files(4 * connections + 1000)
    backlog = int(Path("/proc/sys/net/core/somaxconn").read_text())
    return [
        ("events {", f"worker_rlimit_nofile {files};\n\nevents {{"),
        ("worker_connections 1024;", f"worker_connections {2 * connections + 1000};"),
        ("listen 8080;", f"listen 8080 backlog={backlog};"),
        (
            "access_log /var/log/nginx/access.log pages;",
            "log_format times $request_time; "
            "access_log /var/log/nginx/times.log times buffer=64k;",
        ),
    ]


def raise_open_files(wanted):
    """The limit of open files, as near to `wanted` as this user may go; our children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < reachable:
        resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))
        soft = reachable
    return reachable if soft == resource.RLIM_INFINITY else soft


def besiege(stack, connections, seconds):
    """Sieges of at most SOCKETS connections each, at the same time, as one report."""
    home = stack.folder / "siege"
    home.mkdir()
    preload = home / "deferred_cancel.so"
    source = Path(__file__).parent / "siege_deferred_cancel.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", preload, source], check=True)
    (home / "siegerc").write_text(SIEGERC.format(connections=connections, timeout=TIMEOUT))
    (home / "urls").write_text("".join(f"{stack.url}{page}\n" for page in PAGES))
    command = ["siege", f"--rc={home}/siegerc", f"--file={home}/urls", "--internet", "--benchmark"]
    processes = []
    try:
        for first in range(0, connections, SOCKETS):
            number = min(SOCKETS, connections - first)
            processes.append(
                subprocess.Popen(
                    [*command, f"--concurrent={number}", f"--time={seconds}S"],
                    env=dict(os.environ, HOME=str(home), LD_PRELOAD=str(preload)),
                    stdin=subprocess.DEVNULL,
                    stdout=open(home / f"report-{first}", "w"),
                    stderr=open(home / f"errors-{first}", "w"),
                )
            )
        for process in processes:
            process.wait(seconds + 2 * TIMEOUT)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"siege still runs {2 * TIMEOUT} s after its time") from None
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return sum_up([read_report(path) for path in home.glob("report-*")]) | {
        "errors": sum((error_lines(path.read_text()) for path in home.glob("errors-*")), Counter())
    }


def read_report(path):
    text = path.read_text(errors="replace")
    report = re.search(r"\{.*\}", text, re.DOTALL)
    if not report:
        raise RuntimeError(f"siege left no report:\n{text[-2000:]}")
    return json.loads(report[0])


def sum_up(reports):
    total = {
        name: sum(report[name] for report in reports)
        for name in ("transactions", "transaction_rate", "failed_transactions")
    }
    done, failed = total["transactions"], total["failed_transactions"]
    total["availability"] = 100 * done / (done + failed) if done else 0
    total["longest_transaction"] = max(report["longest_transaction"] for report in reports)
    waited = sum(report["response_time"] * report["transactions"] for report in reports)
    total["response_time"] = waited / done if done else 0
    return total


def error_lines(text):
    """What siege said went wrong, without its colours, and how often."""
    plain = re.sub("\x1b\\[[0-9;]*m|[0-9]{9,}", "", text)
    return Counter(line for line in plain.splitlines() if line.startswith("["))


def measure(name, switch, options):
    """`switch`: what stands in the configuration for "mcache pages;"."""
    print(f"{name}: {options.concurrent} connections, {options.time} seconds ...", file=sys.stderr)
    edit = [*for_many_connections(options.concurrent), ("mcache pages;", switch)]
    with Stack("django.conf", edit=edit, module=options.module) as stack:
        visit = stack.get if switch == "mcache off;" else stack.warm
        for page in PAGES:
            visit(page)
        before = stack.site.requests().total()
        report = besiege(stack, options.concurrent, options.time)
        report["name"] = name
        for line, number in report["errors"].most_common(5):
            print(f"  {number} times: {line}", file=sys.stderr)
        report["asked"] = stack.site.requests().total() - before
        report["nginx"] = stack.nginx.peak_memory_of_workers()
        report["memcached"] = stack.memcached.peak_memory()
        stack.nginx.stop()  # which also writes the rest of its log
        times = (stack.nginx.prefix / "times.log").read_text().split()
        report["longest_in_nginx"] = max(float(time) for time in times)
        alarms = stack.nginx.alarms()
        if alarms:
            raise RuntimeError("nginx's error log:\n" + "\n".join(alarms[:20]))
    return report


ROWS = [
    ("Availability", lambda r: f"{r['availability']:.2f} %"),
    ("Transactions", lambda r: f"{r['transactions']:,}"),
    ("Transactions per second", lambda r: f"{r['transaction_rate']:,.0f}"),
    ("Failed transactions", lambda r: f"{r['failed_transactions']:,}"),
    ("Mean response time", lambda r: f"{r['response_time']:.2f} s"),
    ("Longest transaction", lambda r: f"{r['longest_transaction']:.2f} s"),
    ("Longest `$request_time` in nginx", lambda r: f"{r['longest_in_nginx']:.2f} s"),
    ("Requests that Django answered", lambda r: f"{r['asked']:,}"),
    ("Peak memory of nginx's workers", lambda r: f"{r['nginx'] / MEGABYTE:.1f} MB"),
    ("Peak memory of memcached", lambda r: f"{r['memcached'] / MEGABYTE:.1f} MB"),
]


def table(reports):
    lines = [["", *(report["name"] for report in reports)], ["---", *("---:" for _ in reports)]]
    lines += [[title, *(show(report) for report in reports)] for title, show in ROWS]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main():
    parser = argparse.ArgumentParser(prog="scripts/siege", description=__doc__)
    parser.add_argument("-c", "--concurrent", type=int, default=2000, metavar="N",
                        help="connections at a time; default: %(default)s")
    parser.add_argument("-t", "--time", type=int, default=60, metavar="SECONDS",
                        help="of each of the two sieges; default: %(default)s")
    parser.add_argument("--module", help=argparse.SUPPRESS)
    options = parser.parse_args()
    stop_on_signals()

    try:
        cached = measure("with mcache", "mcache pages;", options)
        plain = measure("mcache off", "mcache off;", options)
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"scripts/siege: {error}")
    print(
        f"`siege --benchmark -c{options.concurrent} -t{options.time}S` over {len(PAGES)} pages of "
        f"the demo's site, each visited once before; {os.cpu_count()} cores for everything, siege "
        f"included; a transaction over {TIMEOUT} s has failed.\n"
    )
    print(table([cached, plain]))
    if cached["failed_transactions"] or cached["availability"] < 100:
        sys.exit("scripts/siege: with mcache, not every transaction succeeded")


if __name__ == "__main__":
    main()
