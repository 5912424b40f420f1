import pytest
from django.test import Client


def directives(header: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in header.split(";") if part.strip())}


@pytest.mark.parametrize("path", ["/dev/inbox.json", "/api/v1/no-such-thing", "/api/schema/"])
def test_every_answer_carries_the_strict_policy(client: Client, db: None, path: str) -> None:
    headers = client.get(path).headers

    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_only_the_admin_may_evaluate(client: Client, db: None) -> None:
    policy = directives(client.get("/admin/login/").headers["Content-Security-Policy"])

    assert policy["script-src"] == ["'self'", "'unsafe-eval'", "'unsafe-inline'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["base-uri"] == ["'none'"]


def test_the_api_docs_may_style_but_not_script(client: Client, db: None) -> None:
    policy = directives(client.get("/api/docs/").headers["Content-Security-Policy"])

    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]


def test_a_page_that_only_looks_like_the_admin_stays_strict(client: Client, db: None) -> None:
    policy = directives(client.get("/api/v1/admin/").headers["Content-Security-Policy"])

    assert policy["script-src"] == ["'self'"]
