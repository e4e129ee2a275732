import { Check, Minus, X } from 'lucide-react';

import type { RoundStep } from '../api';
import { classes, Spinner } from '../ui';
import './steps.css';
import { STEP_NAMES } from './words';

const ICONS: Record<string, React.ReactNode> = {
  done: <Check size={14} strokeWidth={3} />,
  failed: <X size={14} strokeWidth={3} />,
  skipped: <Minus size={14} />,
  running: <Spinner size={14} />,
};

/** The steps of a round as a line; small leaves the sentences out. */
export function Steps({ steps, small = false }: { steps: readonly RoundStep[]; small?: boolean }) {
  return (
    <ol className={classes('steps', small && 'steps-small')}>
      {steps.map(({ name, state, message }, n) => (
        <li
          key={name}
          className={`step step-${state}`}
          aria-current={state === 'running' ? 'step' : undefined}
          title={small ? `${STEP_NAMES[name] ?? name}: ${message || state}` : undefined}
        >
          <span className="step-dot">{ICONS[state] ?? (small ? null : n + 1)}</span>
          <span className="step-words">
            <strong>{STEP_NAMES[name] ?? name}</strong>
            <span className="visually-hidden">, {state}</span>
            {!small && <span className="step-message">{message}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
