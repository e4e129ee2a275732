"""A patient's partition is set once: the database refuses another."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_second_partition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.partition IS NOT NULL AND NEW.partition IS DISTINCT FROM OLD.partition THEN
    RAISE EXCEPTION 'patient % is in % for good', OLD.id, OLD.partition USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER partition_is_set_once BEFORE UPDATE ON imaging_patient
  FOR EACH ROW EXECUTE FUNCTION refuse_second_partition();
"""
BACKWARD = "DROP TRIGGER partition_is_set_once ON imaging_patient; DROP FUNCTION refuse_second_partition();"


class Migration(migrations.Migration):
    dependencies = [("imaging", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
