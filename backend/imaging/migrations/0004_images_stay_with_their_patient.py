"""A study never moves to another patient, nor a volume to another study: that would carry it across the partition."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_new_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% % belongs to % for good', TG_TABLE_NAME, OLD.id, TG_ARGV[0]
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER stays_with_its_patient BEFORE UPDATE OF patient_id ON imaging_study
  FOR EACH ROW WHEN (OLD.patient_id IS DISTINCT FROM NEW.patient_id) EXECUTE FUNCTION refuse_new_owner('its patient');
CREATE TRIGGER stays_with_its_study BEFORE UPDATE OF study_id ON imaging_volume
  FOR EACH ROW WHEN (OLD.study_id IS DISTINCT FROM NEW.study_id) EXECUTE FUNCTION refuse_new_owner('its study');
"""
BACKWARD = """
DROP TRIGGER stays_with_its_study ON imaging_volume;
DROP TRIGGER stays_with_its_patient ON imaging_study;
DROP FUNCTION refuse_new_owner();
"""


class Migration(migrations.Migration):
    dependencies = [("imaging", "0003_what_an_import_remembers")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
