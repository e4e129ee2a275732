from importlib import import_module

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "backend.annotation"
    label = "annotation"

    def ready(self) -> None:
        import_module("backend.annotation.merging")  # it listens
