import { KeyHint } from '../ui';
import type { Desk } from './desk';
import { hintOf } from './keys';
import { useDeskState } from './useDesk';

/** What the panes do together; shown where there is more than one. */
export function LinkControls({ desk }: { desk: Desk }) {
  const several = useDeskState(desk, (state) => state.panes.length > 1);
  const links = useDeskState(desk, (state) => state.links);
  const lines = useDeskState(desk, (state) => state.lines);
  if (!several) return null;
  return (
    <div className="link-controls" role="group" aria-label="Panes">
      <Tick on={links.scroll} set={(scroll) => desk.looking.setLinks({ scroll })}>
        Panes of a plane scroll together
      </Tick>
      <Tick on={links.view} set={(view) => desk.looking.setLinks({ view })}>
        and zoom together
      </Tick>
      <Tick on={lines} set={() => desk.looking.toggleLines()}>
        Lines of the other planes <KeyHint keys={hintOf('lines')} />
      </Tick>
    </div>
  );
}

interface TickProps {
  on: boolean;
  set: (on: boolean) => void;
  children: React.ReactNode;
}

function Tick({ on, set, children }: TickProps) {
  return (
    <label className="tick-row">
      <input type="checkbox" checked={on} onChange={(event) => set(event.target.checked)} />
      <span>{children}</span>
    </label>
  );
}
