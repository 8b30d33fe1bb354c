"""Reads, writes or deletes pages in memcached, by the path and query of their URL."""

import sys

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["get", "set", "delete"])
        parser.add_argument("pages", nargs="+", metavar="/path?query")

    def handle(self, action, pages, **options):
        if action == "get":
            for page in pages:
                body = cache.get(page)
                if body is not None and not isinstance(body, bytes):
                    raise CommandError(f"{page} is not bytes but {type(body).__name__}")
                sys.stdout.buffer.write(body or b"")
        elif action == "set":
            body = sys.stdin.buffer.read()
            for page in pages:
                cache.set(page, body)
        else:
            cache.delete_many(pages)
