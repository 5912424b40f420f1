"""Where a viewer is: what a trusted proxy says, what GeoIP says, and never what the client says."""

import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from accounts.viewer import viewer_country
from nikoflix.lib.geoip import country_at, database_fault

NEPAL, ICELAND, PROXY = "203.0.113.7", "198.51.100.7", "192.0.2.1"


def write_database(path: Path, places: dict[str, str], *, kind: str = "GeoLite2-Country") -> None:
    versions = [ipaddress.ip_network(network).version for network in places]
    writer = MMDBWriter(ip_version=max(versions), database_type=kind, ipv4_compatible=6 in versions)
    for network, code in places.items():
        writer.insert_network(IPSet([network]), {"country": {"iso_code": code}})
    writer.to_db_file(str(path))


@pytest.fixture
def database(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "country.mmdb"
    write_database(path, {"203.0.113.0/24": "NP", "198.51.100.0/24": "IS", "2001:db8::/32": "LK"})
    settings.GEOIP_DATABASE = str(path)
    settings.DEFAULT_COUNTRY = "IN"
    return path


def country(address: str, **headers: str) -> str:
    return viewer_country(RequestFactory().get("/", REMOTE_ADDR=address, headers=headers))


def test_the_connection_says_where_it_comes_from(database: Path) -> None:
    assert country(NEPAL) == "NP"
    assert country("2001:db8::1") == "LK"
    assert country(PROXY) == "IN"
    assert country("") == "IN"


def test_the_clients_word_does_not_count(database: Path, settings: Any) -> None:
    settings.COUNTRY_HEADER = "CF-IPCountry"

    assert country(NEPAL, **{"X-Forwarded-For": ICELAND}) == "NP"
    assert country(NEPAL, **{"CF-IPCountry": "IS"}) == "NP"
    assert country(NEPAL, **{"X-Country": "IS", "X-Real-IP": ICELAND, "Forwarded": f"for={ICELAND}"}) == "NP"


def test_a_trusted_proxy_counts(database: Path, settings: Any) -> None:
    """The control of the test above: the same headers, where a proxy is trusted."""
    settings.COUNTRY_HEADER = "CF-IPCountry"
    settings.TRUSTED_PROXY_COUNT = 1

    assert country(PROXY, **{"X-Forwarded-For": ICELAND}) == "IS"
    assert country(PROXY, **{"X-Forwarded-For": f"{NEPAL}, {ICELAND}"}) == "IS"  # the first is the client's own
    assert country(PROXY, **{"X-Forwarded-For": ICELAND, "CF-IPCountry": "np"}) == "NP"


@pytest.mark.parametrize("told", ["", "XX", "T1", "IND", "I", "ÎS", "1\x00"])
def test_a_header_that_does_not_know_leaves_it_to_the_database(database: Path, settings: Any, told: str) -> None:
    settings.COUNTRY_HEADER = "CF-IPCountry"
    settings.TRUSTED_PROXY_COUNT = 1

    assert country(PROXY, **{"X-Forwarded-For": ICELAND, "CF-IPCountry": told}) == "IS"


def test_a_replaced_database_is_read_anew(database: Path) -> None:
    assert country(NEPAL) == "NP"

    fresh = database.with_suffix(".new")
    write_database(fresh, {"203.0.113.0/24": "BT"})
    os.utime(fresh, ns=(1, 1))
    fresh.replace(database)

    assert country(NEPAL) == "BT"
    assert country("2001:db8::1") == "IN"  # knows only the older kind of address


def test_an_unreadable_database_leaves_everybody_in_the_default_country(database: Path) -> None:
    database.write_bytes(b"not a database")
    os.utime(database, ns=(2, 2))

    assert country(NEPAL) == "IN"
    assert "Is this a valid MaxMind DB file" in database_fault(str(database))
    database.unlink()
    assert country(NEPAL) == "IN"
    assert "No such file" in database_fault(str(database))


def test_a_database_of_something_else_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "asn.mmdb"
    write_database(path, {"203.0.113.0/24": "NP"}, kind="GeoLite2-ASN")

    assert database_fault(str(path)) == "it is a database of GeoLite2-ASN"
    assert country_at("198.51.100.1", str(path)) == ""
