"""Reads, writes, deletes or purges pages in memcached, by the path and query of their URL; purges
tags, and all pages below a path. `each` does what the lines of stdin say, ["set", PAGE, BODY] or
["delete", PAGE], and answers each of them with a line."""

import json
import sys

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError
from page_purge import PurgeFailed, purge_tags, purge_urls, wipe


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        actions = ["get", "set", "delete", "purge", "purge-tags", "wipe", "each"]
        parser.add_argument("action", choices=actions)
        parser.add_argument("names", nargs="*", metavar="/path?query or tag")
        parser.add_argument("--soft", action="store_true")

    def handle(self, action, names, soft, **options):
        if action == "get":
            for page in names:
                body = cache.get(page)
                if body is not None and not isinstance(body, bytes):
                    raise CommandError(f"{page} is not bytes but {type(body).__name__}")
                sys.stdout.buffer.write(body or b"")
        elif action == "set":
            body = sys.stdin.buffer.read()
            for page in names:
                cache.set(page, body)
        elif action == "delete":
            cache.delete_many(names)
        elif action == "each":
            for line in sys.stdin:
                do, page, *body = json.loads(line)
                if do == "set":
                    cache.set(page, body[0].encode())
                else:
                    cache.delete_many([page])
                print("done", flush=True)
        else:
            try:
                self.purge(action, names, soft)
            except (PurgeFailed, ValueError) as error:
                raise CommandError(error) from error

    def purge(self, action, names, soft):
        if action == "purge":
            purge_urls(*names)
        elif action == "purge-tags":
            purge_tags(*names, soft=soft)
        else:
            for beginning in names:
                wipe(beginning, soft=soft)
