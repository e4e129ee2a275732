import threading

import pytest
from django.db import connection

from backend.core.locks import try_lock

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(act):
    """Run on a connection of its own."""
    found = []

    def work():
        try:
            found.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]


def taken(name, number):
    with try_lock(name, number) as alone:
        return alone


def test_a_lock_is_held_by_one_connection_at_a_time():
    with try_lock("run", 7) as mine:
        assert mine
        assert elsewhere(lambda: taken("run", 7)) is False
    assert elsewhere(lambda: taken("run", 7)) is True


def test_locks_of_other_names_and_numbers_are_other_locks():
    with try_lock("run", 7):
        assert elsewhere(lambda: taken("run", 8)) is True
        assert elsewhere(lambda: taken("file", 7)) is True
        assert elsewhere(lambda: taken("run", 2**31 + 5)) is True


def test_a_lock_is_freed_with_an_error():
    with pytest.raises(RuntimeError), try_lock("run", 7):
        raise RuntimeError
    assert elsewhere(lambda: taken("run", 7)) is True


def test_a_lock_ends_with_its_connection():
    def die_holding():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
        lock = try_lock("run", 7)
        lock.__enter__()
        connection.close()
        return True

    elsewhere(die_holding)
    assert elsewhere(lambda: taken("run", 7)) is True
