"""A snapshot item can only point at a patient of the pool."""

from django.db import migrations

FORWARD = (
    "ALTER TABLE exports_snapshotitem ADD CONSTRAINT exports_snapshotitem_same_partition "
    "FOREIGN KEY (patient_id, partition) REFERENCES imaging_patient (id, partition) DEFERRABLE INITIALLY IMMEDIATE;"
)
BACKWARD = "ALTER TABLE exports_snapshotitem DROP CONSTRAINT exports_snapshotitem_same_partition;"


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial"), ("annotation", "0002_masks_and_partitions_hold")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
