from typing import TYPE_CHECKING

from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle

from accounts.viewer import viewer_of
from nikoflix.lib.http import client_address

if TYPE_CHECKING:  # rest_framework.views imports this module while it is being imported itself
    from rest_framework.views import APIView

ADDRESS_FACTOR = 20  # carriers put many households behind one address (DESIGN §8)

LOCAL = LocMemCache("throttling", {})


class ViewerThrottle(ScopedRateThrottle):
    """Count by user, then guest, then address at 20 times the rate; the counter is one atomic `incr` per window."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        scope = getattr(view, "throttle_scope", None)
        if not scope:
            return True
        self.scope = scope
        limit, window_s = self.parse_rate(self.get_rate())
        if limit is None or window_s is None:
            return True
        # Where people come in, a token of one's own must not buy more tries.
        by_address = getattr(view, "throttle_by_address", False)
        owner = "" if by_address else viewer_of(request).owner_key
        if not owner:
            owner, limit = f"a:{client_address(request._request)}", limit * ADDRESS_FACTOR
        self.window_s = window_s
        self.key = f"throttle:{scope}:{owner}:{int(self.timer()) // window_s}"
        cache.add(self.key, 0, timeout=window_s + 1)
        try:
            count: int | None = cache.incr(self.key)
        except ValueError:  # evicted between the two calls: begin again
            cache.set(self.key, 1, timeout=window_s + 1)
            count = 1
        if count is None:  # Redis is away: this process counts alone until it is back
            LOCAL.add(self.key, 0, timeout=window_s + 1)
            count = LOCAL.incr(self.key)
        return count <= limit

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        """Read "5/15min" too, besides DRF's "5/min"."""
        if rate is None:
            return None, None
        number, _slash, period = rate.partition("/")
        count = period.rstrip("abcdefghijklmnopqrstuvwxyz")
        limit, window_s = super().parse_rate(f"{number}/{period[len(count) :]}")
        return limit, window_s and window_s * int(count or 1)

    def wait(self) -> float:
        return float(self.window_s - int(self.timer()) % self.window_s)
