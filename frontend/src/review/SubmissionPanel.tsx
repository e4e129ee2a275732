import { FindingList } from '../annotate/checks/FindingList';
import { useReport } from '../annotate/checks/queries';
import type { Label, Task } from '../api';
import { plural, Section } from '../ui';

interface SubmissionProps {
  task: Task;
  labels: readonly Label[];
  goTo: (z: number, y: number | undefined, x: number | undefined) => void;
}

/** What the checks warned of, and the annotator ticked when handing the case in. */
export function SubmissionPanel({ task, labels, goTo }: SubmissionProps) {
  const report = useReport(task.id, task.head);
  const submission = report.data?.submission;
  if (!submission || submission.warnings.length === 0) return null;
  const { author, warnings } = submission;
  return (
    <Section id="submission" title={`Submitted with ${plural(warnings.length, 'ticked warning')}`}>
      <p className="muted submission-by">{author.display_name} saw them and handed the case in.</p>
      <FindingList
        findings={warnings}
        labels={labels}
        goTo={({ places }, place) => {
          const [z, y, x] = places[place] ?? [];
          if (z !== undefined) goTo(z, y, x);
        }}
      />
    </Section>
  );
}
