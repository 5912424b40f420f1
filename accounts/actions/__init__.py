"""Everything that writes accounts' tables, by what it is about."""

from accounts.actions.people import create_first_profile, ensure_identity, set_maturity

__all__ = ["create_first_profile", "ensure_identity", "set_maturity"]
