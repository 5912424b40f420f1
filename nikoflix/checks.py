"""System checks of the settings. Errors keep production from starting; warnings name what is small, not unsafe.

The ids stay what they are: operators silence and search by them. Explained in docs/operator.md.
"""

from collections.abc import Callable, Iterator, Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 -- Django's names
from django.core.exceptions import ImproperlyConfigured

from accounts.keys import all_keys
from nikoflix.lib.geoip import database_fault

MODES = {"demo", "production", "test"}
SHORTEST_SECRET = 50  # characters, as Django's own security.W009
LOCAL_MAIL = ("console", "dummy", "filebased", "inbox", "locmem")


def _secret_faults() -> Iterator[CheckMessage]:
    for number, name in ((1, "SECRET_KEY"), (2, "STREAM_SECRET")):
        secret = getattr(settings, name)
        if secret == settings.UNSAFE_SECRET or len(secret) < SHORTEST_SECRET:
            yield Error(
                f"{name} is the built-in one or shorter than {SHORTEST_SECRET} characters.",
                hint=f"Set {name} or {name}_FILE to a long random text of its own.",
                id=f"nikoflix.E{number:03}",
            )
    if settings.SECRET_KEY == settings.STREAM_SECRET != settings.UNSAFE_SECRET:
        yield Error(
            "SECRET_KEY and STREAM_SECRET are the same.",
            hint="nginx and the CDN know STREAM_SECRET; they must not be able to sign sessions.",
            id="nikoflix.E003",
        )


def _token_faults() -> Iterator[CheckMessage]:
    try:
        found = bool(all_keys())
    except (ValueError, TypeError, OSError):  # TypeError: a key behind a password
        found = False
    if not found:
        yield Error(
            "There is no RSA key of at least 2048 bits that signs the API's tokens.",
            hint="Run manage.py rotate_token_keys --at-once, or set JWT_PRIVATE_KEY or JWT_PRIVATE_KEY_FILE.",
            id="nikoflix.E020",
        )


def _mail_faults() -> Iterator[CheckMessage]:
    if any(word in settings.EMAIL_BACKEND for word in LOCAL_MAIL):
        yield Error(f"{settings.EMAIL_BACKEND} sends no mail.", hint="Set EMAIL_URL.", id="nikoflix.E005")
    if settings.DEV_INBOX:
        yield Error("The development inbox shows everybody's codes.", id="nikoflix.E006")
    if "inbox" in settings.SMS_SENDER:
        hint = "Set SMS_SENDER to a function of your provider's, or to nothing when numbers shall not sign up."
        yield Error(f"{settings.SMS_SENDER} sends no text messages.", hint=hint, id="nikoflix.E021")


def _host_faults() -> Iterator[CheckMessage]:
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS is empty or lets every host in.", id="nikoflix.E008")
    if not settings.SITE_URL.startswith("https://"):
        yield Error("SITE_URL does not begin with https://.", id="nikoflix.E009")
    if getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False):
        yield Error("Every origin may call the API with a visitor's cookies.", id="nikoflix.E010")


def _staff_faults() -> Iterator[CheckMessage]:
    if not settings.STAFF_SECOND_FACTOR:
        hint = "Unset STAFF_SECOND_FACTOR. Who lost the second factor gets a new one by manage.py reset_second_factor."
        yield Error("A stolen password is enough to enter the editorial room.", hint=hint, id="nikoflix.E022")


def _place_faults() -> Iterator[CheckMessage]:
    if settings.GEOIP_DATABASE and (fault := database_fault(settings.GEOIP_DATABASE)):
        yield Error(
            f"GEOIP_DATABASE cannot say where anybody is: {fault}.",
            hint="Name a MaxMind database of countries or cities (.mmdb) that this process may read, or unset it.",
            id="nikoflix.E023",
        )
    if settings.COUNTRY_HEADER and not settings.TRUSTED_PROXY_COUNT:
        yield Warning(
            "COUNTRY_HEADER is ignored: without a trusted proxy it would be the visitor's own word.",
            hint="Set TRUSTED_PROXY_COUNT to the number of proxies in front.",
            id="nikoflix.W008",
        )


def _job_faults() -> Iterator[CheckMessage]:
    if getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False):
        yield Error("Tasks run inside web requests.", hint="Unset CELERY_TASK_ALWAYS_EAGER.", id="nikoflix.E007")
    if settings.CELERY_BROKER_URL.startswith("memory:"):
        yield Error("The broker lives in one process; no worker hears it.", hint="Set REDIS_URL.", id="nikoflix.E011")


def _store_faults() -> Iterator[CheckMessage]:
    if bool(settings.S3_ACCESS_KEY_ID) != bool(settings.S3_SECRET_ACCESS_KEY):
        yield Error(
            "Only one of S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY is set.",
            hint="Set both, or neither where the machine has a role.",
            id="nikoflix.E013",
        )
    for name in ("STREAM_BASE_URL", "S3_ORIGIN"):
        if getattr(settings, name).startswith("http:"):
            yield Warning(
                f"{name} begins with http://: a page that came by https may not fetch films from there.",
                hint="Name an https:// address (S3_PUBLIC_URL for the bucket). Harmless where nginx fetches from the bucket.",
                id="nikoflix.W006",
            )


def _small_size() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning("SQLite serves one machine.", hint="Set DATABASE_URL to PostgreSQL.", id="nikoflix.W001")
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        yield Warning("Each web process counts limits for itself.", hint="Set REDIS_URL.", id="nikoflix.W002")
    if settings.CELERY_BROKER_URL.startswith("sqla+"):
        yield Warning("The embedded broker serves one machine.", hint="Set REDIS_URL.", id="nikoflix.W003")
    if not settings.SESSION_COOKIE_SECURE:
        yield Warning("Cookies travel without https.", hint="Unset NIKOFLIX_HTTPS.", id="nikoflix.W004")
    if settings.SECURE_SSL_REDIRECT and not settings.TRUSTED_PROXY_COUNT:
        yield Warning(
            "Behind a proxy that ends TLS every page would redirect to itself for ever.",
            hint="Set TRUSTED_PROXY_COUNT to the number of proxies in front; they must set X-Forwarded-Proto and -For.",
            id="nikoflix.W005",
        )


PRODUCTION_CHECKS: Sequence[Callable[[], Iterator[CheckMessage]]] = (
    _secret_faults,
    _token_faults,
    _mail_faults,
    _host_faults,
    _staff_faults,
    _place_faults,
    _job_faults,
    _store_faults,
    _small_size,
)


@register("nikoflix")
def check_settings(app_configs: Sequence[AppConfig] | None = None, **_: object) -> list[CheckMessage]:  # noqa: ARG001 -- Django's interface
    if settings.MODE not in MODES:  # a misspelt "production" must not run as a demo
        return [Error(f"NIKOFLIX_MODE is {settings.MODE!r}; it knows {', '.join(sorted(MODES))}.", id="nikoflix.E012")]
    if not settings.PRODUCTION:
        return []
    faults = [fault for check in PRODUCTION_CHECKS for fault in check()]
    if settings.DEBUG:
        faults.append(Error("DEBUG shows settings and code to everybody.", id="nikoflix.E004"))
    return faults


@register("nikoflix", deploy=True)
def check_bucket(app_configs: Sequence[AppConfig] | None = None, **_: object) -> list[CheckMessage]:  # noqa: ARG001 -- Django's interface
    """Ask the bucket itself; only `check --deploy` does."""
    from playback.queries import bucket_fault  # noqa: PLC0415 -- models are not loaded when this module is

    fault = bucket_fault()
    return [Warning(fault, hint="Run manage.py setup_bucket.", id="nikoflix.W007")] if fault else []


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured with every error at once. Web processes, workers and schedulers call this first."""
    errors = [str(fault) for fault in check_settings() if fault.is_serious()]
    if errors:
        raise ImproperlyConfigured("NIKOFLIX does not start with unsafe settings:\n" + "\n".join(errors))
