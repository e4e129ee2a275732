from importlib import import_module

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "backend.exports"
    label = "exports"

    def ready(self) -> None:
        import_module("backend.exports.merging")  # it listens
