import django.db.models.deletion
from django.db import migrations, models

POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX catalog_search_trigrams ON catalog_searchdocument USING gin (text gin_trgm_ops)",
]
SQLITE = [
    """CREATE VIRTUAL TABLE catalog_search_fts USING fts5(
        text, content='catalog_searchdocument', content_rowid='id', tokenize='trigram'
    )""",
    """CREATE TRIGGER catalog_search_added AFTER INSERT ON catalog_searchdocument BEGIN
        INSERT INTO catalog_search_fts(rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER catalog_search_removed AFTER DELETE ON catalog_searchdocument BEGIN
        INSERT INTO catalog_search_fts(catalog_search_fts, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    """CREATE TRIGGER catalog_search_changed AFTER UPDATE ON catalog_searchdocument BEGIN
        INSERT INTO catalog_search_fts(catalog_search_fts, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO catalog_search_fts(rowid, text) VALUES (new.id, new.text);
    END""",
]


def make_index(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX catalog_search_trigrams")  # the extension may serve others
    else:
        schema_editor.execute("DROP TABLE catalog_search_fts")  # the triggers go with their table


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_staff_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                (
                    "title",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_document",
                        to="catalog.title",
                    ),
                ),
            ],
        ),
        migrations.RunPython(make_index, drop_index),
    ]
