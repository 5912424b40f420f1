"""Which country an internet address is in, from a MaxMind database on disk (.mmdb)."""

import logging
from functools import lru_cache
from pathlib import Path

import maxminddb

logger = logging.getLogger(__name__)


def country_at(address: str, database: str) -> str:
    """Return the ISO code of the country, "" where the database does not say or cannot be read.

    A file that was replaced is read anew, without a restart.
    """
    try:
        record = _reader(database, Path(database).stat().st_mtime_ns).get(address)
    except ValueError:  # not an address, or of the newer kind where the database knows only the older
        return ""
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        logger.warning("geoip_database_unreadable", extra={"error": str(error)})
        return ""
    country = record.get("country") if isinstance(record, dict) else None
    code = country.get("iso_code") if isinstance(country, dict) else None
    return code if isinstance(code, str) else ""


def database_fault(database: str) -> str:
    """Say in English why the file names no countries, "" when it does."""
    try:
        kind = _reader(database, Path(database).stat().st_mtime_ns).metadata().database_type
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        return str(error)
    return "" if any(word in kind for word in ("Country", "City", "Enterprise")) else f"it is a database of {kind}"


@lru_cache(maxsize=1)
def _reader(database: str, _changed_ns: int) -> maxminddb.Reader:
    return maxminddb.open_database(database)
