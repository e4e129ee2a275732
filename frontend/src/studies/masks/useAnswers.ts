import { useState } from 'react';

import type { FoundMaskDetail, Label, MaskDecision } from '../../api';
import { plural } from '../../ui';
import { decisionBody, firstDecisions, inOrder, meetingLabels, undecided } from './decisions';
import type { Decisions, Earlier } from './decisions';

/** Everything that a person answers before a mask is drawn into its case. */
export function useAnswers(found: FoundMaskDetail, labels: readonly Label[]) {
  const [decisions, setDecisions] = useState<Decisions>(() => firstDecisions(found.segments));
  const [order, setOrder] = useState<readonly number[]>([]);
  const [earlier, setEarlier] = useState<Earlier | null>(null);
  const [unaided, setUnaided] = useState(false);
  const holdsImport = found.case?.holds_import ?? false;
  const isBenchmark = found.case?.is_benchmark ?? false;
  const meeting = inOrder(meetingLabels(found.overlaps, decisions, labels), order);
  const open = undecided(found.segments, decisions);
  const asked = { earlier: holdsImport && earlier === null, statement: isBenchmark && !unaided };
  return {
    ...{ decisions, setDecisions, open, meeting, earlier, setEarlier, unaided, setUnaided },
    ...{ holdsImport, isBenchmark },
    setMeeting: (next: readonly Label[]) => setOrder(next.map(({ value }) => value)),
    lacks: whatLacks(open.length, decisions, asked),
    body: (): MaskDecision => decisionBody(decisions, meeting, holdsImport ? earlier : null, unaided),
  };
}

export type Answers = ReturnType<typeof useAnswers>;

/** What has to be answered before the mask can be drawn; empty when all is. */
function whatLacks(
  open: number,
  decisions: Decisions,
  asked: { earlier: boolean; statement: boolean },
): string {
  if (open > 0) return `${plural(open, 'segment')} to decide`;
  if (![...decisions.values()].some((label) => label !== 0)) return 'Every segment is left out';
  if (asked.earlier) return 'Say what becomes of the earlier mask';
  if (asked.statement) return 'The benchmark needs your statement';
  return '';
}
