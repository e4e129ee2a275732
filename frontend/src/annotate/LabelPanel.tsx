import { Eye, EyeOff, Lock, LockOpen } from 'lucide-react';

import { classes, Section, Tooltip } from '../ui';
import type { LabelStyle } from '../viewer';
import { ColourButton } from './ColourButton';
import type { Desk } from './desk';
import { hintOf } from './keys';
import './label-panel.css';
import { millilitres } from './measures';
import { useDeskState } from './useDesk';

/** The labels of the project: which one is drawn, which are seen, which may not be changed, how large each is. */
export function LabelPanel({ desk }: { desk: Desk }) {
  const labels = useDeskState(desk, (state) => state.labels);
  return (
    <Section id="labels" title="Labels">
      <ul className="labels">
        {labels.map((label) => (
          <LabelRow key={label.value} desk={desk} label={label} />
        ))}
      </ul>
    </Section>
  );
}

function LabelRow({ desk, label }: { desk: Desk; label: LabelStyle }) {
  const { value, name } = label;
  const active = useDeskState(desk, (state) => state.label === value);
  const hidden = useDeskState(desk, (state) => state.hidden.has(value));
  const voxels = useDeskState(desk, (state) => state.totals[value] ?? 0);
  return (
    <li className={classes('label-row', active && 'label-row-on', hidden && 'label-row-hidden')}>
      <ColourButton desk={desk} label={label} />
      <button
        type="button"
        className="label-name"
        aria-pressed={active}
        data-testid={`label-${value}`}
        onClick={() => desk.selectLabel(value)}
      >
        <span className="label-word" title={name}>
          {name}
        </span>
      </button>
      <Tooltip text={`${voxels.toLocaleString('en-GB')} voxels`}>
        <span className="label-size" data-testid={`voxels-${value}`} data-voxels={voxels}>
          {voxels === 0 ? '–' : millilitres(desk.volume, voxels)}
        </span>
      </Tooltip>
      <RowButton
        label={hidden ? `Show ${name}` : `Hide ${name}`}
        hint={active ? hintOf('visible') : undefined}
        on={hidden}
        onClick={() => desk.toggleVisible(value)}
      >
        {hidden ? <EyeOff size={15} /> : <Eye size={15} />}
      </RowButton>
      <LockButton desk={desk} label={label} active={active} />
    </li>
  );
}

function LockButton({ desk, label, active }: { desk: Desk; label: LabelStyle; active: boolean }) {
  const { value, name } = label;
  const locked = useDeskState(desk, (state) => state.locked.has(value));
  const editable = useDeskState(desk, (state) => state.editable);
  if (!editable) return null;
  return (
    <RowButton
      label={locked ? `Let ${name} be changed` : `Lock ${name}`}
      hint={active ? hintOf('lock') : undefined}
      on={locked}
      onClick={() => desk.toggleLocked(value)}
    >
      {locked ? <Lock size={15} /> : <LockOpen size={15} />}
    </RowButton>
  );
}

interface RowButtonProps {
  label: string;
  hint: string | undefined;
  on: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function RowButton({ label, hint, on, onClick, children }: RowButtonProps) {
  return (
    <Tooltip text={label} hint={hint} side="left">
      <button
        type="button"
        className={classes('row-button', on && 'row-button-on')}
        aria-label={label}
        aria-pressed={on}
        onClick={onClick}
      >
        {children}
      </button>
    </Tooltip>
  );
}
