from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.api.caller import Caller


@pytest.fixture
def viewer(db: None) -> "Caller":
    """Return a guest with a token, as a client without a browser has it."""
    from tests.api.caller import guest  # models cannot be imported before Django is set up

    return guest()
