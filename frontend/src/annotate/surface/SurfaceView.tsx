import { Box, Eye, RefreshCw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

import { Button, ErrorState, IconButton, Spinner, Swatch } from '../../ui';
import type { Desk } from '../desk';
import { millilitres } from '../measures';
import { useDeskState } from '../useDesk';
import './surface.css';
import { SurfaceModel, type SurfaceStage } from './surfaceModel';

/** The labels of the mask as surfaces in the patient; a click takes the planes to the voxel under it. */
export function SurfaceView({ desk }: { desk: Desk }) {
  const place = useRef<HTMLDivElement>(null);
  const [model, stage] = useSurfaces(desk, place);
  const [through, setThrough] = useState(false);
  const hidden = useDeskState(desk, (state) => state.hidden);
  const chosen = useDeskState(desk, (state) => state.label);
  const counted = useDeskState(desk, (state) => state.labelsBySlice);
  useEffect(() => model?.look({ hidden, chosen, through }), [model, stage, hidden, chosen, through]);
  const old = stage.name === 'shown' && stage.of !== counted;
  return (
    <div className="surface" data-testid="surface" data-state={old ? 'old' : stage.name}>
      <div ref={place} className="surface-scene" aria-label="Surfaces of the labels" />
      {stage.name === 'making' && (
        <div className="surface-cover">
          <Spinner size={20} label="Making surfaces" />
        </div>
      )}
      {stage.name === 'failed' && (
        <div className="surface-cover">
          <ErrorState error={stage.error} retry={() => model?.make()} />
        </div>
      )}
      {stage.name === 'shown' && stage.labels.length === 0 && (
        <div className="surface-cover">Nothing is drawn yet.</div>
      )}
      <Volumes desk={desk} />
      <div className="surface-tools">
        {old && (
          <Button size="small" icon={<RefreshCw size={14} />} onClick={() => model?.make()}>
            Out of date
          </Button>
        )}
        <IconButton
          label="See through the other labels"
          pressed={through}
          onClick={() => setThrough(!through)}
        >
          <Eye size={15} />
        </IconButton>
        <IconButton label="From the front" onClick={() => model?.lookFromFront()}>
          <Box size={15} />
        </IconButton>
      </div>
    </div>
  );
}

/** The volume of each label that is drawn and seen. */
function Volumes({ desk }: { desk: Desk }) {
  const totals = useDeskState(desk, (state) => state.totals);
  const hidden = useDeskState(desk, (state) => state.hidden);
  const there = desk.labels.filter(({ value }) => (totals[value] ?? 0) > 0 && !hidden.has(value));
  return (
    <ul className="surface-volumes">
      {there.map(({ value, name, colour }) => (
        <li key={value}>
          <Swatch colour={colour} />
          <span>{name}</span>
          <b>{millilitres(desk.volume, totals[value] ?? 0)}</b>
        </li>
      ))}
    </ul>
  );
}

function useSurfaces(
  desk: Desk,
  place: RefObject<HTMLDivElement | null>,
): [SurfaceModel | null, SurfaceStage] {
  const [model, setModel] = useState<SurfaceModel | null>(null);
  const [stage, setStage] = useState<SurfaceStage>({ name: 'making' });
  useEffect(() => {
    let made: SurfaceModel | null = null;
    let gone = false;
    const open = async (): Promise<void> => {
      await Promise.resolve(); // an effect that is undone at once, as in strict mode, opens nothing
      if (gone || !place.current) return;
      made = new SurfaceModel(desk, place.current, setStage);
      setModel(made);
      made.make();
    };
    open().catch((error: unknown) => setStage({ name: 'failed', error }));
    return () => {
      gone = true;
      setModel(null);
      made?.destroy();
    };
  }, [desk, place]);
  return [model, stage];
}
