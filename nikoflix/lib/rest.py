"""What every API endpoint says and does the same way."""

from typing import Any

from rest_framework import serializers

PRIVATE = {"Cache-Control": "private, no-store"}


def valid(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return the checked input. Raises DRF's ValidationError, rendered as invalid_input."""
    serializer = kind(data=data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values
