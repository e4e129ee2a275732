from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "backend.api"
    label = "api"

    def ready(self) -> None:
        import backend.api.schema  # noqa: PLC0415, F401 - registers how the schema names our session
