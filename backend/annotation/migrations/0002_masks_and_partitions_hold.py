"""Masks, revisions and reviews are written once; what repeats a patient's partition cannot differ from it."""

from django.db import migrations

WRITTEN_ONCE = ("annotation_mask", "annotation_revision", "annotation_review", "annotation_remark")
WITH_PARTITION = ("annotation_task", "annotation_proposal")

FORWARD = "".join(
    f"CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();"
    for table in WRITTEN_ONCE
) + "".join(
    f"ALTER TABLE {table} ADD CONSTRAINT {table}_same_partition "
    "FOREIGN KEY (patient_id, partition) REFERENCES imaging_patient (id, partition) DEFERRABLE INITIALLY IMMEDIATE;"
    for table in WITH_PARTITION
)
BACKWARD = "".join(f"DROP TRIGGER written_once ON {table};" for table in WRITTEN_ONCE) + "".join(
    f"ALTER TABLE {table} DROP CONSTRAINT {table}_same_partition;" for table in WITH_PARTITION
)


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0001_initial"),
        ("audit", "0002_append_only"),
        ("imaging", "0002_partition_is_set_once"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
