"""Pages in memcached, under the keys that nginx's mcache module reads.

The names of pages here are what follows the host in the URL, as a browser sends it: the path,
percent-encoded, and the query (nginx's $request_uri).
"""

import hashlib
import logging
import re

from django.conf import settings
from django.core.cache import cache
from django.utils.cache import get_max_age

log = logging.getLogger(__name__)

LONGEST_KEY = 250
NOT_AS_IT_IS = re.compile(rb"[\0-\x20\x7F]|%00[a-z]+\Z|\Asha256-[0-9a-f]{64}\Z")


def memcached_key(page, key_prefix, version):
    """KEY_FUNCTION: the key as memcached sees it, the same that mcache computes."""
    key = key_prefix + page
    raw = key.encode()
    if len(raw) > LONGEST_KEY or NOT_AS_IT_IS.search(raw):
        return "sha256-" + hashlib.sha256(raw).hexdigest()
    return key


def forget(pages):
    """Takes pages out of memcached. Where it cannot be reached they live until their time is up,
    which is no reason to fail the request that changed something."""
    try:
        cache.delete_many(pages)
    except Exception:
        log.exception("not deleted from memcached: %s", " ".join(pages))


def requested_page(request):
    """The request's URI byte by byte as the client sent it; the WSGI server tells. None where a
    key cannot be text."""
    uri = request.META.get("REQUEST_URI") or request.META.get("RAW_URI")
    if uri is None:
        return request.get_full_path()
    try:
        return uri.encode("latin-1").decode()
    except UnicodeDecodeError:
        return None


class StorePages:
    """Middleware that writes each public page to memcached, from where nginx serves it next time
    without asking Django."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.not_stored = [re.compile(pattern) for pattern in settings.PAGES_NOT_STORED]

    def __call__(self, request):
        response = self.get_response(request)
        page = requested_page(request)
        if page is not None and self.is_public(request, response, page):
            self.store(page, response)
        return response

    def is_public(self, request, response, page):
        if request.method != "GET" or response.status_code != 200 or response.streaming:
            return False
        if any(pattern.search(page) for pattern in self.not_stored):
            return False
        if settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies:
            return False
        if response.has_header("Vary"):
            return False
        # nginx has nothing but the bytes, and sends them with its own default type.
        if response["Content-Type"] != "text/html; charset=utf-8":
            return False
        control = response.get("Cache-Control", "")
        return not any(word in control for word in ("private", "no-store", "no-cache"))

    def store(self, page, response):
        max_age = get_max_age(response)
        timeout = settings.CACHES["default"]["TIMEOUT"] if max_age is None else max_age
        if timeout <= 0:
            return
        try:
            cache.set(page, response.content, timeout)
        except Exception:
            log.warning("not stored in memcached: %s", page, exc_info=True)
