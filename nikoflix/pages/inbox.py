from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nikoflix.lib import inbox


@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/dev_inbox.html", {"messages_sent": _messages()})


@require_safe
def inbox_json(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"messages": _messages()})


def _messages() -> list[dict[str, str]]:
    if not settings.DEV_INBOX:  # the addresses are not even mounted then; a second lock, for what lies here are codes
        raise Http404
    return inbox.messages()
