"""Tables for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full width: Excel reads them alike


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula (SECURITY ED-02)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_text(head: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> str:
    """Return a table as CSV with the mark by which Excel knows UTF-8, which Hindi needs. Texts are made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (head, *rows):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff" + out.getvalue()
