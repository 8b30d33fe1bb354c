from django.contrib import admin

from photos.models import Album, Photo


@admin.register(Album)
class AlbumAdmin(admin.ModelAdmin):
    list_display = ["title", "summary", "begun"]
    prepopulated_fields = {"slug": ["title"]}
    search_fields = ["title", "summary"]


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin):
    list_display = ["title", "album", "taken", "camera"]
    list_filter = ["album"]
    search_fields = ["title", "caption"]
