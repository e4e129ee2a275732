/** The editor of one opened case: the viewer, its parts, and what the page shows of it. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import { exposeProbe, type LabelStyle, type PaneElements, type PhaseInput } from '../viewer';
import { type PlaneName, type Slices, type StepTaken, type ToolName, Viewer } from '../viewer';
import type { Volume } from '../api';
import { Curves } from './curve/curves';
import { type DeskState, initialState, type Layout } from './deskState';
import { Display, type OverlayStyle } from './display';
import { Edits, type TouchListener } from './edits';
import { Looking } from './looking';
import type { DeskBase } from './parts';
import { BRUSH_STEP, ToolChoice } from './toolChoice';

export type { DeskState, Hover, Layout } from './deskState';

export class Desk implements DeskBase {
  readonly store: StoreApi<DeskState>;
  readonly viewer: Viewer;
  readonly display: Display;
  readonly looking: Looking;
  readonly tools: ToolChoice;
  readonly edits: Edits;
  readonly curves: Curves;
  opened: Promise<void> = Promise.resolve();
  private hideProbe: (() => void) | undefined;
  private drawFrame = 0;

  constructor(
    readonly volume: Volume,
    readonly labels: readonly LabelStyle[],
    elements: PaneElements,
  ) {
    const input = {
      shapeZyx: volume.shape_zyx,
      affine: volume.affine,
      phases: volume.phases.map(phaseInput),
      labels,
    };
    this.viewer = new Viewer(input, elements, {
      onModified: (change) => this.edits.whenChanged(change),
      onLoading: (loading) => this.store.setState({ loading }),
      onWindow: (window) => this.store.setState({ window }),
      onSlice: (plane) => this.looking.tellSlice(plane),
      onBrushStep: (steps) => this.tools.stepBrush(steps),
      onHover: (plane, zyx, event) => this.looking.hover(plane, zyx, event),
      onDrawn: () => this.whenDrawn(),
    });
    this.store = createStore<DeskState>(() => initialState(this.viewer, labels));
    this.display = new Display(this);
    this.looking = new Looking(this);
    this.tools = new ToolChoice(this);
    this.edits = new Edits(this);
    this.curves = new Curves(this);
  }

  get state(): DeskState {
    return this.store.getState();
  }

  get sliceSize(): number {
    return this.viewer.grid.shapeZyx[1] * this.viewer.grid.shapeZyx[2];
  }

  /** Show the first slice, then the rest; `opened` resolves with it. */
  open(): Promise<void> {
    this.opened = this.start();
    return this.opened;
  }

  private async start(): Promise<void> {
    await this.viewer.start(new Map());
    if (this.viewer.closed) return;
    this.tools.apply();
    this.edits.start();
    this.display.applyStyle();
    if (this.state.layout === 'three') await this.looking.setLayout('three');
  }

  /** Put a mask on the desk, shown as it is or by another mask of the same slices; what was there is forgotten. */
  loadMask(slices: Slices, shownAs?: Slices): void {
    this.viewer.mask.load(slices);
    this.edits.recount();
    if (shownAs) this.viewer.mask.load(shownAs);
    this.edits.keepCounts(); // labels are counted in the mask, however it is shown
    this.hideProbe ??= exposeProbe(this.viewer);
    this.store.setState({ ready: true });
  }

  /** Let the mask be drawn on, or not. */
  setEditable(editable: boolean): void {
    if (this.state.editable === editable) return;
    this.store.setState({ editable });
    this.selectTool(editable ? 'brush' : 'window');
  }

  destroy(): void {
    this.edits.destroy();
    this.curves.destroy();
    cancelAnimationFrame(this.drawFrame);
    this.hideProbe?.();
    this.viewer.destroy();
  }

  // What the page asks of the parts.

  onTouched = (listener: TouchListener): (() => void) => this.edits.onTouched(listener);
  undo = (): StepTaken | null => this.edits.undo();
  redo = (): StepTaken | null => this.edits.redo();

  selectTool = (tool: ToolName): void => this.tools.selectTool(tool);
  selectLabel = (label: number): void => this.tools.selectLabel(label);
  setBrush = (mm: number): void => this.tools.setBrush(mm);
  stepBrush = (steps: number): void => this.tools.stepBrush(steps);

  toggleVisible = (label: number): void => this.display.toggleVisible(label);
  toggleSolo = (label: number): void => this.display.toggleSolo(label);
  toggleAllVisible = (): void => this.display.toggleAllVisible();
  toggleLocked = (label: number): void => this.display.toggleLocked(label);
  setStyle = (style: Partial<OverlayStyle>): void => this.display.setStyle(style);
  stepStyle = (): void => this.display.stepStyle();

  setLayout = (layout: Layout): Promise<void> => this.looking.setLayout(layout);
  setPhase = (index: number): Promise<void> => this.looking.setPhase(index);
  stepPhase = (steps: number): Promise<void> => this.looking.stepPhase(steps);
  setSlice = (slice: number, plane?: PlaneName): void => this.looking.setSlice(slice, plane);
  stepSlice = (steps: number): void => this.looking.stepSlice(steps);
  /** Take all planes through a voxel; coordinates that are not given stay. */
  goTo = (z: number, y: number | null = null, x: number | null = null): void => this.looking.goTo(z, y, x);

  resetView(): void {
    this.viewer.resetCameras();
    this.viewer.resetWindow();
  }

  zoom(steps: number): void {
    this.viewer.zoomBy(this.viewer.mainPlane, BRUSH_STEP ** steps);
  }

  private whenDrawn(): void {
    this.drawFrame ||= requestAnimationFrame(() => {
      this.drawFrame = 0;
      this.store.setState(({ drawn }) => ({ drawn: drawn + 1 }));
    });
  }
}

function phaseInput(phase: Volume['phases'][number]): PhaseInput {
  return {
    index: phase.index,
    label: phase.label,
    codec: phase.codec,
    slicesPerChunk: phase.slices_per_chunk,
    chunkUrls: phase.chunks,
    slope: phase.slope,
    intercept: phase.intercept,
    window: { low: phase.window_low, high: phase.window_high },
  };
}
