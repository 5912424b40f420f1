from django.db import migrations
from django.db.models import Exists, OuterRef, Q


def read_readiness(apps, schema_editor):
    title, playable = apps.get_model("catalog", "Title"), apps.get_model("catalog", "Playable")
    ready = playable.objects.filter(
        Q(title=OuterRef("pk")) | Q(episode__season__title=OuterRef("pk")), ready_at__isnull=False
    )
    title.objects.filter(Exists(ready)).update(is_ready=True)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_discovery")]

    operations = [migrations.RunPython(read_readiness, migrations.RunPython.noop)]
