import { classes, Section } from '../ui';
import type { Desk } from './desk';
import './display-panel.css';
import { LinkControls } from './LinkControls';
import { useDeskState } from './useDesk';
import { WindowControls } from './WindowControls';

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
