from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from accounts.registry import register  # noqa: PLC0415 -- models are there from here on
        from catalog import receivers  # noqa: F401, PLC0415 -- connects them
        from catalog.personal import TABLES  # noqa: PLC0415 -- models are there from here on

        register(*TABLES)
