"""What the tool prints: tables and colours on a terminal, JSON elsewhere. Keys, fields and what a
server says were chosen by strangers: a terminal sees none of their control characters."""

import json
import os
import re
import shutil
import sys
import time

COLOURS = {"green": "32", "red": "31", "yellow": "33", "grey": "90", "bold": "1"}


class Coloured(str):
    """A text for the terminal as it is: visible already, between our own escape sequences."""


def visible(text):
    """Without what a terminal obeys or hides: \\x1b in place of an escape."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode()
                   for each in str(text))


class Screen:
    def __init__(self, as_json, colour):
        terminal = sys.stdout.isatty()
        self.as_json = as_json or as_json is None and not terminal
        self.colours = colour == "always" or colour == "auto" and terminal and \
            "NO_COLOR" not in os.environ

    def colour(self, text, name):
        text = visible(text)
        return Coloured(f"\033[{COLOURS[name]}m{text}\033[0m" if self.colours and name else text)

    def json(self, facts):
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        print(re.sub(r"[^\n]", lambda found: found[0] if found[0].isprintable() else
                     json.dumps(found[0])[1:-1], text))

    def line(self, *parts):
        print(*(part if isinstance(part, Coloured) else visible(part) for part in parts), sep="")

    def body(self, data):
        """As it is, but for a terminal."""
        if sys.stdout.isatty():
            lines = data.decode("utf-8", "backslashreplace").split("\n")
            print("\n".join(map(visible, lines)), end="")
        else:
            sys.stdout.buffer.write(data)

    def pairs(self, pairs):
        """A label and a text, or a text and its colour, a line."""
        pairs = [(label, value) for label, value in pairs if value not in (None, "", [])]
        width = max((len(label) for label, _ in pairs), default=0)
        for label, value in pairs:
            text, colour = value if isinstance(value, tuple) else (value, None)
            print(f"  {self.colour(label.ljust(width), 'grey')}  {self.colour(text, colour)}")

    def table(self, heads, rows, right=()):
        """right: the columns with numbers. The last column gives way where the terminal is narrow."""
        rows = [[cell if isinstance(cell, Coloured) else visible(cell) for cell in row]
                for row in rows]
        widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
        if sys.stdout.isatty():
            room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(heads) - 1)
            widths[-1] = max(min(widths[-1], room), 16)
        for number, row in enumerate([list(heads), *rows]):
            cells = [fit(cell, width).rjust(width) if i in right else fit(cell, width).ljust(width)
                     for i, (cell, width) in enumerate(zip(row, widths))]
            line = "  ".join(cells).rstrip()
            print(line if number else self.colour(line, "bold"))


def fit(text, width):
    return text if len(text) <= width else text[:width - 1] + "…"


class Progress:
    """A bar on stderr, where that is a terminal; nothing elsewhere."""

    def __init__(self, what, total):
        self.what, self.total = what, max(total, 1)
        self.shown = sys.stderr.isatty()
        self.next = 0

    def at(self, done):
        if not self.shown or time.monotonic() < self.next:
            return
        self.next = time.monotonic() + 0.1
        share = min(done / self.total, 1)
        bar = ("█" * int(share * 30)).ljust(30, "░")
        print(f"\r{self.what} {bar} {share:4.0%}", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shown and self.next:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def size(count):
    if count is None:
        return ""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return ""


def span(seconds):
    """A time in its largest two units."""
    seconds = int(seconds)
    for length, unit, below, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"),
                                      (60, "min", 1, "s")):
        if abs(seconds) >= length:
            rest = seconds % length // below
            return f"{seconds // length} {unit}" + (f" {rest} {part}" if rest else "")
    return f"{seconds} s"


def moment(unix):
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(unix))
