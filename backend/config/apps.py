from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "backend.config"
    label = "config"

    def ready(self) -> None:
        from backend.config.celery import app  # noqa: PLC0415, F401 - registers the application for `enqueue`
