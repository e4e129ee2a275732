import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import { Button } from '../../ui';
import type { Desk } from '../desk';
import { hintOf } from '../keys';
import { useDeskState } from '../useDesk';
import { Choice, LabelChoice, MmField } from './fields';
import type { Effect } from './settings';

interface OptionsProps {
  desk: Desk;
}

/** Options of the chosen operation and the buttons that do it. */
export function EffectOptions({ desk }: OptionsProps) {
  const effect = useStore(desk.operations.store, (state) => state.settings.effect);
  const label = useDeskState(desk, (state) => state.label);
  const name = desk.labels.find(({ value }) => value === label)?.name ?? '';
  const Options = OPTIONS[effect];
  return (
    <div className="effect-options" role="group" aria-label={`Options for ${name}`}>
      <Options desk={desk} />
    </div>
  );
}

function useSettings(desk: Desk) {
  return useStore(desk.operations.store, (state) => state.settings);
}

function Act({ children, act, hint = '' }: { children: ReactNode; act: () => void; hint?: string }) {
  return (
    <Button size="small" onClick={act}>
      {children} {hint !== '' && <kbd>{hint}</kbd>}
    </Button>
  );
}

/** This slice of the plane that was looked at last, or all slices. */
function ScopeChoice({ desk }: OptionsProps) {
  const { scope } = useSettings(desk);
  const plane = useStore(desk.operations.store, (state) => state.plane);
  return (
    <Choice
      name="Where"
      value={scope}
      options={[
        { value: 'slice', title: `This ${plane} slice` },
        { value: 'volume', title: 'All slices' },
      ]}
      choose={(value) => desk.operations.set({ scope: value })}
    />
  );
}

function Grow({ desk }: OptionsProps) {
  const { growOn, growMm } = useSettings(desk);
  const picking = useStore(desk.operations.store, (state) => state.picking);
  return (
    <>
      <Choice
        name="On"
        value={growOn}
        options={[
          { value: 'shown', title: 'Picture shown' },
          { value: 'subtraction', title: 'Enhancement' },
        ]}
        choose={(value) => desk.operations.set({ growOn: value })}
      />
      <MmField name="Within" value={growMm} step={5} change={(mm) => desk.operations.set({ growMm: mm })} />
      <Act act={() => desk.operations.pick('grow')} hint={hintOf('grow')}>
        {picking === 'grow' ? 'Stop' : 'Click a spot'}
      </Act>
    </>
  );
}

function Fill({ desk }: OptionsProps) {
  const picking = useStore(desk.operations.store, (state) => state.picking);
  return (
    <>
      <p className="side-hint">Fills the region of one label, or of enclosed background, in its slice.</p>
      <Act act={() => desk.operations.pick('fill')} hint={hintOf('fill')}>
        {picking === 'fill' ? 'Stop' : 'Click a region'}
      </Act>
    </>
  );
}

function Interpolate({ desk }: OptionsProps) {
  const plane = useStore(desk.operations.store, (state) => state.plane);
  return (
    <>
      <p className="side-hint">Fills the gaps between the {plane} slices that have the label.</p>
      <Act act={() => desk.operations.interpolate()} hint={hintOf('interpolate')}>
        Preview
      </Act>
    </>
  );
}

function Copy({ desk }: OptionsProps) {
  const { copyAll } = useSettings(desk);
  return (
    <>
      <Choice
        name="What"
        value={copyAll ? 'all' : 'label'}
        options={[
          { value: 'label', title: 'Chosen label' },
          { value: 'all', title: 'All labels' },
        ]}
        choose={(value) => desk.operations.set({ copyAll: value === 'all' })}
      />
      <Act act={() => desk.operations.copy(-1)} hint={hintOf('copy-previous')}>
        To previous
      </Act>
      <Act act={() => desk.operations.copy(1)} hint={hintOf('copy-next')}>
        To next
      </Act>
    </>
  );
}

function Smooth({ desk }: OptionsProps) {
  const { smoothing, smoothingMm } = useSettings(desk);
  return (
    <>
      <Choice
        name="How"
        value={smoothing}
        options={[
          { value: 'median', title: 'Median' },
          { value: 'gaussian', title: 'Gaussian' },
          { value: 'closing', title: 'Close' },
          { value: 'opening', title: 'Open' },
        ]}
        choose={(value) => desk.operations.set({ smoothing: value })}
      />
      <MmField name="Size" value={smoothingMm} change={(mm) => desk.operations.set({ smoothingMm: mm })} />
      <ScopeChoice desk={desk} />
      <Act act={() => desk.operations.smooth()} hint={hintOf('smooth')}>
        Preview
      </Act>
    </>
  );
}

function Margin({ desk }: OptionsProps) {
  const { marginMm } = useSettings(desk);
  return (
    <>
      <MmField name="By" value={marginMm} change={(mm) => desk.operations.set({ marginMm: mm })} />
      <ScopeChoice desk={desk} />
      <Act act={() => desk.operations.margin(marginMm)}>Grow</Act>
      <Act act={() => desk.operations.margin(-marginMm)}>Shrink</Act>
    </>
  );
}

function Islands({ desk }: OptionsProps) {
  const { islands, leastMm3, connectivity } = useSettings(desk);
  return (
    <>
      <Choice
        name="Keep"
        value={islands}
        options={[
          { value: 'largest', title: 'Largest' },
          { value: 'small', title: 'All but small' },
          { value: 'pick', title: 'Clicked' },
        ]}
        choose={(value) => desk.operations.set({ islands: value })}
      />
      {islands === 'small' && (
        <MmField
          name="From"
          unit="mm³"
          value={leastMm3}
          step={5}
          change={(value) => desk.operations.set({ leastMm3: value })}
        />
      )}
      <Choice
        name="Touch by"
        value={String(connectivity)}
        options={[
          { value: '6', title: 'Faces (6)' },
          { value: '26', title: 'Corners too (26)' },
        ]}
        choose={(value) => desk.operations.set({ connectivity: value === '6' ? 6 : 26 })}
      />
      <ScopeChoice desk={desk} />
      <Act act={() => desk.operations.islands()}>{islands === 'pick' ? 'Click an island' : 'Preview'}</Act>
    </>
  );
}

function Holes({ desk }: OptionsProps) {
  const { holes, scope } = useSettings(desk);
  return (
    <>
      <ScopeChoice desk={desk} />
      {scope === 'volume' && (
        <Choice
          name="Closed in"
          value={holes}
          options={[
            { value: 'slices', title: 'Each slice' },
            { value: 'volume', title: 'All directions' },
          ]}
          choose={(value) => desk.operations.set({ holes: value })}
        />
      )}
      <Act act={() => desk.operations.holes()}>Preview</Act>
    </>
  );
}

function Combine({ desk }: OptionsProps) {
  const { operator, combineMm } = useSettings(desk);
  return (
    <>
      <Choice
        name="How"
        value={operator}
        options={[
          { value: 'union', title: 'Unite' },
          { value: 'subtract', title: 'Subtract' },
          { value: 'intersect', title: 'Intersect' },
        ]}
        choose={(value) => desk.operations.set({ operator: value })}
      />
      <LabelChoice desk={desk} name="With" />
      <MmField
        name="Grown by"
        value={combineMm}
        least={0}
        change={(mm) => desk.operations.set({ combineMm: mm })}
      />
      <ScopeChoice desk={desk} />
      <Act act={() => desk.operations.combine()}>Preview</Act>
    </>
  );
}

function Move({ desk }: OptionsProps) {
  return (
    <>
      <LabelChoice desk={desk} name="With" />
      <ScopeChoice desk={desk} />
      <Act act={() => desk.operations.move()}>Move to it</Act>
      <Act act={() => desk.operations.swap()}>Swap</Act>
    </>
  );
}

function Clear({ desk }: OptionsProps) {
  return (
    <>
      <ScopeChoice desk={desk} />
      <Act act={() => desk.operations.clear()}>Preview</Act>
    </>
  );
}

const OPTIONS: Record<Effect, (props: OptionsProps) => ReactNode> = {
  grow: Grow,
  fill: Fill,
  interpolate: Interpolate,
  copy: Copy,
  smooth: Smooth,
  margin: Margin,
  islands: Islands,
  holes: Holes,
  combine: Combine,
  move: Move,
  clear: Clear,
};
