"""The one error a rule may raise towards a person. Rendered once for pages and once for the API."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal with a stable `code`, an HTTP `status`, and a `message` its reader can act on.

    `fields` maps a field name to its messages when the fault lies in what was sent.
    """

    code: str = "error"
    status: int = 400
    default_message: ClassVar[str | Promise] = _("This could not be done.")
    headers: ClassVar[Mapping[str, str]] = {}  # that the answer carries

    def __init__(
        self,
        message: str | Promise | None = None,
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        self.message = str(message or self.default_message)
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}
        self.retry_after_s = retry_after_s
        super().__init__(self.message)


class NotFound(DomainError):
    """Also the answer for what exists but belongs to somebody else."""

    code = "not_found"
    status = 404
    default_message = _("There is nothing here, or it is not yours to see.")
