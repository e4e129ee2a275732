"""Keyset pages: no count and no offset, so that the last page costs what the first does."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Pages by falling primary key."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class OldestFirst(NewestFirst):
    """Pages by rising primary key."""

    ordering = "pk"
