from django.contrib import admin
from django.contrib.flatpages.views import flatpage
from django.urls import include, path

from photos import views

urlpatterns = [
    path("", views.home, name="home"),
    path("albums/<str:slug>/", views.album, name="album"),
    path("photos/<int:pk>/", views.photo, name="photo"),
    path("search/", views.search, name="search"),
    path("about/", flatpage, {"url": "/about/"}, name="about"),
    path("favourites/", views.favourites, name="favourites"),
    path("api/count", views.count, name="count"),
    path("accounts/me/", views.me, name="me"),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
]
