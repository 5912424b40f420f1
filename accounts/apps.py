from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        import accounts.receivers  # noqa: F401, PLC0415 -- connects them
        from accounts.personal import TABLES  # noqa: PLC0415 -- models are there from here on
        from accounts.registry import register  # noqa: PLC0415 -- models are there from here on

        register(*TABLES)
