"""A stand-in for Google and Facebook: their sign-in over real HTTP, with whoever is set as `person` at the other end."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "studio.apps.example"
ISSUER = "https://accounts.google.com"


@cache
def signing_key(_name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class StandIn:
    """`person`: what the service says of who signs in; `changes` to the token's claims and `forge`, a way to sign it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.person: dict[str, Any] = {"sub": "1", "email": "asha@example.com", "email_verified": True}
        self.changes: dict[str, Any] = {}
        self.forge = ""
        self.key = signing_key("own")

    @property
    def environ(self) -> dict[str, str]:
        """Return the settings with which the product takes this for Google and Facebook."""
        return {
            "GOOGLE_CLIENT_ID": CLIENT_ID,
            "GOOGLE_CLIENT_SECRET": "secret",
            "GOOGLE_AUTHORIZE_URL": f"{self.url}/authorize",
            "GOOGLE_TOKEN_URL": f"{self.url}/token",
            "GOOGLE_CERTS_URL": f"{self.url}/certs",
            "FACEBOOK_APP_ID": CLIENT_ID,
            "FACEBOOK_APP_SECRET": "secret",
            "FACEBOOK_AUTHORIZE_URL": f"{self.url}/authorize",
            "FACEBOOK_GRAPH_URL": self.url,
        }

    def id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT_ID, "iat": now, "exp": now + 60, **self.person, **self.changes}
        headers = {"kid": "one"}
        if self.forge == "none":
            return jwt.encode(claims, "", algorithm="none", headers=headers)
        if self.forge == "HS256":
            return jwt.encode(claims, "x" * 40, algorithm="HS256", headers=headers)
        key = signing_key("other") if self.forge == "key" else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers=headers)

    def certificate(self) -> str:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(
            issuer_name=name, subject_name=name, public_key=self.key.public_key(), serial_number=1,
            not_valid_before=now - timedelta(days=1), not_valid_after=now + timedelta(days=1),
        )  # fmt: skip
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, str]:
        """Return status and JSON, or a redirect's target."""
        if path == "/authorize":
            if self.forge == "denied":
                return (
                    302,
                    f"{query['redirect_uri'][0]}?{urlencode({'error': 'access_denied', 'state': query['state'][0]})}",
                )
            return 302, f"{query['redirect_uri'][0]}?{urlencode({'code': 'c0de', 'state': query['state'][0]})}"
        bodies: dict[str, Any] = {
            "/token": {"access_token": "t", "token_type": "Bearer", "expires_in": 60, "id_token": self.id_token()},
            "/certs": {"one": self.certificate()},
            "/oauth/access_token": {"access_token": "t", "token_type": "bearer", "expires_in": 60},
            "/me": {"id": self.person["sub"], "name": "Asha", "email": self.person.get("email", "")},
        }
        return (200, json.dumps(bodies[path])) if path in bodies else (404, "{}")


@contextmanager
def stand_in() -> Iterator[StandIn]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            status, text = service.answer(parts.path, parse_qs(parts.query))
            self.send_response(status)
            self.send_header(
                "Location" if status == 302 else "Content-Type", text if status == 302 else "application/json"
            )
            self.end_headers()
            if status != 302:
                self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815 -- the names of http.server

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service = StandIn(server.server_address[1])
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield service
        server.shutdown()
        thread.join()
