import { MapPin, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';

import type { Desk } from '../annotate/desk';
import type { Pin } from '../annotate/queries';
import { useDeskState } from '../annotate/useDesk';
import type { Task } from '../api';
import { explain } from '../api';
import { Button, Field, IconButton, Notice } from '../ui';
import './review.css';
import { useDecide } from './useDecide';

interface ReturnProps {
  task: Task;
  revision: number;
  desk: Desk;
  pins: readonly Pin[];
  setPins: (pins: readonly Pin[]) => void;
  onClose: () => void;
}

/** Why a case goes back, with remarks pinned to slices. Stands beside the picture, so that one can go on looking. */
export function ReturnPanel({ task, revision, desk, pins, setPins, onClose }: ReturnProps) {
  const decide = useDecide(task);
  const [reason, setReason] = useState('');
  const id = useId();
  const send = (): void =>
    decide.mutate({ action: 'return', revision, reason: reason.trim(), remarks: [...pins] });
  return (
    <section className="return-panel" role="dialog" aria-label={`Return ${task.patient.pseudonym}`}>
      <div className="field">
        <label htmlFor={id}>What has to be mended</label>
        <textarea
          id={id}
          className="reason"
          rows={4}
          autoFocus
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      <PinList pins={pins} setPins={setPins} desk={desk} />
      <PinForm pins={pins} setPins={setPins} desk={desk} />
      {decide.isError && <Notice tone="bad">{explain(decide.error).title}</Notice>}
      <div className="return-buttons">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" busy={decide.isPending} disabled={reason.trim() === ''} onClick={send}>
          Return
        </Button>
      </div>
    </section>
  );
}

type PinProps = Pick<ReturnProps, 'pins' | 'setPins' | 'desk'>;

function PinList({ pins, setPins, desk }: PinProps) {
  return (
    <ul className="pins">
      {pins.map((pin, n) => (
        <li key={`${pin.z}-${n}`}>
          <button type="button" className="remark-link" onClick={() => desk.goTo(pin.z)}>
            <MapPin size={13} aria-hidden="true" />
            <span>
              Slice {pin.z + 1}: {pin.text}
            </span>
          </button>
          <IconButton
            label="Take this remark away"
            side="left"
            onClick={() => setPins(pins.filter((_, i) => i !== n))}
          >
            <Trash2 size={14} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function PinForm({ pins, setPins, desk }: PinProps) {
  const slice = useDeskState(desk, (state) => state.slices[desk.viewer.mainPlane]);
  const [text, setText] = useState('');
  const add = (): void => {
    if (text.trim() === '') return;
    setPins([...pins, { z: slice, y: null, x: null, text: text.trim() }]);
    setText('');
  };
  return (
    <form
      className="pin-form"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Field
        label={`Remark on slice ${slice + 1}`}
        value={text}
        placeholder="The vessel goes on here"
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={text.trim() === ''}>
        Pin
      </Button>
    </form>
  );
}
