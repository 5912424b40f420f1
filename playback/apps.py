from django.apps import AppConfig


class PlaybackConfig(AppConfig):
    name = "playback"
    verbose_name = "Playback"

    def ready(self) -> None:
        from accounts.registry import register  # noqa: PLC0415 -- models are there from here on
        from playback import receivers  # noqa: F401, PLC0415 -- connects them
        from playback.personal import TABLES  # noqa: PLC0415 -- models are there from here on

        register(*TABLES)
