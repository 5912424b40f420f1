from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


def test_the_schema_generates_without_warnings_and_is_valid() -> None:
    GENERATOR_STATS.reset()

    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call] # drf-spectacular has none

    assert (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache) == ({}, {})
    assert schema["openapi"] == "3.1.0"
    assert len(schema["paths"]) > 0
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert all("default" in operation["responses"] for operation in operations)  # the one error shape
    validate_schema(schema)  # type: ignore[no-untyped-call] # drf-spectacular has none


def test_the_schema_is_served(client: Client, db: None) -> None:
    response = client.get("/api/schema/", {"format": "json"})

    assert response.status_code == 200


def test_the_documentation_comes_without_inline_script(client: Client, db: None) -> None:
    page = client.get("/api/docs/").content.decode()

    assert "swagger-ui" in page
    assert "<script>" not in page
    assert "cdn" not in page


def test_the_documentation_is_only_read(client: Client, db: None) -> None:
    assert client.options("/api/docs/").status_code == 405
    assert client.head("/api/docs/").status_code == 200
