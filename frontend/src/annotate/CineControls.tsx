import { Pause, Play } from 'lucide-react';

import { IconButton } from '../ui';
import { FASTEST, SLOWEST } from './cine';
import type { Desk } from './desk';
import { hintOf } from './keys';
import { useDeskState } from './useDesk';

/** Plays the phases of the shown slice. */
export function CineControls({ desk }: { desk: Desk }) {
  const { state, fraction, perSecond } = useDeskState(desk, ({ cine }) => cine);
  if (desk.volume.phases.length < 2) return null;
  const still = state === 'still';
  return (
    <div className="cine">
      <IconButton
        label={still ? 'Play the phases' : 'Stop'}
        hint={hintOf('cine')}
        pressed={!still}
        data-testid="cine"
        data-state={state}
        onClick={() => desk.cine.toggle()}
      >
        {still ? <Play size={15} /> : <Pause size={15} />}
      </IconButton>
      {state === 'preparing' && <span className="cine-word">{Math.round(fraction * 100)} %</span>}
      {state === 'playing' && (
        <label className="cine-rate">
          <input
            type="range"
            min={SLOWEST}
            max={FASTEST}
            value={perSecond}
            aria-label="Phases per second"
            onChange={(event) => desk.cine.setRate(Number(event.target.value))}
          />
          <span className="cine-word">{perSecond} / s</span>
        </label>
      )}
    </div>
  );
}
