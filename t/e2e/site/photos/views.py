from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Min, Q
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from page_purge import add_tags

from photos.models import Album, Favourite, Photo
from photos.tagging import LISTS, in_album, tag
from portfolio.request_log import requests_by_uri


def home(request):
    albums = Album.objects.annotate(number=Count("photos")).prefetch_related("photos")
    span = Photo.objects.aggregate(first=Min("taken"), last=Max("taken"), number=Count("pk"))
    latest = Photo.objects.select_related("album")[:12]
    page = render(request, "photos/home.html", {"albums": albums, "span": span, "latest": latest})
    return add_tags(page, LISTS)


def album(request, slug):
    album = get_object_or_404(Album.objects.annotate(number=Count("photos")), slug=slug)
    cameras = album.photos.values("camera").annotate(number=Count("pk")).order_by("-number")
    page = render(
        request,
        "photos/album.html",
        {"album": album, "photos": album.photos.all(), "cameras": cameras},
    )
    return add_tags(page, tag(album))


def photo(request, pk):
    size = request.GET.get("size", "medium")
    if size not in Photo.SIZES:
        raise Http404(f"no size {size}")
    photo = get_object_or_404(Photo.objects.select_related("album"), pk=pk)
    page = render(
        request,
        "photos/photo.html",
        {"photo": photo, "size": size, "width": Photo.SIZES[size], "sizes": Photo.SIZES},
    )
    return add_tags(page, tag(photo), in_album(photo.album))


@csrf_exempt
@cache_control(max_age=30)
def search(request):
    """By GET, which can be linked to, or by POST. It changes nothing, so it needs no CSRF token;
    its cookie would keep the page out of the cache."""
    words = (request.POST.get("q") or request.GET.get("q", "")).split()
    photos = Photo.objects.select_related("album")
    for word in words:
        photos = photos.filter(
            Q(title__icontains=word) | Q(caption__icontains=word) | Q(album__title__icontains=word)
        )
    found = photos if words else photos.none()
    page = render(request, "photos/search.html", {"query": " ".join(words), "photos": found})
    return add_tags(page, LISTS)


# No never_cache here: what keeps it out of a shared cache is "Vary: Cookie", which Django adds
# because the page looked at the session.
@login_required
def favourites(request):
    marked = Favourite.objects.filter(user=request.user).select_related("photo__album")
    return render(request, "photos/favourites.html", {"favourites": marked})


@login_required
def me(request):
    return render(request, "accounts/me.html")


@never_cache
def count(request):
    requests = requests_by_uri()
    return JsonResponse({"total": sum(requests.values()), "requests": dict(requests)})
