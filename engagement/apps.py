from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "engagement"
    verbose_name = "Engagement"

    def ready(self) -> None:
        from accounts.registry import register  # noqa: PLC0415 -- models are there from here on
        from engagement.personal import TABLES  # noqa: PLC0415 -- models are there from here on

        register(*TABLES)
