/** The one mask that is drawn on: a cornerstone label map on the grid of a volume. */
import { cache, eventTarget, type Types, utilities, volumeLoader } from '@cornerstonejs/core';
import { Enums, segmentation, utilities as toolUtilities } from '@cornerstonejs/tools';

import { DIFFERENCE, DIFFERENCE_COLOURS } from './difference';
import type { Grid } from './grid';
import { type Hand, watchHand } from './hand';
import { History, type StepTaken } from './history';
import type { Box3 } from './operations/block';

export interface LabelStyle {
  value: number;
  name: string;
  /** #rrggbb */
  colour: string;
}

/** What became of the mask: a step was done, undone or done again, or another mask was put in its place. */
export interface Change {
  kind: 'do' | 'undo' | 'redo' | 'load';
  /** The step, such as `Smooth lesion`. */
  title: string;
  /** Exactly the slices whose labels changed; all of them after a load. */
  slices: readonly number[];
}

const LABELMAP = Enums.SegmentationRepresentations.Labelmap;

/** Slices by index, each (Y·X,) uint8. */
export type Slices = ReadonlyMap<number, Uint8Array>;

export class Labelmap {
  readonly segmentationId: string;
  private readonly imageIds: string[];
  private readonly colourTable: number;
  private readonly history: History;
  private readonly hand: Hand;
  /** Title of a stroke whose voxels no step holds yet. */
  private stroke: string | null = null;
  /** The mask tells cornerstone of its own change now. */
  private telling = false;
  private nameStroke = (): string => 'Stroke';

  constructor(
    key: string,
    private readonly grid: Grid,
    imageVolumeId: string,
    labels: readonly LabelStyle[],
    private readonly onChange: (change: Change) => void,
  ) {
    keepNoMemos();
    this.segmentationId = `${key}/mask`;
    const volume = volumeLoader.createAndCacheDerivedLabelmapVolume(imageVolumeId, {
      volumeId: this.segmentationId,
    });
    this.imageIds = volume.imageIds;
    const segments = Object.fromEntries(
      labels.map(({ value, name }) => [value, { segmentIndex: value, label: name }]),
    );
    segmentation.addSegmentations([
      {
        segmentationId: this.segmentationId,
        representation: {
          type: LABELMAP,
          data: {
            volumeId: this.segmentationId,
            imageIds: this.imageIds,
            referencedVolumeId: imageVolumeId,
          }, // the published type knows either a volume or a stack; the label map of a volume needs both
        },
        config: { segments },
      },
    ]);
    this.colourTable = segmentation.config.color.addColorLUT(colourTable(labels));
    const [sliceCount, rows, columns] = grid.shapeZyx;
    this.history = new History(sliceCount, [rows, columns], (z) => this.slice(z));
    this.hand = watchHand(() => this.endStroke());
    eventTarget.addEventListener(Enums.Events.SEGMENTATION_DATA_MODIFIED, this.whenModified);
  }

  /** Labels (Y·X,) of a slice: what is drawn on, not a copy. */
  slice(z: number): Uint8Array {
    const image = cache.getImage(this.imageIds[z] ?? '');
    if (!image?.voxelManager) throw new RangeError(`the mask has no slice ${z}`);
    return image.voxelManager.getScalarData() as Uint8Array;
  }

  /** Replace the whole mask; slices that are not given become empty. Undo forgets what was before. */
  load(slices: Slices): void {
    for (let z = 0; z < this.imageIds.length; z += 1) {
      const given = slices.get(z);
      if (given) this.slice(z).set(given);
      else this.slice(z).fill(0);
    }
    this.stroke = null;
    this.history.reset();
    const all = Array.from({ length: this.grid.shapeZyx[0] }, (_, z) => z);
    this.redraw(all);
    this.onChange({ kind: 'load', title: '', slices: all });
  }

  /**
   * Show another mask in place of this one, or (null) this one again. History keeps what is drawn; nothing may be drawn
   * meanwhile.
   */
  show(other: Slices | null): void {
    const all = Array.from({ length: this.grid.shapeZyx[0] }, (_, z) => z);
    this.endStroke();
    if (other === null) this.history.restore();
    else for (const z of all) this.slice(z).set(other.get(z) ?? this.slice(z).map(() => 0));
    this.redraw(all);
  }

  /**
   * Put slices in place of what is there, as one step that can be undone.
   *
   * title: what was done, such as `Smooth lesion`. Returns where the mask changed, null where it did not.
   */
  apply(title: string, slices: Slices): StepTaken | null {
    this.endStroke();
    for (const [z, labels] of slices) this.slice(z).set(labels);
    return this.tell('do', this.history.record(title, slices.keys()));
  }

  /** Labels (Z·Y·X,) of a box of the mask, copied. */
  copyBox({ start, shape }: Box3): Uint8Array<ArrayBuffer> {
    const [depth, rows, columns] = shape;
    const labels = new Uint8Array(depth * rows * columns);
    this.rowsOf({ start, shape }, (row, i) => labels.set(row, i * columns));
    return labels;
  }

  /** Put the labels (Z·Y·X,) of a box in place of what is there, as one step that can be undone. */
  applyBox(title: string, { start, shape }: Box3, labels: Uint8Array): StepTaken | null {
    this.endStroke();
    const [depth, , columns] = shape;
    this.rowsOf({ start, shape }, (row, i) => row.set(labels.subarray(i * columns, (i + 1) * columns)));
    const slices = Array.from({ length: depth }, (_, z) => start[0] + z);
    return this.tell('do', this.history.record(title, slices));
  }

  /** Make a step of what tools have changed since the last one. Done by itself when the hand comes to rest. */
  endStroke(): void {
    if (this.stroke === null) return;
    const step = this.history.record(this.stroke);
    this.stroke = null;
    this.uploadOneSliceOnly();
    if (step) this.onChange({ kind: 'do', title: step.title, slices: step.slices });
  }

  /** Run when no stroke is under way: at once, or when the hand comes to rest. */
  betweenStrokes(act: () => void): void {
    this.hand.atRest(act);
  }

  /** How the step of a stroke is called; asked when it begins. */
  nameStrokes(name: () => string): void {
    this.nameStroke = name;
  }

  /** A tool wrote into these slices: draw them again. */
  changed(slices: readonly number[]): void {
    if (slices.length === 0) return; // which cornerstone would take for all
    segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(this.segmentationId, [...slices]);
  }

  showIn(viewportId: string): void {
    segmentation.addLabelmapRepresentationToViewport(viewportId, [
      { segmentationId: this.segmentationId, type: LABELMAP, config: { colorLUTOrIndex: this.colourTable } },
    ]);
    segmentation.activeSegmentation.setActiveSegmentation(viewportId, this.segmentationId);
  }

  /** Draw the mask again in a pane whose volume was changed. */
  renderIn(viewportId: string): void {
    toolUtilities.segmentation.triggerSegmentationRender(viewportId);
  }

  /** Tell tools that read intensities which volume they look at. */
  refersTo(imageVolumeId: string): void {
    const volume = cache.getVolume(this.segmentationId) as Types.IImageVolume | undefined;
    if (volume) volume.referencedVolumeId = imageVolumeId;
  }

  setActive(value: number): void {
    segmentation.segmentIndex.setActiveSegmentIndex(this.segmentationId, value);
  }

  /** Labels that no tool may change. */
  setLocked(value: number, locked: boolean): void {
    segmentation.segmentLocking.setSegmentIndexLocked(this.segmentationId, value, locked);
  }

  setVisible(viewportIds: readonly string[], value: number, visible: boolean): void {
    const specifier = { segmentationId: this.segmentationId, type: LABELMAP };
    for (const id of viewportIds) {
      segmentation.config.visibility.setSegmentIndexVisibility(id, specifier, value, visible);
    }
  }

  /** colour: #rrggbb. Panes that come later have it too: all share one table. */
  setColour(viewportIds: readonly string[], value: number, colour: string): void {
    for (const id of viewportIds)
      segmentation.config.color.setSegmentIndexColor(id, this.segmentationId, value, rgba(colour));
  }

  /** opacity 0 to 1 of the filling; outlines are always opaque. */
  setStyle({ opacity, outline, fill }: { opacity: number; outline: boolean; fill: boolean }): void {
    segmentation.config.style.setStyle(
      { type: LABELMAP, segmentationId: this.segmentationId },
      {
        renderFill: fill,
        fillAlpha: opacity,
        renderOutline: outline,
        outlineWidth: 1,
        outlineOpacity: 1,
        activeSegmentOutlineWidthDelta: 0,
      },
    );
  }

  /** Take the last step back; answers which, null where there is none. */
  undo(): StepTaken | null {
    this.endStroke();
    return this.tell('undo', this.history.undo());
  }

  /** Do the step again that was undone last. */
  redo(): StepTaken | null {
    this.endStroke();
    return this.tell('redo', this.history.redo());
  }

  /** What undo takes back and redo does again, and what remembering costs. */
  get past(): Pick<History, 'undoTitle' | 'redoTitle' | 'steps' | 'bytes'> {
    return this.history;
  }

  destroy(): void {
    eventTarget.removeEventListener(Enums.Events.SEGMENTATION_DATA_MODIFIED, this.whenModified);
    this.hand.stop();
    segmentation.removeSegmentation(this.segmentationId);
    if (cache.getVolumeLoadObject(this.segmentationId)) cache.removeVolumeLoadObject(this.segmentationId);
    for (const id of this.imageIds) {
      if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true });
    }
  }

  private rowsOf({ start, shape }: Box3, act: (row: Uint8Array, index: number) => void): void {
    const [depth, rows, columns] = shape;
    const width = this.grid.shapeZyx[2];
    for (let z = 0, i = 0; z < depth; z += 1) {
      const labels = this.slice(start[0] + z);
      for (let y = 0; y < rows; y += 1, i += 1) {
        const from = (start[1] + y) * width + start[2];
        act(labels.subarray(from, from + columns), i);
      }
    }
  }

  private tell(kind: 'do' | 'undo' | 'redo', step: StepTaken | null): StepTaken | null {
    if (!step) return null;
    this.redraw(step.slices);
    this.onChange({ kind, title: step.title, slices: step.slices });
    return step;
  }

  private redraw(slices: readonly number[]): void {
    this.telling = true;
    segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(this.segmentationId, [...slices]);
    this.telling = false;
    this.uploadOneSliceOnly();
  }

  /**
   * cornerstone uploads every slice that was ever modified with each stroke, and takes an empty set for all of them;
   * so after each change the set is cut down to one slice.
   */
  private uploadOneSliceOnly(): void {
    const manager = cache.getVolume(this.segmentationId)?.voxelManager;
    if (!manager) return;
    const [kept] = manager.getArrayOfModifiedSlices();
    manager.resetModifiedSlices();
    manager.modifiedSlices.add(kept ?? 0);
  }

  /**
   * Which slices a tool names is not to be relied on, so that a step is found by comparing. A tool that changes voxels
   * after the pointer was released makes a step of its own.
   */
  private readonly whenModified = (event: Event): void => {
    const { segmentationId } = (event as CustomEvent<{ segmentationId: string }>).detail;
    if (segmentationId !== this.segmentationId || this.telling) return;
    this.stroke ??= this.nameStroke();
    if (!this.hand.isDown) setTimeout(() => this.hand.isDown || this.endStroke());
  };
}

const NO_MEMO = { restoreMemo: () => undefined };

/** cornerstone's tools remember their strokes in one list for the page; ours replaces it. */
function keepNoMemos(): void {
  const memos = utilities.HistoryMemo.DefaultHistoryMemo;
  memos.size = 1;
  memos.push = () => NO_MEMO;
}

function colourTable(labels: readonly LabelStyle[]): Types.ColorLUT {
  const table: Types.ColorLUT = Array.from({ length: DIFFERENCE.relabelled + 1 }, () => [128, 128, 128, 255]);
  table[0] = [0, 0, 0, 0];
  for (const { value, colour } of labels) table[value] = rgba(colour);
  for (const [kind, value] of Object.entries(DIFFERENCE)) {
    table[value] = rgba(DIFFERENCE_COLOURS[kind as keyof typeof DIFFERENCE]);
  }
  return table;
}

function rgba(colour: string): Types.Color {
  const [r, g, b] = [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16));
  return [r ?? 0, g ?? 0, b ?? 0, 255];
}
