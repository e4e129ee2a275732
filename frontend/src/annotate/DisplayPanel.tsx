import { classes, KeyHint, Section } from '../ui';
import type { Desk } from './desk';
import './display-panel.css';
import { LinkControls } from './LinkControls';
import { useDeskState } from './useDesk';
import { WindowControls } from './WindowControls';

/** How large the brush is. */
export function BrushPanel({ desk }: { desk: Desk }) {
  const brushMm = useDeskState(desk, (state) => state.brushMm);
  // Even steps feel even when they multiply, so that the slider moves along the logarithm.
  return (
    <Section id="tool" title="Tool">
      <label className="slider-row">
        <span>Brush</span>
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
      <p className="side-hint">
        <KeyHint keys="[" /> <KeyHint keys="]" /> or <KeyHint keys="Ctrl+Wheel" />
      </p>
    </Section>
  );
}

/** How the labels lie over the picture, in which window it is drawn, and what panes do together. */
export function OverlayPanel({ desk }: { desk: Desk }) {
  const opacity = useDeskState(desk, (state) => state.opacity);
  return (
    <Section id="display" title="Display">
      <label className="slider-row">
        <span>Opacity</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={opacity}
          onChange={(event) => desk.setStyle({ opacity: Number(event.target.value) })}
        />
        <output>{Math.round(opacity * 100)} %</output>
      </label>
      <StyleButtons desk={desk} />
      <WindowControls desk={desk} />
      <LinkControls desk={desk} />
    </Section>
  );
}

const STYLES = [
  { name: 'Both', outline: true, fill: true },
  { name: 'Filling', outline: false, fill: true },
  { name: 'Outline', outline: true, fill: false },
] as const;

function StyleButtons({ desk }: { desk: Desk }) {
  const outline = useDeskState(desk, (state) => state.outline);
  const fill = useDeskState(desk, (state) => state.fill);
  return (
    <div className="style-buttons" role="radiogroup" aria-label="How labels are drawn">
      {STYLES.map((style) => {
        const on = style.outline === outline && style.fill === fill;
        return (
          <button
            key={style.name}
            type="button"
            role="radio"
            aria-checked={on}
            className={classes('phase-button', on && 'phase-button-on')}
            onClick={() => desk.setStyle({ outline: style.outline, fill: style.fill })}
          >
            {style.name}
          </button>
        );
      })}
    </div>
  );
}
