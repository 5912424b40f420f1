"""Two languages in plain columns `…_en` and `…_hi` (DESIGN §8)."""

from typing import Any

from django.utils.translation import get_language

LANGUAGE_FIELD = "hl"  # in an address: the language of this one answer


class Bilingual:
    """A read-only attribute that shows `<name>_hi` to a Hindi reader and falls back to the other language when empty."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> str:
        if instance is None:
            return self  # type: ignore[return-value] # class access, for Django's model checks
        english, hindi = getattr(instance, f"{self.name}_en"), getattr(instance, f"{self.name}_hi")
        first, second = (hindi, english) if (get_language() or "en").startswith("hi") else (english, hindi)
        return str(first or second)
