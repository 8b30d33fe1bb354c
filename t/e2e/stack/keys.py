import hashlib

SITE_PREFIX = "your-site-name-"


def key_of(page, prefix=SITE_PREFIX):
    """The key that the README promises: verbatim, or the digest of one longer than 250 bytes.
    Written once more here, so that the tests do not take the site's word for it."""
    key = (prefix + page).encode()
    return key.decode() if len(key) <= 250 else "sha256-" + hashlib.sha256(key).hexdigest()
