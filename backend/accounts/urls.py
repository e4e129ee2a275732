"""Routes of accounts."""

from __future__ import annotations

from django.urls import path

from backend.accounts.api import MemberList

urlpatterns = [path("projects/<slug:slug>/members", MemberList.as_view())]
