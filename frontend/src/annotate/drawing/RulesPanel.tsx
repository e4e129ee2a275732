import { Section, Select } from '../../ui';
import type { Desk } from '../desk';
import { useDeskState } from '../useDesk';
import { lockedLabels } from './options';
import { RangeFields } from './RangeFields';

const ANYWHERE = 'anywhere';

/** What tools may change: over which labels, inside which, in which range of intensities. */
export function RulesPanel({ desk }: { desk: Desk }) {
  const { over, inside, touchDraws } = useDeskState(desk, (state) => state.drawing);
  const held = useHeldBack(desk);
  return (
    <Section
      id="rules"
      title="Painting rules"
      open={false}
      aside={held > 0 && <span className="rules-on">{held} on</span>}
    >
      <div className="tool-options">
        <label className="rule-row">
          <span>Paint over</span>
          <Select
            label="Paint over"
            value={over}
            options={[
              { value: 'everything', label: 'Everything' },
              { value: 'unlabelled', label: 'Only unlabelled' },
            ]}
            onChange={(value) =>
              desk.drawing.set({ over: value === 'unlabelled' ? 'unlabelled' : 'everything' })
            }
          />
        </label>
        <label className="rule-row">
          <span>Only inside</span>
          <Select
            label="Only inside"
            value={inside === null ? ANYWHERE : String(inside)}
            options={[
              { value: ANYWHERE, label: 'Anywhere' },
              ...desk.labels.map(({ value, name, colour }) => ({
                value: String(value),
                label: name,
                colour,
              })),
            ]}
            onChange={(value) => desk.drawing.set({ inside: value === ANYWHERE ? null : Number(value) })}
          />
        </label>
        <RangeRule desk={desk} />
        <LockNote desk={desk} />
        <label className="check-row">
          <input
            type="checkbox"
            checked={touchDraws}
            onChange={(event) => desk.drawing.set({ touchDraws: event.target.checked })}
          />
          <span>Draw with a finger</span>
        </label>
      </div>
    </Section>
  );
}

function RangeRule({ desk }: { desk: Desk }) {
  const { range, picking } = useDeskState(desk, (state) => state.drawing);
  const window = useDeskState(desk, (state) => state.window);
  return (
    <>
      <label className="check-row">
        <input
          type="checkbox"
          checked={range !== null}
          onChange={(event) =>
            desk.drawing.set({
              range: event.target.checked ? { low: window.low, high: window.high } : null,
              picking: null,
            })
          }
        />
        <span>Only intensities from – to</span>
      </label>
      {range !== null && (
        <RangeFields
          label="Range that may change"
          range={range}
          onChange={(value) => desk.drawing.set({ range: value })}
          picking={picking === 'range'}
          pick={() => desk.drawing.set({ picking: picking === 'range' ? null : 'range' })}
        />
      )}
    </>
  );
}

/** Locks hold always; where they hold the chosen label back, that is said. */
function LockNote({ desk }: { desk: Desk }) {
  const stuck = useDeskState(desk, (state) => lockedLabels(state).has(state.label));
  return (
    <p className={stuck ? 'side-hint side-warning' : 'side-hint'}>
      {stuck
        ? 'The chosen label is locked or hidden: nothing can be painted with it.'
        : 'Locked and hidden labels never change.'}
    </p>
  );
}

function useHeldBack(desk: Desk): number {
  return useDeskState(
    desk,
    ({ drawing: { over, inside, range } }) =>
      [over !== 'everything', inside !== null, range !== null].filter(Boolean).length,
  );
}
