from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nikoflix.pages.styleguide.pieces import pieces, player_pieces
from nikoflix.pages.styleguide.tokens import read_tokens


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show tokens and components in every state; there is no such page in production."""
    _only_for_developers()
    return render(request, "pages/styleguide.html", {"page": pieces(), "tokens": read_tokens()})


@require_safe
def player_styleguide(request: HttpRequest) -> HttpResponse:
    """Show the player's pieces, which have a stylesheet of their own."""
    _only_for_developers()
    return render(request, "pages/styleguide_player.html", {"page": player_pieces()})


def _only_for_developers() -> None:
    if settings.PRODUCTION and not settings.DEBUG:
        raise Http404
