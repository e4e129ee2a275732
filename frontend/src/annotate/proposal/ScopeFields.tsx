import { useState } from 'react';

import { classes } from '../../ui';
import { readRanges } from './cells';

/** In which slices something is taken. text: numbers from 1, such as `3-20, 22`. */
export type Scope = { kind: 'all' } | { kind: 'here' } | { kind: 'some'; text: string };

/** Slices counted from 0; null for all, undefined where the text says none. */
export function slicesIn(scope: Scope, here: number): ReadonlySet<number> | null | undefined {
  if (scope.kind === 'all') return null;
  if (scope.kind === 'here') return new Set([here]);
  const numbers = readRanges(scope.text);
  return numbers === null || numbers.has(0) ? undefined : new Set([...numbers].map((number) => number - 1));
}

interface ScopeProps {
  scope: Scope;
  here: number;
  count: number;
  onChange: (scope: Scope) => void;
}

/** All slices, the one that is shown, or some. */
export function ScopeFields({ scope, here, count, onChange }: ScopeProps) {
  const [text, setText] = useState('');
  const wrong = scope.kind === 'some' && slicesIn(scope, here) === undefined;
  const choices = [
    { kind: 'all', name: 'All slices', scope: { kind: 'all' } },
    { kind: 'here', name: `Slice ${here + 1}`, scope: { kind: 'here' } },
    { kind: 'some', name: 'Some…', scope: { kind: 'some', text } },
  ] as const;
  return (
    <>
      <div className="style-buttons draft-scope" role="radiogroup" aria-label="Slices">
        {choices.map((choice) => (
          <button
            key={choice.kind}
            type="button"
            role="radio"
            aria-checked={scope.kind === choice.kind}
            className={classes('phase-button', scope.kind === choice.kind && 'phase-button-on')}
            onClick={() => onChange(choice.scope)}
          >
            {choice.name}
          </button>
        ))}
      </div>
      {scope.kind === 'some' && (
        <input
          className="input"
          aria-label="Slices to take"
          aria-invalid={wrong && text !== ''}
          placeholder={`such as 3-20, 22 of 1 to ${count}`}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            onChange({ kind: 'some', text: target.value });
          }}
        />
      )}
    </>
  );
}
