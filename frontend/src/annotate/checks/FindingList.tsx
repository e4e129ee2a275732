import { ChevronLeft, ChevronRight, CircleAlert, MapPin, TriangleAlert } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';

import type { Finding, Label } from '../../api';
import { Button, classes, IconButton, Swatch } from '../../ui';
import './checks.css';
import { errorsIn, type Stop, tickOf, warningsIn } from './findings';

interface ListProps {
  findings: readonly Finding[];
  labels: readonly Label[];
  stop?: Stop | null;
  goTo: (finding: Finding, place: number) => void;
  /** Without it warnings have no box to tick. */
  ticked?: ReadonlySet<string>;
  tick?: (finding: Finding) => void;
}

/** What the checks found, what is in the way first. */
export function FindingList({ findings, ...rest }: ListProps) {
  const groups = [
    { title: 'To be mended first', members: errorsIn(findings) },
    { title: rest.tick ? 'Mend, or tick' : 'Worth a look', members: warningsIn(findings) },
  ];
  return groups
    .filter(({ members }) => members.length > 0)
    .map(({ title, members }) => (
      <section key={title} className="findings">
        <h3>{title}</h3>
        <ul>
          {members.map((finding) => (
            <FindingRow key={finding.key} finding={finding} {...rest} />
          ))}
        </ul>
      </section>
    ));
}

type RowProps = Omit<ListProps, 'findings'> & { finding: Finding };

function FindingRow({ finding, labels, stop = null, goTo, ticked, tick }: RowProps) {
  const words = useId();
  const colour = labels.find(({ value }) => value === finding.label)?.colour;
  const isHere = stop?.finding.key === finding.key;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isHere) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isHere]);
  return (
    <li
      ref={row}
      className={classes('finding', isHere && 'finding-here')}
      data-testid={`finding-${finding.key}`}
    >
      <FindingMark finding={finding} words={words} ticked={ticked} tick={tick} />
      <div>
        <p id={words}>
          {colour !== undefined && <Swatch colour={colour} />} {finding.text}
        </p>
        <p className="muted">{finding.advice}</p>
      </div>
      <Places
        finding={finding}
        here={isHere ? (stop.place ?? 0) : null}
        goTo={(place) => goTo(finding, place)}
      />
    </li>
  );
}

interface MarkProps {
  finding: Finding;
  words: string;
  ticked: ReadonlySet<string> | undefined;
  tick: ((finding: Finding) => void) | undefined;
}

function FindingMark({ finding, words, ticked, tick }: MarkProps) {
  if (finding.severity === 'error')
    return <CircleAlert size={16} className="finding-error" aria-label="In the way" />;
  if (!tick) return <TriangleAlert size={16} className="finding-warning" aria-label="Warning" />;
  return (
    <input
      type="checkbox"
      aria-labelledby={words}
      checked={ticked?.has(tickOf(finding)) ?? false}
      onChange={() => tick(finding)}
    />
  );
}

interface PlacesProps {
  finding: Finding;
  /** Number of the place that is on the screen. */
  here: number | null;
  goTo: (place: number) => void;
}

function Places({ finding: { places, count }, here, goTo }: PlacesProps) {
  if (places.length === 0) return null;
  const slice = (places[here ?? 0]?.[0] ?? 0) + 1;
  if (places.length === 1 || here === null) {
    return (
      <Button size="small" icon={<MapPin size={13} />} onClick={() => goTo(here ?? 0)}>
        {places.length === 1 ? `Slice ${slice}` : `${count} places`}
      </Button>
    );
  }
  const to = (steps: number): void => goTo((here + steps + places.length) % places.length);
  return (
    <span className="finding-places">
      <IconButton label="Previous place" onClick={() => to(-1)}>
        <ChevronLeft size={14} />
      </IconButton>
      <span aria-live="polite">
        {here + 1} of {places.length}
        <small>slice {slice}</small>
      </span>
      <IconButton label="Next place" onClick={() => to(1)}>
        <ChevronRight size={14} />
      </IconButton>
    </span>
  );
}
