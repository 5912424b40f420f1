from http import HTTPStatus

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from pytest_django import DjangoAssertNumQueries, Settings

from nikoflix import handlers
from nikoflix.urls import handler400, handler403, handler404, handler500
from nikoflix.urls import urlpatterns as product_urls

FAULTS: dict[str, Exception] = {
    "malformed": SuspiciousOperation("no"),
    "forbidden": PermissionDenied("no"),
    "broken": RuntimeError("secret-detail"),
    "database-gone": OperationalError("connection to server at 10.0.0.5 failed"),
    "connection-lost": InterfaceError("connection already closed"),
}
EXPECTED = {
    "malformed": (400, "malformed_request"),
    "forbidden": (403, "permission_denied"),
    "broken": (500, "server_error"),
    "database-gone": (503, "service_unavailable"),
    "connection-lost": (503, "service_unavailable"),
}


def fail(_request: HttpRequest, fault: str) -> HttpResponse:
    raise FAULTS[fault]


urlpatterns = [path("fail/<str:fault>", fail), path("api/fail/<str:fault>", fail), *product_urls]

__all__ = ["handler400", "handler403", "handler404", "handler500"]  # this module stands in for nikoflix.urls


@pytest.fixture
def failing(settings: Settings, db: None) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_fails_in_the_look_of_the_product(
    failing: Client, fault: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = failing.get(f"/fail/{fault}")

    page = response.content.decode()
    assert response.status_code == EXPECTED[fault][0]
    assert "NIKOFLIX" in page
    assert response.headers["X-Request-ID"] in page
    assert "secret-detail" not in page
    assert "Traceback" not in page


@pytest.mark.parametrize("fault", FAULTS)
def test_the_api_fails_in_its_one_shape(failing: Client, fault: str) -> None:
    response = failing.get(f"/api/fail/{fault}")

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == EXPECTED[fault]
    assert set(error) == {"code", "message", "fields", "request_id"}
    assert error["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize("fault", ["database-gone", "connection-lost"])
@pytest.mark.parametrize("prefix", ["/fail", "/api/fail"])
def test_a_missing_database_asks_for_a_little_patience(failing: Client, prefix: str, fault: str) -> None:
    response = failing.get(f"{prefix}/{fault}")

    assert 1 <= int(response.headers["Retry-After"]) <= 3


@pytest.mark.parametrize("address", ["/title/harbour-lights/", "/api/v1/auth/guest"])
def test_pages_and_api_answer_503_when_the_database_is_away(
    db: None, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("could not connect")

    client = Client(raise_request_exception=False)
    with monkeypatch.context() as away:
        away.setattr(connection, "ensure_connection", refuse)
        away.setattr(connection, "_cursor", refuse)
        response = client.post(address) if address.startswith("/api") else client.get(address)

    assert response.status_code == 503
    assert 1 <= int(response.headers["Retry-After"]) <= 3


def test_an_unknown_address_is_404_in_page_and_api(client: Client, db: None) -> None:
    page, api = client.get("/no-such-page"), client.get("/api/v1/no-such-thing")

    assert page.status_code == api.status_code == 404
    assert "NIKOFLIX" in page.content.decode()
    assert api.json()["error"]["code"] == "not_found"


@override_settings(ALLOWED_HOSTS=["films.example"])
def test_a_foreign_host_is_400_and_not_an_error_of_ours(client: Client, db: None) -> None:
    assert client.get("/accounts/login/", headers={"Host": "evil.test"}).status_code == 400


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_error_pages_carry_no_inline_script_or_style(failing: Client, status: int) -> None:
    request = RequestFactory().get("/")
    answer = handlers._answer(request, HTTPStatus(status), "code", "A message")

    page = answer.content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
