"""The buttons that keep a title, on whatever page they stand, and the door that a guest comes back through."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import IdentityRequired
from accounts.viewer import Viewer, viewer_of
from catalog.errors import TitleNotFound
from catalog.models import Title
from engagement.actions.lists import add_to_list, forget_reminder, remind, remove_from_list
from engagement.enums import ListKind
from engagement.errors import AlreadyOpen, SignInRequired
from engagement.queries import REMINDER, Marks
from nikoflix.lib.errors import DomainError, NotFound
from nikoflix.lib.http import leads_home
from nikoflix.pages.cards import language_of

WISH_SESSION_KEY = "list_wish"
SCRIPT_HEADER = "X-Requested-With"  # sent by static/js/site/lists.js, which wants to know rather than to be sent on


@dataclass(frozen=True, slots=True)
class ListButton:
    """One button of `components/list_buttons.html`. The name stays while it is pressed or not (WAI-ARIA: toggle button)."""

    value: str
    label: str
    icon: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class ListButtons:
    title_id: UUID
    name: str
    language: str
    buttons: list[ListButton]


def list_buttons(title: Title, marks: Marks, *, at: datetime) -> ListButtons:
    """Return the buttons of a title; "Remind me" stands first as long as there is something to wait for. No query."""
    buttons = [
        ListButton(ListKind.WATCHLIST.value, _("Watchlist"), "plus", marks.watchlist),
        ListButton(ListKind.FAVOURITE.value, _("Favourite"), "heart", marks.favourite),
    ]
    if marks.reminder or not title.is_open(at=at):
        buttons.insert(0, ListButton(REMINDER, _("Remind me"), "bell", marks.reminder))
    return ListButtons(title.pk, title.title, language_of(title, "title"), buttons)


@require_POST
def change_lists(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    wish = {
        "title": request.POST.get("title", ""),
        "list": request.POST.get("put") or request.POST.get("drop", ""),
        "put": "yes" if request.POST.get("put") else "",
        "next": safe_next(request, request.POST.get("next", "")),
    }
    by_script = request.headers.get(SCRIPT_HEADER) == "fetch"
    try:
        said = _fulfil(viewer, wish)
    except SignInRequired as error:
        request.session[WISH_SESSION_KEY] = wish
        door = f"{reverse('account_login')}?{urlencode({'next': reverse('pages:wish')})}"
        return JsonResponse({"code": error.code, "go": door}, status=error.status) if by_script else redirect(door)
    except AlreadyOpen as error:
        if by_script:
            raise
        messages.error(request, error.message)
        return redirect(wish["next"])
    if by_script:
        return JsonResponse({"pressed": bool(wish["put"]), "said": said})
    messages.success(request, said)
    return redirect(wish["next"])


@never_cache
@require_safe
def fulfil_wish(request: HttpRequest) -> HttpResponse:
    """Do what a guest wanted before signing in. Only the session says what: no link makes anybody's list grow."""
    viewer = viewer_of(request)
    wish = request.session.get(WISH_SESSION_KEY)
    if wish is None or viewer.user is None:
        return redirect("pages:me")
    if viewer.profile is None:
        return redirect(f"{reverse('profiles')}?{urlencode({'next': reverse('pages:wish')})}")
    del request.session[WISH_SESSION_KEY]
    try:
        messages.success(request, _fulfil(viewer, wish))
    except DomainError as error:  # this profile may see less, or it has opened meanwhile
        messages.error(request, error.message)
        return redirect("pages:home" if isinstance(error, TitleNotFound) else wish["next"])
    return redirect(wish["next"])


def safe_next(request: HttpRequest, address: str) -> str:
    """Return where to go on to: an address of this site, else the viewer's own things."""
    return address if leads_home(request, address) else reverse("pages:me")


def _fulfil(viewer: Viewer, wish: dict[str, str]) -> str:
    """Change the list and return what was done in words. Raises NotFound for a list nobody keeps, and what actions raise."""
    try:
        title_id = UUID(wish["title"])
    except ValueError as error:
        raise TitleNotFound from error
    put = bool(wish["put"])
    if put and viewer.user is not None and viewer.profile is None:
        raise IdentityRequired(_("Choose who is watching first."))
    now = timezone.now()
    if wish["list"] == REMINDER:
        if put:
            remind(viewer=viewer, title_id=title_id, at=now)
            return _("We will tell you when it is here.")
        forget_reminder(viewer=viewer, title_id=title_id)
        return _("We will not remind you of it.")
    if wish["list"] not in ListKind.values:
        raise NotFound(_("There is no such list."))
    kind = ListKind(wish["list"])
    if put:
        add_to_list(viewer=viewer, kind=kind, title_id=title_id, at=now)
        return _("Added to your watchlist.") if kind == ListKind.WATCHLIST else _("Added to your favourites.")
    remove_from_list(viewer=viewer, kind=kind, title_id=title_id)
    return _("Taken off your watchlist.") if kind == ListKind.WATCHLIST else _("Taken off your favourites.")
