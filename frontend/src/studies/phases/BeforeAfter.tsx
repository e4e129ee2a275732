import { useState } from 'react';

import type { Movement } from '../../api';
import { Tabs } from '../../ui';

const KINDS = [
  { value: 'slice', label: 'Middle slice over the first phase' },
  { value: 'mip', label: 'Projection of the difference' },
];

const WORDS: Record<string, string> = {
  slice: 'Grey where both agree; magenta where the first phase is brighter, green where this one is.',
  mip: 'This phase less the first one, brightest along the slices. Edges that shine are movement.',
};

/** One phase before and after, one picture over the other; the slider wipes between them. */
export function BeforeAfter({ movement }: { movement: Movement }) {
  const [kind, setKind] = useState('slice');
  const [share, setShare] = useState(50);
  const before = movement.pictures[`${kind}_before`];
  const after = movement.pictures[`${kind}_after`];
  return (
    <Tabs label="What to compare" tabs={KINDS} value={kind} onChange={setKind}>
      <div className="compare">
        <img src={before} alt={`${movement.name} before`} />
        <img src={after} alt={`${movement.name} after`} style={{ clipPath: `inset(0 0 0 ${share}%)` }} />
        <span className="compare-line" style={{ left: `${share}%` }} aria-hidden="true" />
      </div>
      <label className="compare-slider">
        <span>Before</span>
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label="Wipe between before and after"
          onChange={(event) => setShare(Number(event.target.value))}
        />
        <span>After</span>
      </label>
      <p className="muted">{WORDS[kind]}</p>
    </Tabs>
  );
}
