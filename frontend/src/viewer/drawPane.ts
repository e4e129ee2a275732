/** The viewer's mask and panes as drawing sees them. */
import { type DrawHost, type DrawPane, type IntensityRange, viewportPane } from './drawing';
import type { Grid } from './grid';
import type { Labelmap } from './labelmap';
import type { Panes } from './panes';
import type { PaneSpec } from './paneSpec';
import type { Plane, PlaneName } from './planes';
import type { Showing } from './showing';
import type { SourceInput, Sources } from './sources';

interface Parts {
  grid: Grid;
  planes: Record<PlaneName, Plane>;
  panes: Panes;
  showing: Showing;
  sources: Sources;
}

export function drawPane(
  { grid, planes, panes, showing, sources }: Parts,
  { id, plane }: PaneSpec,
  element: HTMLDivElement,
): DrawPane {
  const source = (): SourceInput => sources.input(showing.keyIn(id));
  const shown = {
    element,
    plane: planes[plane],
    slice: () => panes.sliceIn(id),
    source,
    intensities: (z: number) => sources.pixels(source().key, z),
  };
  return viewportPane(grid, shown, () => panes.viewport(id));
}

interface Picked {
  onPickRange: (range: IntensityRange) => void;
  onPickLabel: (label: number) => void;
}

/** mask: asked for each time, since drawing is there before the mask is. */
export function drawHost(grid: Grid, mask: () => Labelmap, events: Picked): DrawHost {
  return {
    grid,
    labels: (z) => mask().slice(z),
    changed: (slices) => mask().changed(slices),
    endStroke: () => mask().endStroke(),
    onPick: (range) => events.onPickRange(range),
    onPickLabel: (label) => events.onPickLabel(label),
  };
}
