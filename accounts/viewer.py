"""Who is looking. One frozen value that travels through every read in place of the request."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from accounts.consent import read_choice
from accounts.enums import Language, Maturity
from accounts.errors import InvalidToken, ProfileLocked, ProfileNotFound
from accounts.models import Identity, Profile, TokenFamily, User
from accounts.tokens import TokenKind, decode, living_family
from nikoflix.lib.geoip import country_at
from nikoflix.lib.http import client_address

GUEST_SALT = "accounts.guest"
PROFILE_SESSION_KEY = "profile_id"
UNLOCKED_SESSION_KEY = "unlocked_profiles"
PROFILE_HEADER = "X-Profile"
COUNTRY = re.compile("(?!XX)[A-Z]{2}")  # XX: a CDN that does not know


@dataclass(frozen=True, slots=True)
class Viewer:
    identity: Identity | None
    user: User | None
    profile: Profile | None
    country: str
    maturity: Maturity
    language: str
    personalisation_allowed: bool = False  # by the profile's own word, else by what this browser consented to
    profiles: Sequence[Profile] = ()  # of the account, by slot
    family: TokenFamily | None = None  # the device, when an API client is signed in
    unlocked: Collection[str] = ()  # marks of the PINs that were given on this device

    @property
    def is_guest(self) -> bool:
        return self.user is None

    @property
    def is_child(self) -> bool:
        return self.profile is not None and self.profile.is_kids

    @property
    def saves_data(self) -> bool:
        return self.profile is not None and self.profile.data_saver

    @property
    def hides_scores(self) -> bool:
        return self.profile is None or self.profile.hides_scores

    @property
    def owner_key(self) -> str:
        """Return who pays for a stream slot: the account, else the guest."""
        return f"u:{self.user.pk}" if self.user else f"g:{self.identity.guest_id}" if self.identity else ""

    def with_identity(self, identity: Identity) -> "Viewer":
        return replace(self, identity=identity)

    def as_stranger(self) -> "Viewer":
        """Return somebody nobody knows yet, in the same place and language."""
        return replace(self, identity=None, user=None, profile=None, maturity=Maturity(settings.GUEST_MATURITY))

    def with_profile(self, profile: Profile, identity: Identity | None) -> "Viewer":
        return replace(
            self,
            profile=profile,
            identity=identity,
            maturity=Maturity(profile.maturity),
            personalisation_allowed=profile.personalised,
        )

    def guards_of(self, profile: Profile) -> Sequence[Profile]:
        """Return the profiles of which one's PIN opens `profile`: its own, else any adult's where a child would leave.

        An API client names the profile in each request, so there is none that it would leave.
        """
        if profile.pin:
            return [profile]
        leaves = self.is_child and self.family is None and not profile.is_kids
        return [each for each in self.profiles if each.pin and not each.is_kids] if leaves else []

    def is_locked(self, profile: Profile) -> bool:
        """Return whether this device still owes a PIN before it may watch as `profile`."""
        guards = self.guards_of(profile)
        return bool(guards) and not any(pin_mark(guard) in self.unlocked for guard in guards)

    def find_profile(self, profile_id: UUID | str) -> "Viewer":
        """Return `self` watching as one of the account's profiles. Raises ProfileNotFound, ProfileLocked."""
        profile = next((each for each in self.profiles if str(each.pk) == str(profile_id)), None)
        if profile is None:
            raise ProfileNotFound
        if self.is_locked(profile):
            raise ProfileLocked
        return self.with_profile(profile, getattr(profile, "identity", None))


def pin_mark(profile: Profile) -> str:
    """Return what a device keeps to show that it was given this very PIN; worthless once the PIN changes."""
    return salted_hmac("accounts.pin", f"{profile.pk}{profile.pin}").hexdigest()[:16]


def guest_token(guest_id: UUID) -> str:
    """Return the signed text that proves to be this guest; the browser keeps it as a cookie, an API client as a token."""
    return signing.dumps(str(guest_id), salt=GUEST_SALT)


def guest_identity(token: str) -> Identity:
    """Return the identity of the guest who holds `token`. One query. Raises InvalidToken."""
    try:
        guest_id = signing.loads(token, salt=GUEST_SALT)
        return Identity.objects.select_related("guest").get(guest_id=guest_id)
    except (signing.BadSignature, Identity.DoesNotExist, ValidationError, ValueError) as error:
        raise InvalidToken from error


def guest_of(request: HttpRequest) -> Identity | None:
    """Return the guest whose token an API client sends along when it signs in; one that is gone is nobody. One query."""
    scheme, token = api_credentials(request)
    try:
        return guest_identity(token) if scheme == "guest" else None
    except InvalidToken:
        return None


def viewer_country(request: HttpRequest) -> str:
    """Return the ISO code of where the viewer is: a trusted proxy's word, else GeoIP's, else DEFAULT_COUNTRY.

    Without a trusted proxy the header would be the client's own word, which never counts.
    """
    told = settings.COUNTRY_HEADER and settings.TRUSTED_PROXY_COUNT
    country = request.headers.get(settings.COUNTRY_HEADER, "").upper() if told else ""
    if not COUNTRY.fullmatch(country) and settings.GEOIP_DATABASE:
        country = country_at(client_address(request), settings.GEOIP_DATABASE)
    return country if COUNTRY.fullmatch(country) else settings.DEFAULT_COUNTRY


def api_credentials(request: HttpRequest) -> tuple[str, str]:
    """Return scheme and token when an API client says who it is, else two empty strings.

    Other schemes are not ours: a browser sends Basic by itself behind a proxy that asks for it.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return (scheme.lower(), token.strip()) if scheme.lower() in {"guest", "bearer"} else ("", "")


def viewer_of(request: HttpRequest | Request) -> Viewer:
    """Return the viewer that ViewerMiddleware laid on the request; looked up at the first use, which raises InvalidToken."""
    viewer: Viewer = request.viewer  # type: ignore[union-attr] # a request takes any attribute
    return viewer


def resolve_viewer(request: HttpRequest) -> Viewer:
    """Return the viewer behind the request. At most two queries, none for a visitor who has written nothing yet.

    A `Bearer` or `Guest` token in the Authorization header wins over cookies and must be valid (InvalidToken); a stale
    guest cookie is only ignored. API clients name a profile in X-Profile, else they watch as the first open one.
    """
    language = getattr(request, "LANGUAGE_CODE", Language.EN)
    anonymous = Viewer(
        identity=None,
        user=None,
        profile=None,
        country=viewer_country(request),
        maturity=Maturity(settings.GUEST_MATURITY),
        language=language,
    )
    scheme, token = api_credentials(request)
    if scheme == "guest":
        return replace(anonymous, identity=guest_identity(token))
    if scheme:
        return _token_viewer(anonymous, token, profile_id=request.headers.get(PROFILE_HEADER, ""))
    if isinstance(request.user, User):
        unlocked = request.session.get(UNLOCKED_SESSION_KEY, ())
        viewer = _account_viewer(anonymous, request.user, unlocked=unlocked)
        return _watching(viewer, chosen=str(request.session.get(PROFILE_SESSION_KEY, "")))
    choice = read_choice(request)
    anonymous = replace(anonymous, personalisation_allowed=choice is not None and choice.personalisation)
    cookie = request.COOKIES.get(settings.GUEST_COOKIE)
    if cookie:
        try:
            return replace(anonymous, identity=guest_identity(cookie))
        except InvalidToken:
            return anonymous
    return anonymous


def _token_viewer(anonymous: Viewer, token: str, *, profile_id: str) -> Viewer:
    claims = decode(token, TokenKind.ACCESS)
    family = living_family(claims, at=timezone.now())
    viewer = replace(_account_viewer(anonymous, family.user, unlocked=claims.unlocked), family=family)
    return viewer.find_profile(profile_id) if profile_id else _watching(viewer)


def _account_viewer(anonymous: Viewer, user: User, *, unlocked: Collection[str]) -> Viewer:
    profiles = tuple(Profile.objects.filter(user=user).select_related("identity").order_by("slot"))
    return replace(anonymous, user=user, profiles=profiles, unlocked=unlocked)


def _watching(viewer: Viewer, *, chosen: str = "") -> Viewer:
    """Return `viewer` as the chosen profile, else as the first; one that owes its PIN is passed over."""
    profiles = [profile for profile in viewer.profiles if not viewer.is_locked(profile)]
    profile = next((each for each in profiles if str(each.pk) == chosen), profiles[0] if profiles else None)
    return viewer.with_profile(profile, getattr(profile, "identity", None)) if profile else viewer
