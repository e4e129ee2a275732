import { Dices, Target } from 'lucide-react';

import type { Pick } from '../api';
import { Badge, TaskStateBadge, Thumb, Tooltip } from '../ui';

/** The cases of a batch in the order of the work: what they look like, why they were picked, where the doubt is. */
export function Picks({ picks, withState = false }: { picks: readonly Pick[]; withState?: boolean }) {
  return (
    <ol className="picks">
      {picks.map((pick) => (
        <li key={pick.task} className="pick">
          <span className="pick-place muted">{pick.place}</span>
          <Thumb src={pick.thumbnail} size={72} alt="" />
          <div className="pick-words">
            <div className="pick-head">
              <b>{pick.pseudonym}</b>
              <ArmBadge arm={pick.arm} />
              {withState && <TaskStateBadge state={pick.state} />}
            </div>
            <p className="muted">{pick.reason}</p>
          </div>
          {pick.picture === null ? (
            <span className="pick-no-picture faint">No doubt known</span>
          ) : (
            <Tooltip text="The most doubtful slice. The brighter the colour, the less sure the model was.">
              <span tabIndex={-1}>
                <Thumb src={pick.picture} size={96} alt={`Where the model is unsure of ${pick.pseudonym}`} />
              </span>
            </Tooltip>
          )}
        </li>
      ))}
    </ol>
  );
}

function ArmBadge({ arm }: { arm: Pick['arm'] }) {
  return arm === 'random' ? (
    <Badge icon={<Dices size={12} />}>By lot</Badge>
  ) : (
    <Badge tone="accent" icon={<Target size={12} />}>
      Chosen
    </Badge>
  );
}
