import type { Phase } from '../api';
import { classes, IconButton, Tooltip } from '../ui';
import { RotateCcw } from 'lucide-react';
import { CineControls } from './CineControls';
import type { Desk } from './desk';
import './phase-bar.css';
import { useDeskState } from './useDesk';

/** The phases of the volume, one of them shown, and the window in which it is shown. */
export function PhaseBar({ desk }: { desk: Desk | null }) {
  if (desk === null) return <div className="phase-bar" />;
  return <Phases desk={desk} />;
}

function Phases({ desk }: { desk: Desk }) {
  const shown = useDeskState(desk, (state) => state.phase);
  return (
    <div className="phase-bar">
      <span className="phase-bar-title">Phase</span>
      <div className="phase-buttons" role="radiogroup" aria-label="Phase">
        {desk.volume.phases.map((phase) => (
          <Tooltip key={phase.index} text={describe(phase)} hint={phase.index === shown ? undefined : 'P'}>
            <button
              type="button"
              role="radio"
              aria-checked={phase.index === shown}
              className={classes('phase-button', phase.index === shown && 'phase-button-on')}
              onClick={() => void desk.setPhase(phase.index)}
            >
              <span>{phase.index === 0 && desk.volume.is_dce ? 'Pre' : phase.index}</span>
              {phase.time_s !== null && phase.index > 0 && <small>{clock(phase.time_s)}</small>}
            </button>
          </Tooltip>
        ))}
      </div>
      <CineControls desk={desk} />
      <span className="phase-bar-name">{desk.volume.phases.find(({ index }) => index === shown)?.label}</span>
      <IconButton label="Window of this phase" onClick={() => desk.looking.presetWindow('given')}>
        <RotateCcw size={15} />
      </IconButton>
    </div>
  );
}

/** Minutes and seconds after the first phase. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function describe({ label, time_s, reason }: Phase): string {
  const time = time_s === null ? '' : `, ${Math.round(time_s)} s after the first`;
  return `${label}${time}${reason === '' ? '' : ` (${reason})`}`;
}
