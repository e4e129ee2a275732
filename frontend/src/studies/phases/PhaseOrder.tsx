import { ArrowDown, ArrowUp, GripVertical } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../../api';
import type { OrderedPhase, PhaseOrder as Order, Volume } from '../../api';
import { can, useCurrentProject } from '../../routes/currentProject';
import {
  Badge,
  Button,
  Card,
  classes,
  ErrorState,
  Field,
  IconButton,
  Notice,
  Skeleton,
  toast,
} from '../../ui';
import { clock } from '../clock';
import { isChanged, withMoved } from './order';
import './phases.css';
import { usePhaseOrder, useReorder, useRestoreOrder } from './queries';

/** The phases of a volume, why each is where it is, and a manager's way to put them right. */
export function PhaseOrder({ volume }: { volume: Volume }) {
  const order = usePhaseOrder(volume.id);
  return (
    <Card
      title="Order of the phases"
      actions={order.data?.by_hand && <Badge tone="info">Put in order by hand</Badge>}
      flush
    >
      {order.isError && <ErrorState error={order.error} retry={() => void order.refetch()} />}
      {order.isPending && <Skeleton height={160} />}
      {order.data && <Editor key={signature(order.data)} volume={volume} found={order.data} />}
    </Card>
  );
}

/** Changes when the server's order does, so that what was moved here starts anew from it. */
function signature(order: Order): string {
  return order.phases.map((phase) => phase.found_index).join() + String(order.by_hand);
}

function Editor({ volume, found }: { volume: Volume; found: Order }) {
  const manages = can(useCurrentProject(), 'manage_cases');
  const movable = manages && found.fixed === '' && found.phases.length > 1;
  const [order, setOrder] = useState(() => found.phases.map((_, place) => place));
  const [dragged, setDragged] = useState<number | null>(null);
  const move = (from: number, to: number) => setOrder((now) => withMoved(now, from, to));
  return (
    <div className="phase-order">
      <ol aria-label={`Phases of ${volume.name}`}>
        {order.map((index, place) => {
          const phase = found.phases[index];
          return (
            phase && (
              <PhaseRow
                key={index}
                phase={phase}
                place={place}
                last={order.length - 1}
                movable={movable}
                lifted={dragged === place}
                onMove={(to) => move(place, to)}
                onLift={() => setDragged(place)}
                onOver={() => {
                  if (dragged === null || dragged === place) return;
                  move(dragged, place);
                  setDragged(place);
                }}
                onDrop={() => setDragged(null)}
              />
            )
          );
        })}
      </ol>
      {manages && found.fixed !== '' && <Notice>{found.fixed}</Notice>}
      {movable && <Saving volume={volume} found={found} order={order} onReset={setOrder} />}
    </div>
  );
}

interface PhaseRowProps {
  phase: OrderedPhase;
  place: number;
  last: number;
  movable: boolean;
  lifted: boolean;
  onMove: (to: number) => void;
  onLift: () => void;
  onOver: () => void;
  onDrop: () => void;
}

function PhaseRow({ phase, place, last, movable, lifted, onMove, onLift, onOver, onDrop }: PhaseRowProps) {
  return (
    <li
      className={classes('phase-row', lifted && 'phase-lifted', place !== phase.index && 'phase-moved')}
      draggable={movable}
      onDragStart={onLift}
      onDragEnter={onOver}
      onDragOver={(event) => event.preventDefault()}
      onDragEnd={onDrop}
    >
      {movable && (
        <button
          type="button"
          className="phase-grip"
          aria-label={`Move ${phase.label}: arrow keys or drag`}
          onKeyDown={(event) => {
            const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            onMove(place + step);
          }}
        >
          <GripVertical size={16} aria-hidden="true" />
        </button>
      )}
      <span className="phase-place">{place}</span>
      <span className="phase-name">
        {phase.label}
        <span className="muted">
          {phase.series_number !== null && `series ${phase.series_number} · `}
          {phase.series || 'no description'}
        </span>
      </span>
      <span className="phase-time">{clock(phase.time_s)}</span>
      <span className="phase-reason muted">{phase.reason}</span>
      {movable && (
        <span className="phase-buttons">
          <IconButton
            label={`Move ${phase.label} up`}
            disabled={place === 0}
            onClick={() => onMove(place - 1)}
          >
            <ArrowUp size={16} />
          </IconButton>
          <IconButton
            label={`Move ${phase.label} down`}
            disabled={place === last}
            onClick={() => onMove(place + 1)}
          >
            <ArrowDown size={16} />
          </IconButton>
        </span>
      )}
    </li>
  );
}

interface SavingProps {
  volume: Volume;
  found: Order;
  order: number[];
  onReset: (order: number[]) => void;
}

function Saving({ volume, found, order, onReset }: SavingProps) {
  const [reason, setReason] = useState('');
  const reorder = useReorder(volume.id);
  const restore = useRestoreOrder(volume.id);
  const changed = isChanged(order);
  const failure = reorder.error ?? restore.error;
  if (!changed && !found.by_hand) return null;
  return (
    <div className="phase-saving">
      {changed && (
        <>
          <p className="muted">
            Labels and times follow the new order. Derived pictures and registrations of the old one no longer
            count.
          </p>
          <Field
            label="Why this order"
            value={reason}
            maxLength={200}
            placeholder="Shown beside each phase"
            onChange={(event) => setReason(event.target.value)}
          />
        </>
      )}
      {failure && <Notice tone="bad">{explain(failure).title}</Notice>}
      <div className="phase-acts">
        {changed && (
          <>
            <Button
              kind="primary"
              busy={reorder.isPending}
              disabled={reason.trim() === ''}
              onClick={() =>
                reorder.mutate(
                  { order, reason },
                  { onSuccess: () => toast.good('The phases are in the new order.') },
                )
              }
            >
              Save the order
            </Button>
            <Button onClick={() => onReset(found.phases.map((_, place) => place))}>Undo</Button>
          </>
        )}
        {found.by_hand && !changed && (
          <Button busy={restore.isPending} onClick={() => restore.mutate()}>
            As found in the headers
          </Button>
        )}
      </div>
    </div>
  );
}
