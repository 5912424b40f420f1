"""Every setting, read from the environment. `.env.example` documents them; `nikoflix/checks.py` refuses unsafe ones."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from nikoflix.admin_look import UNFOLD  # noqa: F401 -- a setting
from nikoflix.lib.machine import default_slots
from nikoflix.lib.stores import cache_stores

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
if env.ENVIRON.get("NIKOFLIX_MODE") != "test":  # a developer's own .env must not colour the tests
    environ.Env.read_env(BASE_DIR / ".env")

# demo: bin/run, embedded servers, development inbox. production: refuses unsafe values. test: the test suite.
MODE: str = env.str("NIKOFLIX_MODE", default="demo")
PRODUCTION = MODE == "production"
DEBUG: bool = env.bool("NIKOFLIX_DEBUG", default=False)

DATA = Path(env.str("NIKOFLIX_DATA", default=str(BASE_DIR / "var"))).resolve()
SECRETS_DIR = DATA / "secrets"
for _folder in ("db", "broker", "secrets", "uploads/incoming", "work", "media", "artwork", "cache", "inbox", "static"):
    (DATA / _folder).mkdir(parents=True, exist_ok=True)


def _secret(name: str) -> str:
    """Return the secret `name` from the environment, else the one `bin/run` made in DATA/secrets, else an empty string."""
    stored = SECRETS_DIR / name.lower()
    if name in env.ENVIRON or f"{name}_FILE" in env.ENVIRON:
        return str(env.str(name))
    return stored.read_text().strip() if stored.exists() else ""


UNSAFE_SECRET = "only-for-development-and-tests-never-in-production"  # noqa: S105 -- refused by check nikoflix.E001
SECRET_KEY = _secret("SECRET_KEY") or UNSAFE_SECRET
# The ones of before: they still open what they signed or locked.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
# Signs stream URLs. A second secret, because nginx and the CDN know it too.
STREAM_SECRET = _secret("STREAM_SECRET") or UNSAFE_SECRET

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL: str = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
# Sign the API's tokens: RSA keys as PEM text, the first signs and all verify; empty: the files in JWT_KEYS_DIR.
JWT_PRIVATE_KEY = _secret("JWT_PRIVATE_KEY")
JWT_KEYS_DIR = Path(env.str("JWT_KEYS_DIR", default=str(SECRETS_DIR / "jwt")))
ACCESS_TOKEN_TTL = timedelta(minutes=15)
REFRESH_TOKEN_TTL = timedelta(days=7)
# How many proxies in front append to X-Forwarded-For; 0 believes only the connection itself.
TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXY_COUNT", default=0)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "cms.site.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "nikoflix.apps.BuiltStaticFilesConfig",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.facebook",
    "allauth.mfa",
    "allauth.usersessions",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "catalog",
    "billing",
    "playback",
    "ads",
    "engagement",
    "cms",
    "nikoflix",
]

MIDDLEWARE = [
    "nikoflix.middleware.RequestIdMiddleware",
    "nikoflix.middleware.TextCompressionMiddleware",
    "nikoflix.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "nikoflix.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "nikoflix.pages.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.LastSeenMiddleware",
    "nikoflix.middleware.ViewerMiddleware",
    "accounts.middleware.ChildrenMiddleware",
    "nikoflix.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "nikoflix.urls"
WSGI_APPLICATION = "nikoflix.wsgi.application"
ASGI_APPLICATION = "nikoflix.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "nikoflix.pages.context.site",
            ],
        },
    },
]

# --- data -----------------------------------------------------------------------------------------------------------
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 5,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL",
}
_database: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{DATA / 'db' / 'nikoflix.sqlite3'}")
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = SQLITE_OPTIONS
else:
    _database |= {"CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60), "CONN_HEALTH_CHECKS": True}
    _database["OPTIONS"] = {
        "connect_timeout": 3,
        **_database.get("OPTIONS", {}),
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL: str = env.str("REDIS_URL", default="")
CACHES = cache_stores(REDIS_URL, BASE_DIR)
# Seconds for which viewers of one country, ceiling and language share the home page's trays; a new title appears after as many.
# A viewer's own part is kept six times as long, and drawn anew as soon as the viewer does anything.
HOME_CACHE_S: int = env.int("HOME_CACHE_SECONDS", default=0 if MODE == "test" else 20)
# Seconds for which the counts of a list and of its filters are remembered; the list itself is always fresh.
COUNTS_CACHE_S: int = env.int("COUNTS_CACHE_SECONDS", default=60)
DJANGO_REDIS_IGNORE_EXCEPTIONS = True  # Redis gone means slower, not down (Q3)
SESSION_ENGINE = "django.contrib.sessions.backends." + ("cached_db" if REDIS_URL else "db")

# --- jobs -----------------------------------------------------------------------------------------------------------
# The broker is only a doorbell: the job rows are the queue (DESIGN §8), so it may be lost at any time.
CELERY_BROKER_URL: str = env.str(
    "CELERY_BROKER_URL", default=REDIS_URL or f"sqla+sqlite:///{DATA / 'broker' / 'broker.sqlite3'}"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # what a lost worker held is found in the rows
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "media"
# The other three carry rings for the steps of playback.enums.QUEUES. A worker consumes all of them, or those after -Q.
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("media", "probe", "encode", "package")]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "broker" / "beat")
CELERY_BEAT_SCHEDULE = {
    "sweep-media-jobs": {
        "task": "playback.tasks.sweep_jobs",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 15},
    },
    "serve-data-requests": {
        "task": "accounts.tasks.serve_data_requests",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "send-reminders": {
        "task": "engagement.tasks.send_reminders",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "keep-retention": {
        "task": "accounts.tasks.keep_retention",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3600},
    },
    "check-external-streams": {
        "task": "playback.tasks.check_external_streams",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 300},
    },
    "remove-discarded-files": {
        "task": "playback.tasks.remove_discarded_files",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
    "clean-leftovers": {
        "task": "playback.tasks.clean_leftovers",
        "schedule": crontab(hour=22, minute=30),  # UTC: four in the morning in India
        "options": {"expires": 3600},
    },
}

# --- media ----------------------------------------------------------------------------------------------------------
MEDIA_ROOT = DATA / "artwork"  # what editors upload as pictures; film bytes live under STREAM_ROOT
MEDIA_URL = "/artwork/"
# A bucket holds films, uploads and pictures when S3_BUCKET names one; several machines need it.
S3_BUCKET: str = env.str("S3_BUCKET", default="")
S3_PREFIX: str = env.str("S3_PREFIX", default="")  # "studio/": everything lies below, where a bucket is shared
S3_REGION: str = env.str("S3_REGION", default="us-east-1")
S3_ENDPOINT_URL: str = env.str("S3_ENDPOINT_URL", default="").rstrip("/")  # empty: Amazon's
S3_PUBLIC_URL: str = env.str("S3_PUBLIC_URL", default="").rstrip("/") or S3_ENDPOINT_URL  # as browsers reach it
S3_ACCESS_KEY_ID: str = _secret("S3_ACCESS_KEY_ID")
S3_SECRET_ACCESS_KEY: str = _secret("S3_SECRET_ACCESS_KEY")
S3_ORIGIN = S3_PUBLIC_URL or f"https://{S3_BUCKET}.s3.{S3_REGION}.amazonaws.com" if S3_BUCKET else ""
# The CDN in front of /m/, such as https://cdn.example; empty: the site itself.
STREAM_BASE_URL: str = env.str("STREAM_BASE_URL", default="").rstrip("/")
UPLOAD_ROOT = DATA / "uploads"
WORK_ROOT = DATA / "work"
STREAM_ROOT = DATA / "media"
FILE_UPLOAD_TEMP_DIR = str(DATA / "uploads" / "incoming")  # same disk as UPLOAD_ROOT: accepting an upload is a rename
FILE_UPLOAD_HANDLERS = [
    "nikoflix.lib.uploads.UploadGuard",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000  # six for each episode of a season, four for each title of a collection
MAX_SOURCE_BYTES: int = env.int("MAX_SOURCE_BYTES", default=200 * 1024**3)
FFMPEG: str = env.str("NIKOFLIX_FFMPEG", default="")  # empty: the pinned build of the imageio-ffmpeg wheel
X264_PRESET: str = env.str("X264_PRESET", default="veryfast")
JOB_LEASE = timedelta(seconds=env.int("JOB_LEASE_SECONDS", default=45))
JOB_MAX_ATTEMPTS = 3
MEDIA_SLOTS: int = env.int("MEDIA_SLOTS", default=default_slots())  # jobs at once on one machine, by all its workers
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")  # who sends it sees /metrics; empty: nobody does
STREAM_URL_TTL = timedelta(seconds=env.int("STREAM_URL_TTL_SECONDS", default=900))
PLAYBACK_LEASE = timedelta(seconds=60)  # a stream slot is free again this long after the last sign of life

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "accounts.hashers.BoundedBCryptHasher",  # bcrypt at cost 12 (A6)
]
PASSWORD_SLOTS: int = env.int("PASSWORD_SLOTS", default=2)  # hashes computed at once in one web process
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "accounts.passwords.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "phone")},
    },
    {"NAME": "accounts.passwords.MinimumLengthValidator"},
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
    {"NAME": "accounts.passwords.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.CharacterClassesValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts/actions/registration.py proves every contact before there is an account
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = False  # accounts/limits.py counts for every door
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = True
# Whoever signs in by Google or Facebook; each appears when its keys are set. The addresses change in tests only.
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "google": {
        "SCOPE": ["email", "profile"],
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [{"client_id": env.str("GOOGLE_CLIENT_ID", default=""), "secret": _secret("GOOGLE_CLIENT_SECRET")}],
        "AUTHORIZE_URL": env.str("GOOGLE_AUTHORIZE_URL", default="https://accounts.google.com/o/oauth2/v2/auth"),
        "ACCESS_TOKEN_URL": env.str("GOOGLE_TOKEN_URL", default="https://oauth2.googleapis.com/token"),
        "CERTS_URL": env.str("GOOGLE_CERTS_URL", default="https://www.googleapis.com/oauth2/v1/certs"),
    },
    "facebook": {
        "METHOD": "oauth2",
        "SCOPE": ["email", "public_profile"],
        "FIELDS": ["id", "name", "email"],
        "APPS": [{"client_id": env.str("FACEBOOK_APP_ID", default=""), "secret": _secret("FACEBOOK_APP_SECRET")}],
        "GRAPH_API_URL": env.str("FACEBOOK_GRAPH_URL", default="https://graph.facebook.com/v24.0"),
        "AUTHORIZE_URL": env.str("FACEBOOK_AUTHORIZE_URL", default="https://www.facebook.com/v24.0/dialog/oauth"),
    },
}
for _provider in SOCIALACCOUNT_PROVIDERS.values():
    _provider["APPS"] = [app for app in _provider["APPS"] if app["client_id"]]
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "NIKOFLIX"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost
MFA_FORMS = {
    "authenticate": "accounts.forms.doors.AuthenticateForm",
    "activate_totp": "accounts.forms.doors.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.doors.AddPasskeyForm",
    "authenticate_webauthn": "accounts.forms.doors.AuthenticatePasskeyForm",
    "login_webauthn": "accounts.forms.doors.LoginPasskeyForm",
}
# The editorial room asks staff for an authenticator app or a recovery code; production cannot switch it off.
STAFF_SECOND_FACTOR: bool = env.bool("STAFF_SECOND_FACTOR", default=PRODUCTION)
OTP_TOTP_ISSUER = "NIKOFLIX"
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0  # accounts/limits.py counts here too
# One counter per account for every door (accounts/limits.py); an address has twenty times as many tries.
SIGN_IN_TRIES: int = env.int("SIGN_IN_TRIES", default=5)
SIGN_IN_LOCK_S: int = env.int("SIGN_IN_LOCK_SECONDS", default=900)
CODES_PER_TARGET: int = env.int("CODES_PER_TARGET_PER_HOUR", default=5)
CODES_PER_CLIENT: int = env.int("CODES_PER_CLIENT_PER_HOUR", default=20)
CODE_LIFETIME = timedelta(minutes=10)

EMAIL_BACKEND: str = env.str("EMAIL_BACKEND", default="nikoflix.lib.inbox.InboxBackend")
EMAIL_URL: dict[str, Any] = env.email_url("EMAIL_URL", default="consolemail://") if "EMAIL_URL" in env.ENVIRON else {}
if EMAIL_URL:
    globals().update({k: v for k, v in EMAIL_URL.items() if k.startswith("EMAIL_")})
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="NIKOFLIX <hello@nikoflix.example>")
EMAIL_TIMEOUT = 10
# Dotted path of a function (to, body) that sends a text message; the default only shows it at /dev/inbox/.
SMS_SENDER: str = env.str("SMS_SENDER", default="nikoflix.lib.inbox.deliver_sms")
DEV_INBOX = not PRODUCTION
INBOX_ROOT = DATA / "inbox"

VIEWERS_TIME_ZONE: str = env.str("VIEWERS_TIME_ZONE", default="Asia/Kolkata")  # whose midnight parts the days shown
DEFAULT_COUNTRY: str = env.str("DEFAULT_COUNTRY", default="IN")
# Header set by a trusted CDN or proxy; where it is silent GeoIP looks the address up, else everybody is in DEFAULT_COUNTRY.
COUNTRY_HEADER: str = env.str("COUNTRY_HEADER", default="")
GEOIP_DATABASE: str = env.str("GEOIP_DATABASE", default="")
GUEST_MATURITY: str = env.str("GUEST_MATURITY", default="UA")
GUEST_COOKIE = "nikoflix_guest"
# How long what is held about people is kept (A11).
ERASURE_GRACE = timedelta(days=env.int("ERASURE_GRACE_DAYS", default=90))
EXPORT_LIFETIME = timedelta(days=env.int("EXPORT_LIFETIME_DAYS", default=7))
HISTORY_RETENTION = timedelta(days=env.int("HISTORY_RETENTION_DAYS", default=730))
GUEST_RETENTION = timedelta(days=env.int("GUEST_RETENTION_DAYS", default=30))  # of guests who left nothing

# --- language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- files the browser gets -----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "catalog.storage.BucketStorage" if S3_BUCKET else "nikoflix.lib.files.DiskStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test" or DEBUG
        else "nikoflix.staticfiles.StaticStorage",
    },
}
# What has a digest in its name never changes: Django's, and esbuild's chunks, which scripts ask for by the name esbuild gave.
WHITENOISE_IMMUTABLE_FILE_TEST = r"(?:\.[0-9a-f]{12}\.\w+|/chunks/[\w.-]+-[0-9A-Z]{8}\.js)$"
WHITENOISE_USE_FINDERS = MODE == "test" or DEBUG

# --- security -------------------------------------------------------------------------------------------------------
_https = PRODUCTION and env.bool("NIKOFLIX_HTTPS", default=True)
SECURE_SSL_REDIRECT = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https and TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
CSRF_FAILURE_VIEW = "nikoflix.pages.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# Where the player may fetch films from besides ourselves: external HLS sources, the CDN and the bucket.
STREAM_ORIGINS: list[str] = env.list("STREAM_ORIGINS", default=[]) + [
    "{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in (STREAM_BASE_URL, S3_ORIGIN) if url
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *STREAM_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF, *STREAM_ORIGINS],
        "media-src": [SELF, "blob:", *STREAM_ORIGINS],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        # A form's answer may lead on to whoever signs people in.
        "form-action": [
            SELF,
            *(
                f"{_url.scheme}://{_url.netloc}"
                for _url in (urlsplit(p["AUTHORIZE_URL"]) for p in SOCIALACCOUNT_PROVIDERS.values() if p["APPS"])
            ),
        ],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

# --- API ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["nikoflix.api.authentication.ViewerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["nikoflix.api.parsing.ShallowJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["nikoflix.api.throttling.ViewerThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "stream": env.str("RATE_STREAM", default="50/min"),
        "catalog": env.str("RATE_CATALOG", default="100/min"),
        "activity": env.str("RATE_ACTIVITY", default="100/min"),
        "guest": env.str("RATE_GUEST", default="20/hour"),
        # By address, at twenty times the rate; the account's own lock and the limits of codes come on top.
        "login": env.str("RATE_LOGIN", default="5/15min"),
        "register": env.str("RATE_REGISTER", default="3/hour"),
        "code": env.str("RATE_CODE", default="10/15min"),
        "refresh": env.str("RATE_REFRESH", default="30/min"),
        "account": env.str("RATE_ACCOUNT", default="60/min"),
    },
    "EXCEPTION_HANDLER": "nikoflix.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # `format` is the stream's: hls or dash (brief 2 §6.3)
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "NIKOFLIX API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"LanguageEnum": "accounts.enums.Language"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "nikoflix.api.docs.describe_errors",
    ],
}

# --- logs -----------------------------------------------------------------------------------------------------------
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "nikoflix.lib.logs.json_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": ["stderr"], "propagate": False},
        "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
        # "Task received", "Task succeeded": nikoflix.celery writes one line per task instead.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
