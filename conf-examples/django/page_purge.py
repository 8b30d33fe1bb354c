"""Takes pages of nginx's mcache out of memcached: by URL, by tag, or all below a path.

Copy this file into your project. It uses the cache "default" of CACHES, which is set up as in
django.conf, with pylibmc (PyLibMCCache) or pymemcache (PyMemcacheCache).

    purge_urls("/", "/albums/sea/?page=2")   as the browser sends them: path and query
    purge_tags("album-3", "photo-7")         all pages with one of these tags (mcache_tags)
    wipe("/albums/")                         all pages whose key begins so; wipe(): all

They act at once, on all servers, and raise PurgeFailed where one of them does not confirm. Where a
transaction may be open leave it to after_commit(), or let the models do it:

    # apps.py
    def ready(self):
        purge_on_change(Album, urls=lambda album: ["/", album.get_absolute_url()])
        purge_on_change(Photo, tags=lambda photo: [f"photo-{photo.pk}"])

    # views.py
    return add_tags(render(request, "photo.html", {"photo": photo}), f"photo-{photo.pk}")

save() and delete() send the signals for that. QuerySet.update(), bulk_create(), bulk_update() and
changes of a many-to-many field do not: purge by hand after those.

Tags and wipes are lines in a log, an item in each memcached. nginx asks the server of a page
whether the log has grown since the page was made.
"""

import hashlib
import logging
import re
from functools import partial

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.db.models.signals import post_save, pre_delete, pre_save

CACHE = "default"
TAG_HEADER = "Cache-Tag"
LONGEST_KEY = 250
NOT_AS_IT_IS = re.compile(rb"[\0-\x20\x7F]|%00[a-z]+\Z|\Asha256-[0-9a-f]{64}\Z")
LOG = b"%00purges"

# With these a client would not say whether the server confirmed, or would ask another one.
PYMEMCACHE_OPTIONS = {"ignore_exc": False, "default_noreply": False}
PYLIBMC_NOT_BEHAVIORS = {"_noreply", "auto_eject", "buffer_requests", "no_block", "remove_failed"}

log = logging.getLogger(__name__)


class PurgeFailed(Exception):
    """Some servers did not confirm, and may serve old pages: failures is {servers: exception}."""

    def __init__(self, what, failures):
        self.failures = failures
        servers = "; ".join(f"{server}: {error!r}" for server, error in failures.items())
        super().__init__(f"not purged on every memcached: {what} ({servers})")


def memcached_key(page, key_prefix, version):
    """KEY_FUNCTION of CACHES: the key as memcached sees it, the same that mcache computes."""
    key = key_prefix + page
    raw = key.encode()
    if len(raw) > LONGEST_KEY or NOT_AS_IT_IS.search(raw):
        return "sha256-" + hashlib.sha256(raw).hexdigest()
    return key


def log_key():
    """The log's key: KEY_PREFIX, made legal for memcached as mcache does, and "%00purges"."""
    site = settings.CACHES[CACHE].get("KEY_PREFIX", "").encode()
    key = b"".join(b"%c" % b if b > 0x20 and b not in b"\x7f%" else b"%%%02X" % b for b in site)
    if len(key + LOG) > LONGEST_KEY:
        key = b"sha256-" + hashlib.sha256(site).hexdigest().encode()
    return (key + LOG).decode()


def servers():
    location = settings.CACHES[CACHE]["LOCATION"]
    return re.split("[;,]", location) if isinstance(location, str) else list(location)


def is_pylibmc():
    return caches[CACHE]._lib.__name__ == "pylibmc"


def connect(addresses):
    """A cache of these servers alone, with the options of CACHES. It lives for one purge: a client
    that has found a server down does not ask it for a while, and pymemcache does not say so."""
    params = dict(settings.CACHES[CACHE])
    del params["BACKEND"], params["LOCATION"]
    options = dict(params.get("OPTIONS") or {})
    if is_pylibmc():
        behaviors = options.get("behaviors", {}).items()
        behaviors = {name: value for name, value in behaviors if name not in PYLIBMC_NOT_BEHAVIORS}
        options["behaviors"] = behaviors
    else:
        options |= PYMEMCACHE_OPTIONS
    return type(caches[CACHE])(addresses, params | {"OPTIONS": options})


def on_each(groups, what, act):
    """act(cache) for each group of servers. Those that fail do not keep the others from it."""
    failures = {}
    for addresses in groups:
        try:
            cache = connect(addresses)
            try:
                act(cache)
            finally:
                cache._cache.disconnect_all()
        except Exception as error:  # the errors of two libraries, and of sockets
            failures[", ".join(addresses)] = error
    if failures:
        raise PurgeFailed(what, failures)


def purge_urls(*urls):
    """Deletes pages with all their variants, whether they are there or not."""

    def delete(cache):
        errors = []
        for url in urls:
            try:
                cache.delete(url)
            except Exception as error:  # the next page may lie on another server
                errors.append(error)
        if errors:
            raise errors[0]

    # pylibmc finds the server of a page as mcache does. pymemcache does not: so on every server.
    groups = [servers()] if is_pylibmc() else [[server] for server in servers()]
    on_each(groups, " ".join(urls), delete)


def purge_tags(*tags, soft=False):
    """Pages with any of these tags are gone; soft: they are stale, and served until made anew."""
    for tag in tags:
        if not re.fullmatch(r"[^\x00-\x20\x7f,]+", tag):
            raise ValueError(f"not a tag: {tag!r}")
    append_to_logs([f"{'soft-' if soft else ''}tag {tag}" for tag in tags])


def wipe(beginning="", soft=False):
    """Pages whose key behind KEY_PREFIX begins so are gone, be it one or a million. With
    "mcache_key $request_uri" it is a path."""
    if re.search(r"[\x00-\x1f\x7f]", beginning):
        raise ValueError(f"a control character in {beginning!r}")
    append_to_logs([f"{'soft-' if soft else ''}under {beginning}"])


def append_to_logs(lines):
    key, text = log_key(), "".join(f"{line}\n" for line in lines).encode()

    def append(cache):
        # Not stored: there is no log. That is as good, since nginx begins a new one, and takes no
        # page that is older. But memcached says the same when it has no room for the longer log,
        # and then the old one must not stay.
        if not cache._cache.append(key, text):
            cache._cache.delete(key)

    if lines:
        on_each([[server] for server in servers()], ", ".join(lines), append)


def after_commit(purge, *args, using=None, **options):
    """purge(*args, **options) after the commit: sooner, a request could read the old state and
    store it once more. What was changed stays so when the purge fails: that is logged."""
    transaction.on_commit(partial(purge_or_log, purge, args, options), using=using)


def purge_or_log(purge, args, options):
    try:
        purge(*args, **options)
    except Exception:
        log.exception("old pages stay in memcached until their time is up")


def purge_on_change(model, urls=None, tags=None):
    """Purges what shows an instance of `model` when it is saved or deleted. `urls` and `tags` are
    functions of the instance. For a save they are also asked what the database holds so far, which
    costs a query: a page that moves leaves its old URL behind."""

    def shown_by(instance):
        return (set(urls(instance)) if urls else set(), set(tags(instance)) if tags else set())

    def before_save(sender, instance, using, raw=False, **kwargs):
        old = None if raw else sender._base_manager.using(using).filter(pk=instance.pk).first()
        instance._shown_before = shown_by(old) if old else (set(), set())

    def forget(sender, instance, using, raw=False, **kwargs):
        if raw:
            return
        before = instance.__dict__.pop("_shown_before", (set(), set()))
        all_urls, all_tags = (old | now for old, now in zip(before, shown_by(instance)))
        if all_urls:
            after_commit(purge_urls, *sorted(all_urls), using=using)
        if all_tags:
            after_commit(purge_tags, *sorted(all_tags), using=using)

    # Nothing else holds these functions, so the references must not be weak.
    pre_save.connect(before_save, model, weak=False)
    post_save.connect(forget, model, weak=False)
    pre_delete.connect(forget, model, weak=False)  # what belongs to it is still there


def add_tags(response, *tags):
    """Names tags in the header that mcache_tags reads, and that nginx hides from the client."""
    earlier = [response[TAG_HEADER]] if response.has_header(TAG_HEADER) else []
    response[TAG_HEADER] = ",".join(dict.fromkeys([*earlier, *tags]))
    return response
