"""A pick can only point at a first reading of a case of the pool."""

from django.db import migrations

FORWARD = """
ALTER TABLE annotation_task ADD CONSTRAINT task_id_partition_reading UNIQUE (id, partition, reading);
ALTER TABLE learning_pick ADD CONSTRAINT pick_as_its_task
  FOREIGN KEY (task_id, partition, reading) REFERENCES annotation_task (id, partition, reading)
  DEFERRABLE INITIALLY IMMEDIATE;
"""
BACKWARD = """
ALTER TABLE learning_pick DROP CONSTRAINT pick_as_its_task;
ALTER TABLE annotation_task DROP CONSTRAINT task_id_partition_reading;
"""


class Migration(migrations.Migration):
    dependencies = [("learning", "0002_batches_and_what_they_are_chosen_by")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
