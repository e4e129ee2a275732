"""PostgreSQL holds what the code promises of drafts, slices and working time.

A draft is for a first reading alone; slices asked for are rising, lie in the volume and stay as they are once a task is
submitted; a period of work is written once and has no more active seconds than it is long.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE annotation_task ADD CONSTRAINT task_id_reading UNIQUE (id, reading);
ALTER TABLE annotation_proposal ADD CONSTRAINT proposal_same_reading
  FOREIGN KEY (task_id, reading) REFERENCES annotation_task (id, reading) DEFERRABLE INITIALLY IMMEDIATE;

UPDATE annotation_proposal SET pinned_at = now() FROM annotation_task t
  WHERE t.id = task_id AND (t.head_id IS NOT NULL OR t.assignee_id IS NOT NULL);

CREATE FUNCTION refuse_wrong_slices() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  entry jsonb;
  before integer := -1;
  size integer;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.slices IS DISTINCT FROM OLD.slices AND NOT (
    OLD.state IN ('open', 'in_progress') AND NEW.state IN ('open', 'in_progress')
  ) THEN
    RAISE EXCEPTION 'task % is %: its slices stay', OLD.id, OLD.state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.slices IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT size_z INTO size FROM imaging_volume WHERE id = NEW.volume_id;
  IF jsonb_typeof(NEW.slices) <> 'array' OR jsonb_array_length(NEW.slices) = 0 THEN
    RAISE EXCEPTION 'slices need a list of one or more' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  FOR entry IN SELECT * FROM jsonb_array_elements(NEW.slices) LOOP
    IF jsonb_typeof(entry) <> 'number' OR entry::text !~ '^[0-9]{1,5}$' OR entry::text::integer <= before
      OR entry::text::integer >= size THEN
      RAISE EXCEPTION 'slices need rising numbers from 0 to %, got %', size - 1, entry
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    before := entry::text::integer;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER slices_in_the_volume BEFORE INSERT OR UPDATE OF slices, volume_id ON annotation_task
  FOR EACH ROW EXECUTE FUNCTION refuse_wrong_slices();

CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON annotation_workperiod
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE annotation_workperiod ADD CONSTRAINT work_period_no_longer_than_the_clock
  CHECK (seconds <= extract(epoch FROM ended_at - started_at));
"""
BACKWARD = """
ALTER TABLE annotation_workperiod DROP CONSTRAINT work_period_no_longer_than_the_clock;
DROP TRIGGER written_once ON annotation_workperiod;
DROP TRIGGER slices_in_the_volume ON annotation_task;
DROP FUNCTION refuse_wrong_slices();
ALTER TABLE annotation_proposal DROP CONSTRAINT proposal_same_reading;
ALTER TABLE annotation_task DROP CONSTRAINT task_id_reading;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0005_proposals_are_answered"),
        ("audit", "0002_append_only"),
        ("imaging", "0004_images_stay_with_their_patient"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
