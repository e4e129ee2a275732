"""The phases of volumes that a benchmark's score was taken on stay as they are."""

from django.db import migrations

FORWARD = """
UPDATE imaging_volume v SET pinned_by = 'a score of the benchmark'
WHERE v.pinned_by = '' AND EXISTS (
  SELECT 1 FROM evaluation_score s
  JOIN annotation_revision r ON r.id = s.reference_id
  JOIN annotation_task t ON t.id = r.task_id
  WHERE t.volume_id = v.id
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0002_every_measure"),
        ("imaging", "0006_phases_that_change"),
    ]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
