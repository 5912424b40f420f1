from django.db import migrations
from django.db.models import Exists, OuterRef


def read_readiness(apps, schema_editor):
    title, playable = apps.get_model("catalog", "Title"), apps.get_model("catalog", "Playable")
    ready = playable.objects.filter(ready_at__isnull=False)
    # Two statements, each with an index: as one with OR the database joins all episodes to find out.
    title.objects.filter(Exists(ready.filter(title=OuterRef("pk")))).update(is_ready=True)
    title.objects.filter(Exists(ready.filter(episode__season__title=OuterRef("pk")))).update(is_ready=True)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_discovery")]

    operations = [migrations.RunPython(read_readiness, migrations.RunPython.noop)]
