import type { ReactNode } from 'react';

import { KeyHint, Section } from '../../ui';
import type { ContourKind, Cut, DrawTool, Shape } from '../../viewer';
import type { Desk } from '../desk';
import { hintOf } from '../keys';
import { useDeskState } from '../useDesk';
import { Choice } from './Choice';
import { isDrawTool } from './options';
import { RangeFields } from './RangeFields';
import './tool-panel.css';

const TITLES: Record<DrawTool, string> = {
  brush: 'Brush',
  eraser: 'Eraser',
  threshold: 'Threshold brush',
  scissors: 'Scissors',
  contour: 'Contour',
};

const OPTIONS: Record<DrawTool, (props: { desk: Desk }) => ReactNode> = {
  brush: BrushOptions,
  eraser: EraserOptions,
  threshold: ThresholdOptions,
  scissors: ScissorsOptions,
  contour: ContourOptions,
};

/** Options of the tool that draws now. */
export function ToolPanel({ desk }: { desk: Desk }) {
  const tool = useDeskState(desk, (state) => state.tool);
  if (!isDrawTool(tool)) return null;
  const Options = OPTIONS[tool];
  return (
    <Section id="tool" title={TITLES[tool]}>
      <div className="tool-options">
        <Options desk={desk} />
      </div>
    </Section>
  );
}

function BrushOptions({ desk }: { desk: Desk }) {
  return (
    <>
      <Size desk={desk} />
      <Tip desk={desk} />
      <p className="side-hint">Shift erases. Alt+click takes the label under the pointer.</p>
    </>
  );
}

function EraserOptions({ desk }: { desk: Desk }) {
  return (
    <>
      <Size desk={desk} />
      <Tip desk={desk} />
      <Erases desk={desk} />
    </>
  );
}

function ThresholdOptions({ desk }: { desk: Desk }) {
  const { threshold, deviations, picking } = useDeskState(desk, (state) => state.drawing);
  return (
    <>
      <Size desk={desk} />
      <Tip desk={desk} />
      <RangeFields
        label="Range that is painted"
        range={threshold}
        onChange={(range) => desk.drawing.set({ threshold: range })}
        picking={picking === 'threshold'}
        pick={() => desk.drawing.set({ picking: picking === 'threshold' ? null : 'threshold' })}
      />
      <label className="slider-row">
        <span>Width</span>
        <input
          type="range"
          min={0.5}
          max={5}
          step={0.5}
          value={deviations}
          aria-valuetext={`${deviations} standard deviations`}
          onChange={(event) => desk.drawing.set({ deviations: Number(event.target.value) })}
        />
        <output>± {deviations} SD</output>
      </label>
      <p className="side-hint">Alt+click picks the range from a spot; the picture shows it tinted.</p>
    </>
  );
}

const SHAPES: readonly { value: Shape; name: string }[] = [
  { value: 'freehand', name: 'Freehand' },
  { value: 'rectangle', name: 'Rectangle' },
  { value: 'circle', name: 'Circle' },
];

const CUTS: readonly { value: Cut; name: string }[] = [
  { value: 'fill', name: 'Fill inside' },
  { value: 'erase-inside', name: 'Erase inside' },
  { value: 'erase-outside', name: 'Erase outside' },
];

function ScissorsOptions({ desk }: { desk: Desk }) {
  const { shape, cut, through } = useDeskState(desk, (state) => state.drawing);
  return (
    <>
      <Choice
        label="Shape"
        value={shape}
        options={SHAPES}
        onChange={(value) => desk.drawing.set({ shape: value })}
      />
      <Choice
        label="Operation"
        value={cut}
        options={CUTS}
        onChange={(value) => desk.drawing.set({ cut: value })}
      />
      <Choice
        label="Depth"
        value={through}
        options={[
          { value: false, name: 'This slice' },
          { value: true, name: 'All slices', tip: 'Through all slices of the plane in which is cut' },
        ]}
        onChange={(value) => desk.drawing.set({ through: value })}
      />
      {cut !== 'fill' && <Erases desk={desk} />}
    </>
  );
}

const KINDS: readonly { value: ContourKind; name: string; tip: string }[] = [
  { value: 'freehand', name: 'Freehand', tip: 'Draw the outline in one go' },
  { value: 'spline', name: 'Spline', tip: 'Click points; a smooth curve goes through them' },
  { value: 'livewire', name: 'Live wire', tip: 'Click points; the outline follows edges between them' },
];

function ContourOptions({ desk }: { desk: Desk }) {
  const kind = useDeskState(desk, (state) => state.drawing.contour);
  return (
    <>
      <Choice
        label="Kind"
        value={kind}
        options={KINDS}
        onChange={(value) => desk.drawing.set({ contour: value })}
      />
      {kind === 'freehand' ? (
        <p className="side-hint">Drag around what is to be filled.</p>
      ) : (
        <p className="side-hint">
          Click points, drag to move them. <KeyHint keys="Enter" /> or the first point closes,{' '}
          <KeyHint keys="Backspace" /> takes one back, <KeyHint keys="Esc" /> drops it.
        </p>
      )}
    </>
  );
}

function Size({ desk }: { desk: Desk }) {
  const brushMm = useDeskState(desk, (state) => state.brushMm);
  // Even steps feel even when they multiply, so that the slider moves along the logarithm.
  return (
    <label className="slider-row">
      <span>Size</span>
      <input
        type="range"
        min={Math.log(0.5)}
        max={Math.log(80)}
        step="any"
        value={Math.log(brushMm)}
        aria-valuetext={`${brushMm} mm`}
        onChange={(event) => desk.setBrush(Math.exp(Number(event.target.value)))}
      />
      <output data-testid="brush-mm">{brushMm.toFixed(1)} mm</output>
    </label>
  );
}

function Tip({ desk }: { desk: Desk }) {
  const ball = useDeskState(desk, (state) => state.drawing.ball);
  return (
    <Choice
      label="Tip"
      value={ball}
      options={[
        { value: false, name: 'Disc', tip: 'Paints in the slice shown' },
        { value: true, name: 'Ball', tip: `Paints neighbouring slices too (${hintOf('ball')})` },
      ]}
      onChange={(value) => desk.drawing.set({ ball: value })}
    />
  );
}

function Erases({ desk }: { desk: Desk }) {
  const erasesAll = useDeskState(desk, (state) => state.drawing.erasesAll);
  return (
    <Choice
      label="What is erased"
      value={erasesAll}
      options={[
        { value: true, name: 'Every label' },
        { value: false, name: 'Chosen label' },
      ]}
      onChange={(value) => desk.drawing.set({ erasesAll: value })}
    />
  );
}
