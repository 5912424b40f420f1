"""The API's own description: OpenAPI 3.1 at /api/schema/, readable at /api/docs/."""

from typing import Any

from django.urls import path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

app_name = "api-docs"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    # Its answer to OPTIONS would be a page without a template.
    path("docs/", require_safe(SpectacularSwaggerSplitView.as_view(url_name="api-docs:schema")), name="docs"),
]

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "Stable; decide by this"},
                "message": {"type": "string", "description": "For a person, in the language asked for"},
                "fields": {"type": "object", "description": "Messages by field, when what was sent is not right"},
                "request_id": {"type": "string"},
            },
        }
    },
}


def describe_errors(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add the one error shape to every operation (a hook of drf-spectacular)."""
    result["components"]["schemas"]["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "It could not be done.", "content": content}
    return result
