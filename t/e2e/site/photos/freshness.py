"""Which pages show what, and their deletion from memcached when that changes.

Pages are deleted after the commit: sooner, a request could fetch the old state once more and store
it. Signals are sent by save() and delete(), as the admin uses them, and not by
QuerySet.update(); whoever writes so calls forget() himself.

Search results are not in the lists, since nobody knows the queries. They carry a short max-age.
"""

from django.contrib.flatpages.models import FlatPage
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save

from photos.models import Album, Photo
from portfolio.page_cache import forget

HOME = "/"


def pages_of_photo_itself(photo):
    url = photo.get_absolute_url()
    return {url} | {f"{url}?size={size}" for size in Photo.SIZES}


def pages_showing_photo(photo):
    return {HOME, photo.album.get_absolute_url()} | pages_of_photo_itself(photo)


def pages_showing_album(album):
    pages = {HOME, album.get_absolute_url()}
    for photo in album.photos.all():
        pages |= pages_of_photo_itself(photo)
    return pages


def pages_showing_flatpage(flatpage):
    return {flatpage.get_absolute_url()}


PAGES_SHOWING = {
    Album: pages_showing_album,
    Photo: pages_showing_photo,
    FlatPage: pages_showing_flatpage,
}


def note_old_pages(sender, instance, raw=False, **kwargs):
    """A photo that moves to another album leaves a page, too; so does a slug that changes."""
    before = None if raw else sender.objects.filter(pk=instance.pk).first()
    instance.pages_before = PAGES_SHOWING[sender](before) if before else set()


def forget_pages(sender, instance, raw=False, **kwargs):
    if raw:
        return
    pages = PAGES_SHOWING[sender](instance) | getattr(instance, "pages_before", set())
    transaction.on_commit(lambda: forget(sorted(pages)))


def connect():
    for model in PAGES_SHOWING:
        pre_save.connect(note_old_pages, model)
        post_save.connect(forget_pages, model)
        post_delete.connect(forget_pages, model)
