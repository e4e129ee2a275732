/** Painting with a round tip: brush, eraser and threshold brush. */
import { at } from '../grid';
import { sweep } from './brush';
import { type DrawHost, type DrawPane, rulesIn, type Spot } from './pane';
import type { DrawSettings } from './settings';
import { Stroke } from './stroke';

/** One stroke from press to release. */
export interface Gesture {
  drag: (spots: readonly Spot[]) => void;
  release: () => void;
  cancel: () => void;
}

/** erasing: the stroke takes labels away. */
export function brushGesture(
  host: DrawHost,
  pane: DrawPane,
  settings: DrawSettings,
  erasing: boolean,
  first: Spot,
): Gesture {
  const { grid } = host;
  const canvas = { shapeZyx: grid.shapeZyx, labels: host.labels, intensities: pane.intensities };
  const { threshold } = settings;
  const stroke = new Stroke(canvas, {
    label: erasing ? 0 : settings.label,
    only: erasing && !settings.erasesAll ? settings.label : null,
    range: settings.tool === 'threshold' && !erasing && threshold ? pane.stored(threshold) : null,
    rules: rulesIn(pane, settings.rules),
  });
  const { axis } = pane.plane;
  const tip = { radiusMm: settings.diameterMm / 2, axis, ball: settings.ball };
  let last = first.zyx;
  const paint = (spots: readonly Spot[]): void => {
    for (const { zyx } of spots) {
      const from = at(zyx, axis) === at(last, axis) ? last : zyx;
      sweep(grid, tip, from, zyx, (start, along, count) => stroke.paint(start, along, count));
      last = zyx;
    }
    const dirty = stroke.takeDirty();
    if (dirty.length > 0) host.changed(dirty);
  };
  paint([first]);
  return {
    drag: paint,
    release: () => host.endStroke(),
    cancel: () => {
      host.changed(stroke.cancel());
      host.endStroke();
    },
  };
}
