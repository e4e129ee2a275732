import { Maximize2, Minimize2, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';

import { classes, IconButton, Spinner } from '../../ui';
import type { Desk } from '../desk';
import { hintOf } from '../keys';
import { useDeskState } from '../useDesk';

const SurfaceView = lazy(async () => ({ default: (await import('./SurfaceView')).SurfaceView }));

/** The surfaces in a corner over the pictures, while they are asked for. */
export function SurfacePanel({ desk }: { desk: Desk | null }) {
  return desk === null ? null : <Panel desk={desk} />;
}

function Panel({ desk }: { desk: Desk }) {
  const open = useDeskState(desk, (state) => state.surfaces && state.ready);
  const [large, setLarge] = useState(false);
  if (!open) return null;
  return (
    <section className={classes('surface-panel', large && 'surface-panel-large')} aria-label="Surfaces">
      <header>
        <h3>3-D</h3>
        <IconButton label={large ? 'Smaller' : 'Larger'} onClick={() => setLarge(!large)}>
          {large ? <Minimize2 size={14} /> : <Maximize2 size={14} />}
        </IconButton>
        <IconButton
          label="Close"
          hint={hintOf('surfaces')}
          onClick={() => desk.store.setState({ surfaces: false })}
        >
          <X size={15} />
        </IconButton>
      </header>
      <Suspense fallback={<Spinner size={20} label="Opening" />}>
        <SurfaceView desk={desk} />
      </Suspense>
    </section>
  );
}
