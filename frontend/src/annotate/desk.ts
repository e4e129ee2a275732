/** The editor of one opened case: the viewer, its parts, and what the page shows of it. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import { exposeProbe, type LabelStyle, type PaneElements, type PaneId, type PaneRef } from '../viewer';
import { type Change, phaseKey, type Slices, type SourceInput } from '../viewer';
import { type StepTaken, type ToolName, Viewer } from '../viewer';
import type { Volume } from '../api';
import { Cine } from './cine';
import { Curves } from './curve/curves';
import { DerivedPictures } from './derived';
import { type DeskState, initialState } from './deskState';
import { Display, type OverlayStyle } from './display';
import { Edits, type TouchListener } from './edits';
import type { Layout } from './layouts';
import { coloured } from './labelColours';
import { Looking } from './looking';
import { HandDrawing } from './drawing/handDrawing';
import { Operations } from './operations/operations';
import type { DeskBase } from './parts';
import { DraftOnDesk } from './proposal/proposal';
import { BRUSH_STEP, ToolChoice } from './toolChoice';

export type { DeskState, Hover } from './deskState';
export type { Layout } from './layouts';

export class Desk implements DeskBase {
  readonly store: StoreApi<DeskState>;
  readonly viewer: Viewer;
  readonly display: Display;
  readonly looking: Looking;
  readonly tools: ToolChoice;
  readonly edits: Edits;
  readonly draft: DraftOnDesk;
  readonly curves: Curves;
  readonly cine: Cine;
  readonly derived: DerivedPictures;
  readonly drawing: HandDrawing;
  readonly operations: Operations;
  opened: Promise<void> = Promise.resolve();
  private hideProbe: (() => void) | undefined;
  private drawFrame = 0;

  constructor(
    readonly volume: Volume,
    /** As the project has them. */
    readonly givenLabels: readonly LabelStyle[],
    elements: PaneElements,
  ) {
    const labels = coloured(givenLabels);
    const input = {
      shapeZyx: volume.shape_zyx,
      affine: volume.affine,
      sources: volume.phases.map(phaseSource),
      labels,
    };
    this.viewer = new Viewer(input, elements, {
      onModified: (change) => this.whenModified(change),
      onLoading: (loading) => this.store.setState({ loading }),
      onWindow: () => this.looking.tellLooked(),
      onSlice: () => this.looking.tellLooked(),
      onBrushStep: (steps) => this.operations.step(steps) || this.tools.stepBrush(steps),
      onHover: (pane, zyx, event) => this.looking.hover(pane, zyx, event),
      onPickRange: (range) => this.drawing.pickedRange(range),
      onPickLabel: (label) => this.tools.selectLabel(label),
      onDrawn: () => this.whenDrawn(),
    });
    const phases = volume.phases.map(({ index }) => index);
    this.store = createStore<DeskState>(() => initialState(this.viewer, labels, phases));
    this.display = new Display(this);
    this.looking = new Looking(this);
    this.tools = new ToolChoice(this);
    this.edits = new Edits(this);
    this.draft = new DraftOnDesk(this);
    this.operations = new Operations(this);
    this.curves = new Curves(this);
    this.cine = new Cine(this, (index) => this.looking.setPhase(index));
    this.derived = new DerivedPictures(this, () => void this.looking.showPanes());
    this.drawing = new HandDrawing(this);
  }

  get labels(): readonly LabelStyle[] {
    return this.state.labels;
  }

  get state(): DeskState {
    return this.store.getState();
  }

  get sliceSize(): number {
    return this.viewer.grid.shapeZyx[1] * this.viewer.grid.shapeZyx[2];
  }

  /** Unit of what a pane shows, as it stands after a value. */
  unitOf(id: PaneId): string {
    const key = this.viewer.sourceIn(id);
    const unit = this.viewer.sourceInputs.find((source) => source.key === key)?.unit ?? '';
    return unit === '' ? '' : ` ${unit}`;
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
    this.drawing.start();
    this.display.applyStyle();
    if (this.state.layout !== 'one') await this.looking.showPanes();
    void this.derived.read();
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
    this.cine.destroy();
    this.derived.destroy();
    this.operations.destroy();
    this.edits.destroy();
    this.curves.destroy();
    this.drawing.destroy();
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
  setSlice = (slice: number, ref?: PaneRef): void => this.looking.setSlice(slice, ref);
  stepSlice = (steps: number): void => this.looking.stepSlice(steps);
  /** Take all planes through a voxel; coordinates that are not given stay. */
  goTo = (z: number, y: number | null = null, x: number | null = null): void => this.looking.goTo(z, y, x);

  resetView(): void {
    this.viewer.resetCameras();
    this.looking.presetWindow('given');
  }

  zoom(steps: number): void {
    const pane = this.state.largest ?? this.state.hover?.pane ?? 'a';
    this.viewer.zoomBy(pane, BRUSH_STEP ** steps);
  }

  private whenModified(change: Change): void {
    this.cine.stop(); // the mask is drawn on a picture that stands still
    this.draft.whenChanged(change); // before those who save, so that they find what is taken
    this.edits.whenChanged(change);
  }

  private whenDrawn(): void {
    this.drawFrame ||= requestAnimationFrame(() => {
      this.drawFrame = 0;
      this.store.setState(({ drawn }) => ({ drawn: drawn + 1 }));
    });
  }
}

function phaseSource(phase: Volume['phases'][number]): SourceInput {
  return {
    key: phaseKey(phase.index),
    label: phase.label,
    unit: '',
    codec: phase.codec,
    slicesPerChunk: phase.slices_per_chunk,
    chunkUrls: phase.chunks,
    slope: phase.slope,
    intercept: phase.intercept,
    window: { low: phase.window_low, high: phase.window_high },
  };
}
