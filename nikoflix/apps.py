from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class NikoflixConfig(AppConfig):
    name = "nikoflix"
    default = True

    def ready(self) -> None:
        from nikoflix import checks  # noqa: F401, PLC0415 -- registers them


class BuiltStaticFilesConfig(StaticFilesConfig):
    """Publish what esbuild made in static/build, not the sources it was made from."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "css/*", "js/*"]
