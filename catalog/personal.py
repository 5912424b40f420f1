"""What the catalogue holds about people: who of the staff wrote what (accounts.registry)."""

from accounts.registry import PersonalTable
from catalog.models import Title

TABLES = [
    # A title stays when its author goes, and forgets the name (SET_NULL).
    PersonalTable(Title, lambda user: Title.objects.filter(created_by=user), ["slug", "title_en", "created_at"]),
]
