import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nikoflix.settings")
application = get_asgi_application()

from nikoflix.checks import refuse_unsafe_start  # noqa: E402 -- needs the settings above

refuse_unsafe_start()
