import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from nikoflix import checks
from nikoflix.checks import check_settings
from nikoflix.settings import UNSAFE_SECRET

ROOT = Path(__file__).resolve().parents[2]
SAFE: dict[str, Any] = {
    "MODE": "production",
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "a" * 60,
    "STREAM_SECRET": "b" * 60,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEV_INBOX": False,
    "SMS_SENDER": "studio.sms.send",
    "STAFF_SECOND_FACTOR": True,
    "CELERY_TASK_ALWAYS_EAGER": False,
    "ALLOWED_HOSTS": ["films.example"],
    "SITE_URL": "https://films.example",
    "CORS_ALLOW_ALL_ORIGINS": False,
    "CELERY_BROKER_URL": "redis://redis/0",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "CACHES": {"default": {"BACKEND": "django_redis.cache.RedisCache"}},
    "SESSION_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "TRUSTED_PROXY_COUNT": 1,
    "COUNTRY_HEADER": "",
    "GEOIP_DATABASE": "",
    "STREAM_BASE_URL": "https://cdn.example",
    "S3_ORIGIN": "https://objects.example",
    "S3_ACCESS_KEY_ID": "key",
    "S3_SECRET_ACCESS_KEY": "secret",
}
UNSAFE = [
    ("nikoflix.E001", {"SECRET_KEY": UNSAFE_SECRET}),
    ("nikoflix.E001", {"SECRET_KEY": "a" * 49}),
    ("nikoflix.E002", {"STREAM_SECRET": "b" * 49}),
    ("nikoflix.E003", {"STREAM_SECRET": "a" * 60}),
    ("nikoflix.E004", {"DEBUG": True}),
    ("nikoflix.E005", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    ("nikoflix.E005", {"EMAIL_BACKEND": "nikoflix.lib.inbox.InboxBackend"}),
    ("nikoflix.E006", {"DEV_INBOX": True}),
    ("nikoflix.E021", {"SMS_SENDER": "nikoflix.lib.inbox.deliver_sms"}),
    ("nikoflix.E022", {"STAFF_SECOND_FACTOR": False}),
    ("nikoflix.E023", {"GEOIP_DATABASE": "/nowhere/GeoLite2-Country.mmdb"}),
    ("nikoflix.E023", {"GEOIP_DATABASE": __file__}),
    ("nikoflix.E007", {"CELERY_TASK_ALWAYS_EAGER": True}),
    ("nikoflix.E008", {"ALLOWED_HOSTS": []}),
    ("nikoflix.E008", {"ALLOWED_HOSTS": ["films.example", "*"]}),
    ("nikoflix.E009", {"SITE_URL": "http://films.example"}),
    ("nikoflix.E010", {"CORS_ALLOW_ALL_ORIGINS": True}),
    ("nikoflix.E011", {"CELERY_BROKER_URL": "memory://"}),
    ("nikoflix.E012", {"MODE": "prod"}),
    ("nikoflix.W001", {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}),
    ("nikoflix.W002", {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}),
    ("nikoflix.W003", {"CELERY_BROKER_URL": "sqla+sqlite:///broker.sqlite3"}),
    ("nikoflix.W004", {"SESSION_COOKIE_SECURE": False}),
    ("nikoflix.W005", {"TRUSTED_PROXY_COUNT": 0}),
    ("nikoflix.W008", {"COUNTRY_HEADER": "X-Place", "TRUSTED_PROXY_COUNT": 0, "SECURE_SSL_REDIRECT": False}),
    ("nikoflix.E013", {"S3_SECRET_ACCESS_KEY": ""}),
    ("nikoflix.W006", {"STREAM_BASE_URL": "http://cdn.example"}),
    ("nikoflix.W006", {"S3_ORIGIN": "http://objects.example"}),
]


def found(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> list[str]:
    # A stand-in: the real settings would be read by whatever opens a cache or a database meanwhile.
    stand_in = SimpleNamespace(**SAFE | changes, UNSAFE_SECRET=UNSAFE_SECRET)
    monkeypatch.setattr(checks, "settings", stand_in)
    return [str(fault.id) for fault in check_settings()]


def test_safe_settings_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, {}) == []


@pytest.mark.parametrize(("expected", "changes"), UNSAFE)
def test_each_unsafe_setting_has_its_id(
    monkeypatch: pytest.MonkeyPatch, expected: str, changes: dict[str, Any]
) -> None:
    assert found(monkeypatch, changes) == [expected]


def test_the_demo_is_left_alone(settings: Settings) -> None:
    assert check_settings() == []


def start(*command: str, data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=inherited | {"NIKOFLIX_DATA": str(data), "DJANGO_SETTINGS_MODULE": "nikoflix.settings"} | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("-c", "import nikoflix.wsgi"),
        ("-c", "import nikoflix.asgi"),
        ("-m", "celery", "-A", "nikoflix", "worker", "--pool", "solo"),
        ("-m", "celery", "-A", "nikoflix", "beat", "--pidfile="),
    ],
    ids=["wsgi", "asgi", "worker", "scheduler"],
)
def test_production_refuses_to_start_unsafe(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = start(*command, data=tmp_path, NIKOFLIX_MODE="production", CELERY_BROKER_URL="memory://")

    assert done.returncode != 0
    for number in ("E001", "E002", "E005", "E008", "E009", "E011"):
        assert f"nikoflix.{number}" in done.stderr


def test_the_inbox_has_no_address_in_production(tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "for path in ('/dev/inbox/', '/dev/inbox.json'):\n"
        "    try:\n"
        "        resolve(path)\n"
        "    except Resolver404:\n"
        "        print('absent')\n"
    )

    done = start("-c", code, data=tmp_path, NIKOFLIX_MODE="production")

    assert done.stdout.split() == ["absent", "absent"], done.stderr


def test_every_variable_is_documented() -> None:
    read = re.findall(r'(?:env\.\w+|_secret)\(\s*"(\w+)"', (ROOT / "nikoflix/settings.py").read_text())
    documented = re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert set(read) - set(documented) == set()
    assert len(read) > 30
