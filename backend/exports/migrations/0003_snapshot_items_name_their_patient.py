"""The patient of a snapshot item is the one in whose case the revision was drawn."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_foreign_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM annotation_revision r JOIN annotation_task t ON t.id = r.task_id
    WHERE r.id = NEW.revision_id AND t.patient_id = NEW.patient_id
  ) THEN
    RAISE EXCEPTION 'revision % is not of patient %', NEW.revision_id, NEW.patient_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER revision_of_its_patient BEFORE INSERT OR UPDATE OF revision_id, patient_id ON exports_snapshotitem
  FOR EACH ROW EXECUTE FUNCTION refuse_foreign_revision();
"""
BACKWARD = """
DROP TRIGGER revision_of_its_patient ON exports_snapshotitem;
DROP FUNCTION refuse_foreign_revision();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("exports", "0002_snapshots_hold_the_partition"),
        ("annotation", "0003_rows_agree_on_the_patient"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
