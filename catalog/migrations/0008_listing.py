"""Lists that cost the same however large the catalogue is: indexes that hold all a list is narrowed by."""

import django.db.models.functions.text
import nikoflix.lib.fields
from django.db import migrations, models

SEEN_BY = ["kind", "maturity", "countries", "available_from", "available_until", "is_announced"]
NARROWED_BY = ["original_language", "tier", "is_ready", "genre_slugs"]
SHOWN = models.Q(("state", "published"))
INDEXES = {
    "title_newest": ["-published_at", "-id", *SEEN_BY, "release_date", *NARROWED_BY],
    "title_most_seen": ["-view_count", "-id", *SEEN_BY, "release_date", *NARROWED_BY],
    "title_release": ["-release_date", "-id", *SEEN_BY, *NARROWED_BY],
    "title_a_z": ["sort_name", "id", *SEEN_BY, "release_date", *NARROWED_BY],
}
WRITE_SLUGS = """UPDATE catalog_title SET genre_slugs = substr(' ' || (
        SELECT {joined} FROM catalog_title_genres AS tagged JOIN catalog_genre AS genre ON genre.id = tagged.genre_id
        WHERE tagged.title_id = catalog_title.id
    ) || ' ', 1, 1000) WHERE id IN (SELECT title_id FROM catalog_title_genres)"""
JOINED = {
    "postgresql": "string_agg(genre.slug, ' ' ORDER BY genre.slug)",
    "sqlite": "group_concat(genre.slug, ' ')",
}
FACETS = [
    # All that a list is narrowed by, for what few titles are at once. Its cost keeps the planner from calling it for every row.
    r"""CREATE FUNCTION catalog_facets(
            genres text, kind text, language text, maturity text, tier text, released date
        ) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
        BEGIN
            RETURN string_to_array(btrim(genres), ' ')
                || ARRAY[kind, language, maturity, tier, date_part('decade', released)::text || '0'];
        END $$""",
    """CREATE INDEX title_facets ON catalog_title USING gin (
            catalog_facets(genre_slugs, kind, original_language, maturity, tier, release_date)
        ) WITH (fastupdate = off) WHERE state = 'published'""",
]


def write_slugs(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(WRITE_SLUGS.format(joined=JOINED[vendor]))
    if vendor == "postgresql":
        # Rows that wait for their foreign keys to be checked would not let the table be changed.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def make_facets(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in FACETS:
            schema_editor.execute(statement)


def drop_facets(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX title_facets")
        schema_editor.execute(
            "DROP FUNCTION catalog_facets(text, text, text, text, text, date)",
        )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_search_words"),
    ]

    operations = [
        *(migrations.RemoveIndex(model_name="title", name=name) for name in INDEXES),
        migrations.AddField(
            model_name="title",
            name="genre_slugs",
            field=nikoflix.lib.fields.KeptTextField(default="", editable=False, max_length=1000),
        ),
        migrations.RunPython(write_slugs, migrations.RunPython.noop),
        migrations.AddField(
            model_name="title",
            name="sort_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Left("title_en", 100)),
                output_field=models.CharField(max_length=100),
            ),
        ),
        *(
            migrations.AddIndex(model_name="title", index=models.Index(condition=SHOWN, fields=fields, name=name))
            for name, fields in INDEXES.items()
        ),
        migrations.RunPython(make_facets, drop_facets),
    ]
