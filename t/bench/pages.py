"""The pages: n KB are n blocks of 1,024 bytes, and each block begins with the path of the page, so
that the wrong page, or a piece of it, is seen. generator.cpp checks them."""

BLOCK = 1024
PATH = 16

FILLER = "x" * (BLOCK - PATH)

# With Content-Type ten fields, which the caches store with the body.
FIELDS = {
    "Cache-Control": "max-age=86400",
    "ETag": '"5f3c-18a7"',
    "Last-Modified": "Tue, 01 Oct 2024 10:00:00 GMT",
    "Content-Language": "en",
    "Content-Security-Policy": "default-src 'self'",
    "Link": "</site.css>; rel=preload; as=style",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}

# What nginx makes itself of a file.
FILE_FIELDS = ("ETag", "Last-Modified")


def prefix(size_kb):
    return f"/{size_kb:03d}k/"


def path(size_kb, key):
    return f"{prefix(size_kb)}{key:010d}"


def body(size_kb, key):
    return ((path(size_kb, key) + FILLER) * size_kb).encode()


def add_header(names=FIELDS):
    def quoted(text):
        return '"' + text.replace('"', '\\"') + '"'

    return " ".join(f"add_header {name} {quoted(FIELDS[name])};" for name in names)


def repeated(size_kb, variable):
    """nginx directives, and a text that is `variable` so many times: a text in nginx.conf has at
    most 4,096 bytes, so the larger ones are put together."""
    if size_kb <= 32:
        return "", f"${variable}" * size_kb
    tens, ones = divmod(size_kb, 16)
    return f'set $block16 "{f"${variable}" * 16}";', "$block16" * tens + f"${variable}" * ones


def answer_with(size_kb, variable="uri_block"):
    """nginx directives that answer with the page of the request's path."""
    directives, text = repeated(size_kb, variable)
    return f'set ${variable} "${{uri}}{FILLER}"; {directives} return 200 "{text}";'


def answer_with_one_page(size_kb):
    """The same with the page of key 0 and as little work as possible: one constant where it fits,
    else the copies of one."""
    block = path(size_kb, 0) + FILLER
    if size_kb <= 3:
        return f'return 200 "{block * size_kb}";'
    # A constant that is too long for one parameter: the value of a map costs no copy of its own.
    return f'return 200 "{f"$p{size_kb}" * size_kb}";'


def constants(sizes):
    """For the http block of answer_with_one_page."""
    return "\n".join(
        f'map $request_method $p{size} {{ default "{path(size, 0)}{FILLER}"; }}'
        for size in sizes if size > 3)
