def test_a_row_knows_when_it_was_made_and_last_changed(cohort):
    made, changed = cohort.project.created_at, cohort.project.updated_at
    cohort.project.name = "Another"
    cohort.project.save()
    assert cohort.project.created_at == made
    assert cohort.project.updated_at > changed
