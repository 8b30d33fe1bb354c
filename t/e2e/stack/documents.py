"""README.md and conf-examples/*.md, in parts."""

import re

from stack.running import PROJECT

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "conf-examples").glob("**/*.md"))]


def name_of(page):
    return str(page.relative_to(PROJECT))


def blocks(text):
    """(number of the first line, text) of each fenced block of nginx's configuration."""
    for found in re.finditer(r"^```nginx\n(.*?)^```$", text, re.M | re.S):
        yield text.count("\n", 0, found.start()) + 2, found[1]


def section(page, heading):
    """The text of a section, without its heading."""
    return re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)",
                     (PROJECT / page).read_text(), re.M | re.S)[1]


def anchors(page):
    """As GitHub makes them of headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    found = set(re.findall(r'<a id="([^"]+)"', text))
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(kept.replace(" ", "-"))
    return found
