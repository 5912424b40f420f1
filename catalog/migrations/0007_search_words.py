"""Search by words: an index of each document's words and names, and a table of all words for what is misspelt."""

from django.db import migrations, models

BATCH = 500
SEEN_BY = ["kind", "maturity", "countries", "available_from", "available_until", "is_announced"]
POSTGRESQL = [
    "DROP INDEX IF EXISTS catalog_search_trigrams",
    # Words and whole names of a document. Its cost keeps the planner from calling it for every row; not parallel, because
    # starting workers takes longer than a search.
    r"""CREATE FUNCTION catalog_search_terms(document text) RETURNS tsvector
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE COST 1000 AS $$
        BEGIN
            RETURN array_to_tsvector(
                array_remove(string_to_array(translate(document, E'\n[](){}', ' '), ' '), '')
                || array_remove(string_to_array(document, E'\n'), '')
            );
        END $$""",
    # Without fastupdate: a pending list would be read whole by every search.
    """CREATE INDEX catalog_search_documents ON catalog_searchdocument
        USING gin (catalog_search_terms(text)) WITH (fastupdate = off)""",
    "CREATE INDEX catalog_search_spellings ON catalog_searchword USING gin (word gin_trgm_ops) WITH (fastupdate = off)",
]
SQLITE = [
    "DROP TABLE IF EXISTS catalog_search_fts",
    """CREATE VIRTUAL TABLE catalog_search_fts USING fts5(
        text, content='catalog_searchdocument', content_rowid='id', columnsize=0, prefix='1 2 3',
        tokenize="unicode61 remove_diacritics 0 tokenchars '[](){}'"
    )""",
    """CREATE TRIGGER IF NOT EXISTS catalog_search_added AFTER INSERT ON catalog_searchdocument BEGIN
        INSERT INTO catalog_search_fts(rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER IF NOT EXISTS catalog_search_removed AFTER DELETE ON catalog_searchdocument BEGIN
        INSERT INTO catalog_search_fts(catalog_search_fts, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    """CREATE TRIGGER IF NOT EXISTS catalog_search_changed AFTER UPDATE ON catalog_searchdocument BEGIN
        INSERT INTO catalog_search_fts(catalog_search_fts, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO catalog_search_fts(rowid, text) VALUES (new.id, new.text);
    END""",
]
BACK_ON_POSTGRESQL = [
    "DROP INDEX catalog_search_documents",
    "DROP FUNCTION catalog_search_terms(text)",
    "DROP INDEX catalog_search_spellings",
    "CREATE INDEX catalog_search_trigrams ON catalog_searchdocument USING gin (text gin_trgm_ops)",
]
BACK_ON_SQLITE = [
    "DROP TABLE catalog_search_fts",
    """CREATE VIRTUAL TABLE catalog_search_fts USING fts5(
        text, content='catalog_searchdocument', content_rowid='id', tokenize='trigram'
    )""",
]


def make_index(apps, schema_editor):
    # The documents are written anew below, in another form.
    apps.get_model("catalog", "SearchDocument").objects.all().delete()
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    apps.get_model("catalog", "SearchDocument").objects.all().delete()  # rebuild_search writes them
    for statement in BACK_ON_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else BACK_ON_SQLITE:
        schema_editor.execute(statement)


def write_documents(apps, schema_editor):
    from catalog.folding import document_text, words_of_text
    from catalog.indexing import sections_of

    Document, Word = apps.get_model("catalog", "SearchDocument"), apps.get_model("catalog", "SearchWord")
    credited = apps.get_model("catalog", "Credit").objects.select_related("person").order_by("position", "pk")
    titles = apps.get_model("catalog", "Title").objects.select_related("event")
    documents = (
        Document(title=title, text=document_text(sections_of(title)))
        for title in titles.prefetch_related("genres", models.Prefetch("credits", credited)).iterator(BATCH)
    )
    known = set()
    for document in Document.objects.bulk_create(documents, batch_size=BATCH):
        known |= words_of_text(document.text)
    Word.objects.bulk_create((Word(word=word) for word in sorted(known)), batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_created_by"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=50, unique=True)),
            ],
        ),
        migrations.RemoveIndex(model_name="title", name="title_most_seen"),
        migrations.AddIndex(
            model_name="title",
            index=models.Index(
                condition=models.Q(("state", "published")),
                fields=["-view_count", "-id", *SEEN_BY],
                name="title_most_seen",
            ),
        ),
        migrations.AddIndex(
            model_name="title",
            index=models.Index(
                condition=models.Q(("state", "published")), fields=["id", "view_count", *SEEN_BY], name="title_seen_by"
            ),
        ),
        migrations.AddIndex(
            model_name="title",
            index=models.Index(
                condition=models.Q(("state", "published"), ("available_until__isnull", False)),
                fields=["available_until", "id"],
                name="title_leaving",
            ),
        ),
        migrations.AddIndex(
            model_name="title",
            index=models.Index(
                condition=models.Q(("state", "published"), ("is_announced", True)),
                fields=["available_from", "id"],
                name="title_opening",
            ),
        ),
        migrations.AddIndex(
            model_name="title",
            index=models.Index(
                condition=models.Q(("state", "published"), ("is_ready", False)),
                fields=["release_date", "id"],
                name="title_unready",
            ),
        ),
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(write_documents, migrations.RunPython.noop, elidable=True),
    ]
