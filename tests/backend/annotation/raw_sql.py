"""Ways to bring a patient to the other side of the wall, past every line of Python: PostgreSQL has to refuse each."""

from django.db import IntegrityError, connection, transaction


def attempts(pool, benchmark, snapshot_id):
    """Statements by what they try; pool and benchmark are tasks with a head, of one project."""
    proposal = (
        "INSERT INTO annotation_proposal "
        "(task_id, patient_id, partition, mask_id, model_version_id, source, created_at) "
        "VALUES (%s, %s, %s, %s, 1, 'model 1', now())"
    )
    item = (
        "INSERT INTO exports_snapshotitem (snapshot_id, patient_id, partition, revision_id, fold) "
        "VALUES (%s, %s, %s, %s, 0)"
    )
    task = (
        "INSERT INTO annotation_task (project_id, volume_id, patient_id, partition, state, reading, batch, created_at, "
        "updated_at) VALUES (%s, %s, %s, %s, 'open', 9, 0, now(), now())"
    )
    mask_of = {side.pk: side.head.mask_id for side in (pool, benchmark)}
    project = pool.project_id
    return {
        "a draft for a benchmark case": (
            proposal,
            [benchmark.pk, benchmark.patient_id, "BENCHMARK", mask_of[benchmark.pk]],
        ),
        "a draft for a benchmark case that says it is in the pool": (
            proposal,
            [benchmark.pk, benchmark.patient_id, "POOL", mask_of[benchmark.pk]],
        ),
        "a draft for a benchmark case under a pool patient's name": (
            proposal,
            [benchmark.pk, pool.patient_id, "POOL", mask_of[benchmark.pk]],
        ),
        "a draft made of a benchmark case's mask": (
            proposal,
            [pool.pk, pool.patient_id, "POOL", mask_of[benchmark.pk]],
        ),
        "a benchmark case in a snapshot": (
            item,
            [snapshot_id, benchmark.patient_id, "BENCHMARK", benchmark.head_id],
        ),
        "a benchmark case in a snapshot that says it is in the pool": (
            item,
            [snapshot_id, benchmark.patient_id, "POOL", benchmark.head_id],
        ),
        "a benchmark revision in a snapshot under a pool patient's name": (
            item,
            [snapshot_id, pool.patient_id, "POOL", benchmark.head_id],
        ),
        "another partition for a pool patient": (
            "UPDATE imaging_patient SET partition = 'BENCHMARK' WHERE id = %s",
            [pool.patient_id],
        ),
        "another partition for a benchmark patient": (
            "UPDATE imaging_patient SET partition = 'POOL' WHERE id = %s",
            [benchmark.patient_id],
        ),
        "no partition any more": (
            "UPDATE imaging_patient SET partition = NULL WHERE id = %s",
            [benchmark.patient_id],
        ),
        "a third partition": ("UPDATE imaging_patient SET partition = 'BOTH' WHERE id = %s", [pool.patient_id]),
        "a task that differs from its patient": (
            "UPDATE annotation_task SET partition = 'POOL' WHERE id = %s",
            [benchmark.pk],
        ),
        "a new task that differs from its patient": (
            task,
            [project, benchmark.volume_id, benchmark.patient_id, "POOL"],
        ),
        "a benchmark volume in a pool patient's task": (task, [project, benchmark.volume_id, pool.patient_id, "POOL"]),
        "a task that changes its patient": (
            "UPDATE annotation_task SET patient_id = %s, partition = 'POOL' WHERE id = %s",
            [pool.patient_id, benchmark.pk],
        ),
        "a task that changes its volume": (
            "UPDATE annotation_task SET volume_id = %s, reading = 9 WHERE id = %s",
            [benchmark.volume_id, pool.pk],
        ),
        "a study that moves to another patient": (
            "UPDATE imaging_study SET patient_id = %s WHERE patient_id = %s",
            [pool.patient_id, benchmark.patient_id],
        ),
        "a volume that moves to another study": (
            "UPDATE imaging_volume SET study_id = %s WHERE id = %s",
            [pool.volume.study_id, benchmark.volume_id],
        ),
        "a revision that moves to another task": (
            "UPDATE annotation_revision SET task_id = %s, number = 99 WHERE id = %s",
            [pool.pk, benchmark.head_id],
        ),
        "a revision that is removed": ("DELETE FROM annotation_revision WHERE id = %s", [benchmark.head_id]),
        "a mask that is changed": ("UPDATE annotation_mask SET slices = '[]' WHERE id = %s", [mask_of[pool.pk]]),
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
