"""How the editorial room looks: the settings of django-unfold."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "NIKOFLIX",
    "SITE_HEADER": "NIKOFLIX",
    "SITE_SUBHEADER": _("Editorial room"),
    "SITE_ICON": lambda _request: static("img/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("img/icon.svg")},
    ],
    "THEME": "dark",
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
    # The tokens of static/css/tokens.css: blue-black grounds, marigold for what can be acted on.
    "COLORS": {
        "base": {
            "50": "#f3f4f9", "100": "#e4e7f1", "200": "#cbd1e3", "300": "#b6bdd1", "400": "#949db8", "500": "#7884a6",
            "600": "#465172", "700": "#2a3350", "800": "#182038", "900": "#101527", "950": "#080b16",
        },
        "primary": {
            "50": "#fff8eb", "100": "#ffecc7", "200": "#ffd98a", "300": "#ffc457", "400": "#ffb020", "500": "#ff9a2a",
            "600": "#b85a00", "700": "#994a00", "800": "#7a3b00", "900": "#5c2d00", "950": "#1b1200",
        },
    },
}  # fmt: skip
