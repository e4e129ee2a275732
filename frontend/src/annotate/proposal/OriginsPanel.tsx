import type { Desk } from '../desk';
import { useDeskState } from '../useDesk';
import { ORIGIN_COLOURS } from './origins';

const WORDS = { model: 'the model’s', human: 'drawn by hand', changed: 'changed by hand' } as const;

/** Colour the mask by who drew it. */
export function OriginsPanel({ desk }: { desk: Desk }) {
  const on = useDeskState(desk, (state) => state.proposal?.origins ?? false);
  return (
    <>
      <label className="draft-over">
        <input
          type="checkbox"
          checked={on}
          data-testid="show-origins"
          onChange={({ target }) => desk.draft.set({ origins: target.checked })}
        />
        Show who drew what
      </label>
      {on && (
        <ul className="origins-legend">
          {Object.entries(WORDS).map(([kind, words]) => (
            <li key={kind}>
              <span
                className="label-swatch"
                style={{ background: ORIGIN_COLOURS[kind as keyof typeof ORIGIN_COLOURS] }}
              />
              {words}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
