"""A small photo portfolio, whose pages lie in memcached and are served from there by nginx.

SITE_DATA        folder of the database, the images, the collected static files, the request log
SITE_MEMCACHED   host:port of the memcached that nginx reads; several: separated by commas
SITE_STORES      1: the site writes its pages to memcached itself (mcache_store off in nginx)
SITE_TAGS        1: it purges by tag, with conf-examples/django/page_purge.py; else page by page
"""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ["SITE_DATA"])
SITE_STORES_PAGES = os.environ.get("SITE_STORES") == "1"
SITE_PURGES_TAGS = os.environ.get("SITE_TAGS") == "1"

SECRET_KEY = "for the demo on 127.0.0.1 only"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "photos",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.flatpages",
]

MIDDLEWARE = [
    "portfolio.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if SITE_STORES_PAGES:
    # Next to the log, so that it sees a page as the client will.
    MIDDLEWARE.insert(1, "portfolio.page_cache.StorePages")

ROOT_URLCONF = "portfolio.urls"
WSGI_APPLICATION = "portfolio.wsgi.application"
SITE_ID = 1

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portfolio.rendering.rendering",
            ],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "portfolio.sqlite3",
        "OPTIONS": {"timeout": 20},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

# What nginx reads: the key is exactly KEY_PREFIX + path + query, no version, and the value exactly
# the bytes of the page. mcache_key_prefix in nginx's configuration is the same text as KEY_PREFIX.
#
# A cache must never hold up the site, so the client gives up soon, and tries a server that was
# down again after a second.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
        "LOCATION": os.environ["SITE_MEMCACHED"].split(","),
        "KEY_PREFIX": "your-site-name-",
        "KEY_FUNCTION": "portfolio.page_cache.memcached_key",
        "TIMEOUT": 600,
        "OPTIONS": {
            "connect_timeout": 0.5,
            "timeout": 0.5,
            "retry_attempts": 0,
            "dead_timeout": 1,
        },
    }
}

# Never written by StorePages, whatever the response says; mcache_ignore's patterns in nginx.
PAGES_NOT_STORED = [r"^/admin", r"^/accounts", r"^/api"]

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "me"
LOGOUT_REDIRECT_URL = "home"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
REQUEST_LOG = DATA_DIR / "requests.log"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
