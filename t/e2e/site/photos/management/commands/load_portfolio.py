"""Fills an empty database with albums, painted photos, the about page and four users."""

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand
from django.db import transaction

from photos.models import Album, Favourite, Photo
from photos.painting import paint

ALBUMS = [
    {
        "title": "Mountains",
        "slug": "mountains",
        "summary": "Eight days along the ridge, before the huts open.",
        "begun": date(2023, 5, 2),
        "camera": "Field camera 4x5",
        "lens": "150 mm",
        "light": {
            "zenith": (38, 52, 92),
            "horizon": (246, 190, 140),
            "ridges": [(140, 120, 142), (104, 92, 122), (70, 66, 98), (42, 42, 70), (22, 24, 44)],
            "sun": (255, 236, 196),
        },
        "photos": [
            ("First light", "Ten minutes of colour, then an hour of fog."),
            ("The long ridge", "Five valleys, and a path that stays above all of them."),
            ("Weather coming", "The huts were closed, so the weather was something to hurry from."),
            ("Above the fog", "Waiting paid."),
        ],
    },
    {
        "title": "Küste",
        "slug": "küste",
        "summary": "The North Sea in winter, with nobody on the beach.",
        "begun": date(2023, 12, 28),
        "camera": "Rangefinder",
        "lens": "35 mm",
        "light": {
            "zenith": (52, 74, 96),
            "horizon": (232, 214, 196),
            "ridges": [(120, 134, 146), (82, 98, 112), (46, 60, 72)],
            "sun": (252, 246, 230),
            "water": True,
        },
        "photos": [
            ("Ebb", "The harbour empties twice a day."),
            ("Harbour wall", "Fog until noon, and the horn every two minutes."),
            ("Île au loin", "An island that the chart calls a rock."),
            ("Winter sun", "As high as it gets."),
        ],
    },
    {
        "title": "City at night",
        "slug": "city-at-night",
        "summary": "Roofs, from other roofs.",
        "begun": date(2024, 9, 14),
        "camera": "Pocket digital",
        "lens": "28 mm",
        "light": {
            "zenith": (10, 12, 34),
            "horizon": (196, 92, 72),
            "ridges": [(92, 52, 74), (58, 36, 62), (32, 24, 48), (14, 14, 30)],
            "sun": (250, 214, 160),
            "city": True,
        },
        "photos": [
            ("Last tram", "Then it was quiet enough to hear the lamps."),
            ("Moonrise", "Between the two banks, as every month."),
            ("Roof garden", "Tomatoes, a chair, and the whole of the east."),
            ("Blue hour", "Twenty minutes, whatever the season says."),
        ],
    },
]

ABOUT = """<p class="lead">Northlight is the portfolio of a photographer who does not exist.</p>
<p>The photographs were painted by a program, the pages by Django, and most of the time you get them
from memcached.</p>"""

USERS = [("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")]


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, **options):
        for pk, entry in enumerate(ALBUMS, start=1):
            self.load_album(pk, **entry)
        FlatPage.objects.bulk_create([FlatPage(pk=1, url="/about/", title="About", content=ABOUT)])
        FlatPage.objects.get(pk=1).sites.add(Site.objects.get_current())
        User.objects.create_superuser("admin", password="northlight", first_name="Ada")
        for (name, first_name), photo in zip(USERS, Photo.objects.order_by("pk")):
            user = User.objects.create_user(name, password="northlight", first_name=first_name)
            Favourite.objects.create(user=user, photo=photo)

    def load_album(self, pk, photos, light, camera, lens, **fields):
        album = Album(
            pk=pk, story="Shown in the order in which they were taken, the newest first.", **fields
        )
        # In bulk, because that sends no signals: nothing is in memcached yet.
        Album.objects.bulk_create([album])
        Photo.objects.bulk_create(
            Photo(
                pk=len(ALBUMS) * number + pk,
                album=album,
                title=title,
                caption=caption,
                taken=album.begun + timedelta(days=2 * number),
                camera=camera,
                lens=lens,
                exposure=f"1/{60 << number} s at f/{5.6 + number:g}",
                image=ContentFile(
                    paint(f"{album.slug}/{number}", **light), name=f"photo-{pk}-{number}.png"
                ),
            )
            for number, (title, caption) in enumerate(photos)
        )
