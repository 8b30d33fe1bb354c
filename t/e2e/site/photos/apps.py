from django.apps import AppConfig
from django.conf import settings


class PhotosConfig(AppConfig):
    name = "photos"

    def ready(self):
        from photos import freshness, tagging

        (tagging if settings.SITE_PURGES_TAGS else freshness).connect()
