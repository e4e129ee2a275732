"""A task's patient is its volume's, a proposal's is its task's, and a mask lies on the volume of the task that uses it.

With the composite keys on the partition this leaves no way to bring a benchmark patient's case to the other side.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_foreign_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM imaging_volume v JOIN imaging_study s ON s.id = v.study_id JOIN imaging_patient p ON p.id = s.patient_id
    WHERE v.id = NEW.volume_id AND p.id = NEW.patient_id AND p.project_id = NEW.project_id
  ) THEN
    RAISE EXCEPTION 'volume % is not of patient % in project %', NEW.volume_id, NEW.patient_id, NEW.project_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER volume_of_its_patient BEFORE INSERT OR UPDATE OF volume_id, patient_id, project_id ON annotation_task
  FOR EACH ROW EXECUTE FUNCTION refuse_foreign_patient();

ALTER TABLE annotation_task ADD CONSTRAINT task_id_patient UNIQUE (id, patient_id);
ALTER TABLE annotation_proposal ADD CONSTRAINT proposal_same_patient
  FOREIGN KEY (task_id, patient_id) REFERENCES annotation_task (id, patient_id) DEFERRABLE INITIALLY IMMEDIATE;

CREATE FUNCTION refuse_foreign_mask() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM annotation_task t JOIN annotation_mask m ON m.volume_id = t.volume_id
    WHERE t.id = NEW.task_id AND m.id = NEW.mask_id
  ) THEN
    RAISE EXCEPTION 'mask % is not on the volume of task %', NEW.mask_id, NEW.task_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mask_on_its_volume BEFORE INSERT ON annotation_revision
  FOR EACH ROW EXECUTE FUNCTION refuse_foreign_mask();
CREATE TRIGGER mask_on_its_volume BEFORE INSERT OR UPDATE OF task_id, mask_id ON annotation_proposal
  FOR EACH ROW EXECUTE FUNCTION refuse_foreign_mask();
"""
BACKWARD = """
DROP TRIGGER mask_on_its_volume ON annotation_proposal;
DROP TRIGGER mask_on_its_volume ON annotation_revision;
DROP FUNCTION refuse_foreign_mask();
ALTER TABLE annotation_proposal DROP CONSTRAINT proposal_same_patient;
ALTER TABLE annotation_task DROP CONSTRAINT task_id_patient;
DROP TRIGGER volume_of_its_patient ON annotation_task;
DROP FUNCTION refuse_foreign_patient();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0002_masks_and_partitions_hold"),
        ("imaging", "0004_images_stay_with_their_patient"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
