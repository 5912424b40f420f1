from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_WAY_BACK = 2000  # characters of an address that a form or a session carries along


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, believing only as many forwarding proxies as TRUSTED_PROXY_COUNT says."""
    if settings.TRUSTED_PROXY_COUNT:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXY_COUNT:
            return hops[-settings.TRUSTED_PROXY_COUNT]
    return str(request.META.get("REMOTE_ADDR", ""))


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/m/"))


def leads_home(request: HttpRequest, address: str) -> bool:
    """Return whether a visitor may be sent on to `address`, which anybody may have written: a path or URL of this very site.

    A bare word is no address: `redirect` would take it for the name of a view.
    """
    return (
        address.startswith(("/", "http://", "https://"))
        and len(address) <= LONGEST_WAY_BACK
        and url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    )
