"""Ways to bring a patient to the other side of the wall, past every line of Python: PostgreSQL has to refuse each."""

from django.db import IntegrityError, connection, transaction

DRAFT = (
    "INSERT INTO annotation_proposal (task_id, patient_id, partition, mask_id, model_version_id, source, created_at) "
    "VALUES (%s, %s, %s, %s, 1, 'model 1', now())"
)
ITEM = (
    "INSERT INTO exports_snapshotitem "
    "(snapshot_id, patient_id, partition, revision_id, fold) VALUES (%s, %s, %s, %s, 0)"
)
TASK = (
    "INSERT INTO annotation_task (project_id, volume_id, patient_id, partition, state, reading, created_at, "
    "updated_at) VALUES (%s, %s, %s, %s, 'open', 9, now(), now())"
)
REVISION = (
    "INSERT INTO annotation_revision (task_id, number, mask_id, origin, source, note, changed, created_at) "
    "VALUES (%s, 99, %s, 'import', '', '', '{}', now())"
)
PARTITION = "UPDATE imaging_patient SET partition = %s WHERE id = %s"
MOVE_TASK = "UPDATE annotation_task SET patient_id = %s, partition = 'POOL' WHERE id = %s"
SWAP_VOLUME = "UPDATE annotation_task SET volume_id = %s, reading = 9 WHERE id = %s"
MOVE_REVISION = "UPDATE annotation_revision SET task_id = %s, number = 99 WHERE id = %s"


def attempts(pool, benchmark, snapshot_id):
    """(statement, values) by what they try; pool and benchmark are tasks with a head, of one project."""
    return _rows_that_point_across(pool, benchmark, snapshot_id) | _rows_that_move(pool, benchmark)


def _rows_that_point_across(pool, benchmark, snapshot_id):
    ours, theirs = pool.patient_id, benchmark.patient_id
    mask, head, volume = benchmark.head.mask_id, benchmark.head_id, benchmark.volume_id
    return {
        "a draft for a benchmark case": (DRAFT, [benchmark.pk, theirs, "BENCHMARK", mask]),
        "a draft for a benchmark case that says it is in the pool": (DRAFT, [benchmark.pk, theirs, "POOL", mask]),
        "a draft for a benchmark case under a pool patient's name": (DRAFT, [benchmark.pk, ours, "POOL", mask]),
        "a draft made of a benchmark case's mask": (DRAFT, [pool.pk, ours, "POOL", mask]),
        "a revision made of a benchmark case's mask": (REVISION, [pool.pk, mask]),
        "a benchmark case in a snapshot": (ITEM, [snapshot_id, theirs, "BENCHMARK", head]),
        "a benchmark case in a snapshot that says it is in the pool": (ITEM, [snapshot_id, theirs, "POOL", head]),
        "a benchmark revision in a snapshot under a pool patient's name": (ITEM, [snapshot_id, ours, "POOL", head]),
        "a task that differs from its patient": (TASK, [pool.project_id, volume, theirs, "POOL"]),
        "a benchmark volume in a pool patient's task": (TASK, [pool.project_id, volume, ours, "POOL"]),
    }


def _rows_that_move(pool, benchmark):
    ours, theirs = pool.patient_id, benchmark.patient_id
    return {
        "another partition for a pool patient": (PARTITION, ["BENCHMARK", ours]),
        "another partition for a benchmark patient": (PARTITION, ["POOL", theirs]),
        "no partition any more": (PARTITION, [None, theirs]),
        "a third partition": (PARTITION, ["BOTH", ours]),
        "a task that changes sides": ("UPDATE annotation_task SET partition = 'POOL' WHERE id = %s", [benchmark.pk]),
        "a task that changes its patient": (MOVE_TASK, [ours, benchmark.pk]),
        "a task that changes its volume": (SWAP_VOLUME, [benchmark.volume_id, pool.pk]),
        "a study that moves to another patient": (
            "UPDATE imaging_study SET patient_id = %s WHERE patient_id = %s",
            [ours, theirs],
        ),
        "a volume that moves to another study": (
            "UPDATE imaging_volume SET study_id = %s WHERE id = %s",
            [pool.volume.study_id, benchmark.volume_id],
        ),
        "a revision that moves to another task": (MOVE_REVISION, [pool.pk, benchmark.head_id]),
        "a revision that is removed": ("DELETE FROM annotation_revision WHERE id = %s", [benchmark.head_id]),
        "a mask that is changed": ("UPDATE annotation_mask SET slices = '[]' WHERE id = %s", [pool.head.mask_id]),
    }


def refused(statement, values):
    """True when the database refuses; an accepted statement is rolled back all the same."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement, values)
            touched = cursor.rowcount
            transaction.set_rollback(True)
    except IntegrityError:
        return True
    assert touched == 1, f"the statement met {touched} rows, so it proves nothing: {statement}"
    return False
