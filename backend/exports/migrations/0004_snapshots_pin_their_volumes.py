"""The phases of volumes that are in a snapshot stay as they are."""

from django.db import migrations

FORWARD = """
UPDATE imaging_volume v SET pinned_by = 'snapshot ' || frozen.number
FROM (
  SELECT t.volume_id, min(s.number) AS number
  FROM exports_snapshotitem i
  JOIN exports_snapshot s ON s.id = i.snapshot_id
  JOIN annotation_revision r ON r.id = i.revision_id
  JOIN annotation_task t ON t.id = r.task_id
  GROUP BY t.volume_id
) frozen
WHERE frozen.volume_id = v.id AND v.pinned_by = '';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("exports", "0003_snapshot_items_name_their_patient"),
        ("imaging", "0006_phases_that_change"),
    ]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
