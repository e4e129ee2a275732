/** A pane of the viewer as drawing sees it. */
import { type DrawPane, viewportPane } from './drawing';
import type { Grid } from './grid';
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
