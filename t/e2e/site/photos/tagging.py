"""The same as freshness.py by tags: a page names what it shows, and a change names what changed.
Nobody lists pages here, and search results go away as well."""

from django.contrib.flatpages.models import FlatPage
from page_purge import purge_on_change

from photos.models import Album, Photo

# Of pages that show whatever there is: a new photo belongs there, too.
LISTS = "lists"


def tag(instance):
    """Of the page of an album or photo itself."""
    return f"{instance._meta.model_name}-{instance.pk}"


def in_album(album):
    """Of the pages of its photos, which show its title."""
    return f"in-album-{album.pk}"


def connect():
    purge_on_change(Album, tags=lambda album: [LISTS, tag(album), in_album(album)])
    purge_on_change(Photo, tags=lambda photo: [LISTS, tag(photo), tag(photo.album)])
    purge_on_change(FlatPage, urls=lambda page: [page.get_absolute_url()])
