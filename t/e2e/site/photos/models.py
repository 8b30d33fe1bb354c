from django.conf import settings
from django.db import models
from django.urls import reverse


class Album(models.Model):
    title = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    summary = models.CharField(max_length=200)
    story = models.TextField(blank=True)
    begun = models.DateField()

    class Meta:
        ordering = ["-begun"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("album", args=[self.slug])


class Photo(models.Model):
    # How wide a photo page can show its photo, in CSS pixels.
    SIZES = {"small": 320, "medium": 640, "large": 960}

    album = models.ForeignKey(Album, models.CASCADE, related_name="photos")
    title = models.CharField(max_length=80)
    caption = models.TextField(blank=True)
    image = models.FileField(upload_to="photos")
    taken = models.DateField()
    camera = models.CharField(max_length=60, blank=True)
    lens = models.CharField(max_length=60, blank=True)
    exposure = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-taken", "pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("photo", args=[self.pk])


class Favourite(models.Model):
    """A photo that somebody marked; shown to that user alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    photo = models.ForeignKey(Photo, models.CASCADE)
