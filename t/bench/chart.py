"""An SVG chart of the worker's CPU per request, one group of bars a load."""

import report
from xml.sax.saxutils import escape

COLOURS = {
    "mcache": "#1f6f50", "mcache_local": "#4f9c7d", "return": "#9aa5b1", "file": "#c3cad2", "memcached_pass": "#d08b45",
    "srcache": "#b5533c", "proxy_cache": "#5b7fb4", "proxy_pass": "#9aa5b1", "varnish": "#8a6aa8",
}  # fmt: skip

WIDTH, BAR, LABELS, RIGHT = 760, 16, 130, 90


def draw(results, described):
    """results: {load: {contestant: rounds}}; described: {load: a line}."""
    parts = []
    y = 10
    for load, contestants in results.items():
        figures = {name: report.median(rounds, "worker_cpu")
                   for name, rounds in contestants.items()}
        scale = (WIDTH - LABELS - RIGHT) / max(figures.values())
        y += 18
        parts.append(f'<text x="0" y="{y}" class="load">{escape(described[load])}</text>')
        y += 8
        for name, figure in sorted(figures.items(), key=lambda item: item[1]):
            bold = ' class="us"' if name == report.US else ""
            middle = y + BAR - 4
            parts.append(f'<text x="{LABELS - 8}" y="{middle}" text-anchor="end"{bold}>{name}'
                         "</text>")
            parts.append(f'<rect x="{LABELS}" y="{y}" width="{figure * scale:.1f}" '
                         f'height="{BAR - 4}" fill="{COLOURS[name]}"/>')
            parts.append(f'<text x="{LABELS + figure * scale + 6:.1f}" y="{middle}"{bold}>'
                         f"{figure:.1f} us</text>")
            y += BAR
    style = ("text { font: 12px sans-serif; fill: #222 } .load { font-weight: bold } "
             ".us { font-weight: bold }")
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}" '
            f'width="{WIDTH}" height="{y + 10}" role="img" '
            f'aria-label="CPU of the nginx worker per request, in microseconds">\n'
            f'<style>{style}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n'
            "</svg>\n")
