from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Editorial"

    def ready(self) -> None:
        from cms import roles  # noqa: PLC0415 -- needs models

        roles.connect()
