import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template import Context, Engine

from nikoflix.lib.uploads import MOST_READ
from playback.delivery import PATH, PRELOAD, PRELOAD_FILE
from playback.pipeline.store import IMMUTABLE, TYPES

TEMPLATE = Path(settings.BASE_DIR) / "deploy" / "nginx" / "nikoflix.conf.template"
MANIFESTS = {"m3u8", "mpd"}  # which only Django answers


def quoted(text: str) -> str:
    """Return `text` as one word of nginx's language. A `$` still begins a variable where nginx takes variables."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def first_nameserver() -> str:
    """Return the resolver of this machine, which nginx has to be told; empty when there is none."""
    try:
        found = re.search(r"^nameserver\s+(\S+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE)
    except OSError:
        return ""
    address = found[1] if found else ""
    return f"[{address}]" if ":" in address else address


class Command(BaseCommand):
    help = "Print nginx's configuration for this installation: signed films from disk or bucket, all else from Django."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--upstream",
            default="127.0.0.1:8000",
            metavar="HOST:PORT",
            help="where gunicorn listens (default %(default)s)",
        )
        parser.add_argument("--listen", metavar="[HOST:]PORT", help="default 443 with a certificate, else 80")
        parser.add_argument("--certificate", type=Path, help="TLS certificate with its chain (PEM)")
        parser.add_argument("--key", type=Path, help="its private key")
        bucket = parser.add_argument_group("films in a bucket (S3_BUCKET)")
        bucket.add_argument("--films-port", type=int, default=8001, help="a port of nginx's own (default %(default)s)")
        bucket.add_argument("--resolver", help="name server for the bucket's name (default: of /etc/resolv.conf)")
        bucket.add_argument(
            "--authorities", type=Path, default="/etc/ssl/certs/ca-certificates.crt", help="who signs its certificate"
        )
        bucket.add_argument("--cache", type=Path, default=Path("/var/cache/nginx/nikoflix"), metavar="FOLDER")
        bucket.add_argument("--cache-size", default="50g", metavar="SIZE", help="default %(default)s")

    def handle(self, *_args: Any, **options: Any) -> None:
        if bool(options["certificate"]) != bool(options["key"]):
            raise CommandError("--certificate and --key belong together.")
        if not settings.TRUSTED_PROXY_COUNT:
            self.stderr.write("TRUSTED_PROXY_COUNT is 0: behind nginx set it to 1, or all visitors share one address.")
        engine = Engine(autoescape=False, debug=True)
        template = engine.from_string(TEMPLATE.read_text(encoding="utf-8"))
        self.stdout.write(template.render(Context(self._values(options), autoescape=False)), ending="")

    def _values(self, options: dict[str, Any]) -> dict[str, Any]:
        paths = {
            "stream_root": settings.STREAM_ROOT,
            "static_root": settings.STATIC_ROOT,
            "cache": options["cache"],
            "authorities": options["authorities"],
            "certificate": options["certificate"],
            "key": options["key"],
        }
        if isinstance(default_storage, FileSystemStorage):
            paths["artwork_root"] = settings.MEDIA_ROOT
        for name, path in paths.items():
            if path and not re.fullmatch(r"[\w./@+-]+", str(path)):
                raise CommandError(f"nginx cannot be told of a path with such characters: {name} is {path}")
        proxies = settings.TRUSTED_PROXY_COUNT
        return {
            **{name: str(path) if path else "" for name, path in paths.items()},
            "bucket": settings.S3_BUCKET,
            "films_port": options["films_port"],
            "resolver": options["resolver"] or first_nameserver(),
            "upstream": options["upstream"],
            "listen": options["listen"] or ("443" if options["certificate"] else "80"),
            "server_names": " ".join("_" if host == "*" else host for host in settings.ALLOWED_HOSTS) or "_",
            "secret": quoted(settings.STREAM_SECRET),
            "path": PATH.pattern,
            "preload": PRELOAD,
            "preload_file": PRELOAD_FILE.pattern,
            "types": [(kind, type_.partition(";")[0]) for kind, type_ in TYPES.items() if kind not in MANIFESTS],
            "immutable": IMMUTABLE,
            "forwarded_proto": "$http_x_forwarded_proto" if proxies > 1 else "$scheme",
            # Only a CDN in front may say where a visitor is; nginx at the edge hears it from the visitor.
            "country_header": settings.COUNTRY_HEADER if proxies <= 1 else "",
            "hsts": self._hsts(),
            "max_source_bytes": settings.MAX_SOURCE_BYTES,
            "most_read": MOST_READ,
            "cache_size": options["cache_size"],
        }

    def _hsts(self) -> str:
        if not settings.SECURE_HSTS_SECONDS:
            return ""
        parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
        parts += ["includeSubDomains"] if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else []
        parts += ["preload"] if settings.SECURE_HSTS_PRELOAD else []
        return "; ".join(parts)
