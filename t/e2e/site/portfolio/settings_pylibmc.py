"""The same site with pylibmc, that is libmemcached, as its client.

With several servers it finds each key where mcache puts it: both let libmemcached place keys, by
weighted ketama, which is mcache's default.
"""

from portfolio.settings import *
from portfolio.settings import CACHES

CACHES["default"]["BACKEND"] = "django.core.cache.backends.memcached.PyLibMCCache"
CACHES["default"]["OPTIONS"] = {
    "behaviors": {
        "ketama_weighted": True,
        "connect_timeout": 500,
        "send_timeout": 500000,
        "receive_timeout": 500000,
        "_poll_timeout": 500,
        "retry_timeout": 1,
    }
}
