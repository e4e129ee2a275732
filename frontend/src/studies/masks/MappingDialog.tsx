import { explain } from '../../api';
import type { FoundMaskDetail } from '../../api';
import { useCurrentProject } from '../../routes/currentProject';
import { Button, Dialog, ErrorState, Notice, Skeleton, toast } from '../../ui';
import { leaveOutRest } from './decisions';
import { EarlierChoice, MeetingOrder, UnaidedStatement } from './MappingQuestions';
import { useApplyMask, useFoundMask } from './queries';
import { SegmentTable } from './SegmentTable';
import { useAnswers } from './useAnswers';
import type { Answers } from './useAnswers';

interface MappingDialogProps {
  slug: string;
  id: number;
  onClose: () => void;
}

/** What each segment of an existing mask becomes. Nothing is drawn before every segment is decided. */
export function MappingDialog({ slug, id, onClose }: MappingDialogProps) {
  const found = useFoundMask(id);
  if (found.data !== undefined) return <Mapping slug={slug} found={found.data} onClose={onClose} />;
  return (
    <Dialog open wide onClose={onClose} title="Map the segments">
      {found.isError ? (
        <ErrorState error={found.error} retry={() => void found.refetch()} />
      ) : (
        <Skeleton height={240} />
      )}
    </Dialog>
  );
}

interface MappingProps {
  slug: string;
  found: FoundMaskDetail;
  onClose: () => void;
}

function Mapping({ slug, found, onClose }: MappingProps) {
  const { labels } = useCurrentProject();
  const answers = useAnswers(found, labels);
  const apply = useApplyMask(slug, found.mask.id);
  const blocked = found.case === null;
  const confirm = () =>
    apply.mutate(answers.body(), {
      onSuccess: () => {
        toast.good('The mask is in the case.', 'Whoever takes the case starts from it.');
        onClose();
      },
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
    });
  const footer = (
    <>
      <span className="mapping-lacks muted" role="status">
        {blocked ? '' : answers.lacks}
      </span>
      <Button onClick={onClose}>Cancel</Button>
      <Button
        kind="primary"
        disabled={blocked || answers.lacks !== ''}
        busy={apply.isPending}
        onClick={confirm}
      >
        Draw it into the case
      </Button>
    </>
  );
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="Map the segments"
      description={`${found.mask.source}, on ${found.mask.volume_name}. Every segment becomes a label or is left out; two segments of one label are merged.`}
      footer={footer}
    >
      {found.blocked !== '' && <Notice tone="warn">{found.blocked}</Notice>}
      {found.note !== '' && <Notice>{found.note}</Notice>}
      <SegmentTable
        maskId={found.mask.id}
        segments={found.segments}
        labels={labels}
        decisions={answers.decisions}
        disabled={blocked}
        onChange={answers.setDecisions}
      />
      {!blocked && <Questions found={found} answers={answers} />}
    </Dialog>
  );
}

/** What else has to be answered, beside the segments. */
function Questions({ found, answers }: { found: FoundMaskDetail; answers: Answers }) {
  const { open, decisions, setDecisions } = answers;
  return (
    <>
      {open.length > 1 && (
        <Button
          size="small"
          kind="quiet"
          onClick={() => setDecisions(leaveOutRest(found.segments, decisions))}
        >
          {`Leave out the ${open.length} that are not decided`}
        </Button>
      )}
      {answers.meeting.length > 0 && <MeetingOrder meeting={answers.meeting} onChange={answers.setMeeting} />}
      {answers.holdsImport && <EarlierChoice earlier={answers.earlier} onChange={answers.setEarlier} />}
      {answers.isBenchmark && <UnaidedStatement stated={answers.unaided} onChange={answers.setUnaided} />}
    </>
  );
}
