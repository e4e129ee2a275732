"""Identities can be looked for by a keyed hash, and two patients who are one person can be merged.

A study may now go to another patient, in one case alone: the running transaction says that it merges these two, and they
are in one project and on one side of the wall. So not even somebody who sets the word by hand crosses the partition.
"""

import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION refuse_new_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('ninefold.merge', true) = OLD.patient_id || '>' || NEW.patient_id AND EXISTS (
    SELECT 1 FROM imaging_patient a JOIN imaging_patient b
      ON a.project_id = b.project_id AND a.partition IS NOT DISTINCT FROM b.partition
    WHERE a.id = OLD.patient_id AND b.id = NEW.patient_id
  ) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'study % belongs to its patient for good', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER stays_with_its_patient ON imaging_study;
CREATE TRIGGER stays_with_its_patient BEFORE UPDATE OF patient_id ON imaging_study
  FOR EACH ROW WHEN (OLD.patient_id IS DISTINCT FROM NEW.patient_id) EXECUTE FUNCTION refuse_new_patient();
"""
BACKWARD = """
DROP TRIGGER stays_with_its_patient ON imaging_study;
CREATE TRIGGER stays_with_its_patient BEFORE UPDATE OF patient_id ON imaging_study
  FOR EACH ROW WHEN (OLD.patient_id IS DISTINCT FROM NEW.patient_id) EXECUTE FUNCTION refuse_new_owner('its patient');
DROP FUNCTION refuse_new_patient();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_sign_in_attempts'),
        ('imaging', '0006_phases_that_change'),
    ]

    operations = [
        migrations.CreateModel(
            name='DifferentPeople',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name_plural': 'different people',
            },
        ),
        migrations.AddField(
            model_name='patientalias',
            name='pseudonym',
            field=models.CharField(default='', max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='patientidentity',
            name='identifier_key',
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['project', 'person_key'], name='imaging_pat_project_2e973b_idx'),
        ),
        migrations.AddField(
            model_name='differentpeople',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='imaging.patient'),
        ),
        migrations.AddField(
            model_name='differentpeople',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='imaging.patient'),
        ),
        migrations.AddConstraint(
            model_name='differentpeople',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='different_people_once'),
        ),
        migrations.AddConstraint(
            model_name='differentpeople',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='different_people_in_order'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
