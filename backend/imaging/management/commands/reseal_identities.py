"""`manage.py reseal_identities`: seal every identity under the first key of NINEFOLD_IDENTITY_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.imaging import identities


class Command(BaseCommand):
    """See `help`."""

    help = "Seal every identity under the first key, after a new one was set in front of the old. Safe to repeat."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Raises CommandError (exit status 1) when a row could not be opened."""
        done = identities.reseal()
        self.stdout.write(f"{done.changed} identities sealed anew, {done.current} were sealed so already.")
        if done.unreadable:
            raise CommandError(
                f"{done.unreadable} could not be opened and stay as they are: add the key under which they were sealed "
                "to NINEFOLD_IDENTITY_KEY, behind the new one, and run this again."
            )
