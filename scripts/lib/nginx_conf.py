"""nginx's configuration as a tree of directives that know where they stand in the text, so that it
can be read, and edited without touching what is not meant. Words are split as nginx splits them
(ngx_conf_read_token)."""

import glob
import re
from dataclasses import dataclass, field
from pathlib import Path

SPACE = " \t\r\n"
ESCAPES = {"t": "\t", "r": "\r", "n": "\n"}


class Malformed(Exception):
    """The text is no configuration: `line`, and what is wrong there."""

    def __init__(self, line, what):
        super().__init__(what)
        self.line = line


@dataclass
class Word:
    start: int
    end: int  # behind it, and behind its closing quote
    value: str  # without quotes and escapes


@dataclass
class Directive:
    words: list
    start: int  # of its name
    end: int  # behind its ; or }
    block: list = None  # the directives in its braces; None: it has no block
    open: int = 0  # behind its {
    parent: object = field(default=None, repr=False)

    @property
    def name(self):
        return self.words[0].value

    @property
    def args(self):
        return [word.value for word in self.words[1:]]

    def all(self):
        """What is in its block, at any depth."""
        for child in self.block or []:
            yield child
            yield from child.all()

    def child(self, name):
        """The last directive of this name on the level below, or None."""
        return next((each for each in reversed(self.block or []) if each.name == name), None)

    def above(self):
        """The blocks around it, from the inside to the outside."""
        block = self.parent
        while block is not None:
            yield block
            block = block.parent


class Conf:
    """`root` is a directive without a name whose block is the whole file."""

    def __init__(self, text):
        self.text = text
        self.at = 0
        self.root = Directive([Word(0, 0, "")], 0, len(text), [])
        self.read_block(self.root, outermost=True)

    def line_of(self, position):
        return self.text.count("\n", 0, position) + 1

    def raw(self, directive):
        return self.text[directive.start:directive.end]

    def refuse(self, what, at=None):
        raise Malformed(self.line_of(self.at if at is None else at), what)

    # ---- reading ----------------------------------------------------------------------------

    def read_block(self, block, outermost=False):
        while True:
            self.skip_space()
            if self.at == len(self.text):
                if not outermost:
                    self.refuse(f'"{block.name}" has no closing brace', block.start)
                return
            if self.text[self.at] == "}":
                if outermost:
                    self.refuse('unexpected "}"')
                self.at += 1
                block.end = self.at
                return
            block.block.append(self.read_directive(block))

    def read_directive(self, parent):
        words = []
        while True:
            self.skip_space()
            if self.at == len(self.text):
                self.refuse("the last directive has no end" if words else "unexpected end")
            c = self.text[self.at]
            if c in ";{":
                if not words:
                    self.refuse(f'unexpected "{c}"')
                directive = Directive(words, words[0].start, self.at + 1, parent=parent)
                self.at += 1
                if c == "{":
                    directive.block, directive.open = [], self.at
                    if directive.name.endswith("_by_lua_block"):
                        self.skip_lua(directive)
                    else:
                        self.read_block(directive)
                return directive
            if c == "}":
                self.refuse('a ";" is missing before "}"')
            words.append(self.read_word())

    def skip_space(self):
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at] in SPACE:
                self.at += 1
            else:
                return

    def read_word(self):
        start = self.at
        quote = self.text[start] if self.text[start] in "\"'" else None
        self.at += quote is not None
        value = []
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == "\\" and self.at + 1 < len(self.text):
                following = self.text[self.at + 1]
                if following in "\"'\\":
                    value.append(following)
                else:
                    value.append(ESCAPES.get(following, c + following))
                self.at += 2
                continue
            if quote and c == quote:
                self.at += 1
                return Word(start, self.at, "".join(value))
            if not quote and (c in SPACE or c == ";" or
                              c == "{" and not (value and value[-1] == "$")):
                return Word(start, self.at, "".join(value))
            value.append(c)
            self.at += 1
        if quote:
            self.refuse("a quote is not closed", start)
        return Word(start, self.at, "".join(value))

    def skip_lua(self, directive):
        depth = 1
        while depth:
            if self.at == len(self.text):
                self.refuse(f'"{directive.name}" has no closing brace', directive.start)
            depth += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self.at += 1
        directive.end = self.at


class Edits:
    """Changes of a text, noted down and made all at once."""

    def __init__(self, text):
        self.text = text
        self.changes = []

    def replace(self, start, end, new):
        self.changes.append((start, end, len(self.changes), new))

    def insert(self, at, new):
        self.replace(at, at, new)

    def indent_of(self, position):
        """What stands before it on its line, where that is white space."""
        begin = self.text.rfind("\n", 0, position) + 1
        return re.match(r"[ \t]*", self.text[begin:position])[0]

    def remove_line(self, start, end):
        """With its line where nothing else stands there. A comment behind it stays."""
        begin = self.text.rfind("\n", 0, start) + 1
        rest = re.compile(r"[ \t]*(\n|\Z)?").match(self.text, end)
        if not self.text[begin:start].strip():
            start, end = (start if rest[1] is None else begin), rest.end()
        self.replace(start, end, "")

    def apply(self):
        out, at = [], 0
        for start, end, _, new in sorted(self.changes):
            out += [self.text[at:start], new]
            at = max(at, end)
        return "".join(out) + self.text[at:]


def read_with_includes(path, seen=()):
    """The directives of a file, in a tree in which `include` is replaced by what it includes.
    Relative names are relative to the first file's folder, as nginx has it for its own. Files that
    cannot be read are left out."""
    path = Path(path)
    conf = Conf(path.read_text(errors="surrogateescape"))
    base = seen[0].parent if seen else path.parent
    expand(conf.root, base, (*seen, path))
    return conf.root


def expand(block, base, seen):
    out = []
    for directive in block.block:
        if directive.name == "include" and len(directive.args) == 1 and len(seen) < 16:
            for name in sorted(glob.glob(str(base / directive.args[0]))):
                try:
                    out += read_with_includes(name, seen).block
                except OSError:
                    pass
        else:
            if directive.block:
                expand(directive, base, seen)
            out.append(directive)
    for directive in out:
        directive.parent = block
    block.block = out
