/** The one mask that is drawn on: a cornerstone label map on the grid of a volume. */
import { cache, eventTarget, type Types, utilities, volumeLoader } from '@cornerstonejs/core';
import { Enums, segmentation, utilities as toolUtilities } from '@cornerstonejs/tools';

import { DIFFERENCE, DIFFERENCE_COLOURS } from './difference';
import type { Grid } from './grid';

export interface LabelStyle {
  value: number;
  name: string;
  /** #rrggbb */
  colour: string;
}

const LABELMAP = Enums.SegmentationRepresentations.Labelmap;
const UNDO_STEPS = 100;

/** Slices by index, each (Y·X,) uint8. */
export type Slices = ReadonlyMap<number, Uint8Array>;

export class Labelmap {
  readonly segmentationId: string;
  private readonly imageIds: string[];
  private readonly colourTable: number;
  private readonly history = utilities.HistoryMemo.DefaultHistoryMemo;

  constructor(
    key: string,
    private readonly grid: Grid,
    imageVolumeId: string,
    labels: readonly LabelStyle[],
    private readonly onModified: (slices: readonly number[]) => void,
  ) {
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
    this.forgetHistory();
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
    this.forgetHistory();
    this.redraw();
  }

  /** Put some slices in place of what is there. Undo forgets what was before. */
  replace(slices: Slices): void {
    for (const [z, labels] of slices) this.slice(z).set(labels);
    this.forgetHistory();
    this.redraw();
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

  undo(): void {
    this.history.undo();
  }

  redo(): void {
    this.history.redo();
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  destroy(): void {
    eventTarget.removeEventListener(Enums.Events.SEGMENTATION_DATA_MODIFIED, this.whenModified);
    this.forgetHistory();
    segmentation.removeSegmentation(this.segmentationId);
    if (cache.getVolumeLoadObject(this.segmentationId)) cache.removeVolumeLoadObject(this.segmentationId);
    for (const id of this.imageIds) {
      if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true });
    }
  }

  /** cornerstone keeps one history for the page; setting its size empties it. */
  private forgetHistory(): void {
    this.history.size = UNDO_STEPS;
  }

  private redraw(): void {
    const all = Array.from({ length: this.grid.shapeZyx[0] }, (_, z) => z);
    segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(this.segmentationId, all);
    this.uploadOneSliceOnly();
  }

  /**
   * cornerstone uploads every slice that was ever modified with each stroke, and takes an empty set for all of them;
   * so after a change of the whole mask the set is cut down to one slice.
   */
  private uploadOneSliceOnly(): void {
    const manager = cache.getVolume(this.segmentationId)?.voxelManager;
    if (!manager) return;
    manager.resetModifiedSlices();
    manager.modifiedSlices.add(0);
  }

  private readonly whenModified = (event: Event): void => {
    const { segmentationId, modifiedSlicesToUse } = (
      event as CustomEvent<{ segmentationId: string; modifiedSlicesToUse?: number[] }>
    ).detail;
    if (segmentationId === this.segmentationId) this.onModified(modifiedSlicesToUse ?? []);
  };
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
