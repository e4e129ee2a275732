/** Gives cornerstone the slices of open phases, by image ids `ninefold:<phase key>/<slice>`. */
import { Enums, imageLoader, metaData, type Types, utilities } from '@cornerstonejs/core';

import type { PhasePixels } from './chunks';
import { at, type Grid, toLps } from './grid';

const SCHEME = 'ninefold';

interface OpenPhase {
  grid: Grid;
  pixels: PhasePixels;
  window: { low: number; high: number };
  frameOfReference: string;
}

const open = new Map<string, OpenPhase>();

/** Image ids of a phase's slices, in stored order. */
export function openPhase(key: string, phase: OpenPhase): string[] {
  open.set(key, phase);
  return Array.from({ length: phase.grid.shapeZyx[0] }, (_, z) => `${SCHEME}:${key}/${z}`);
}

export function closePhase(key: string): void {
  open.delete(key);
}

/** Teach cornerstone to load and describe our slices. */
export function registerImages(): void {
  imageLoader.registerImageLoader(SCHEME, loadSlice);
  metaData.addProvider(describe, 10_000);
}

function parse(imageId: string): { phase: OpenPhase; slice: number } | null {
  const [, key, slice] = /^ninefold:(.+)\/(\d+)$/.exec(imageId) ?? [];
  const phase = key === undefined ? undefined : open.get(key);
  return phase ? { phase, slice: Number(slice) } : null;
}

function loadSlice(imageId: string): Types.IImageLoadObject {
  const found = parse(imageId);
  if (!found) return { promise: Promise.reject(new Error(`${imageId} is not open`)) };
  const { phase, slice } = found;
  return { promise: phase.pixels.ready(slice).then(() => image(imageId, phase, slice)) };
}

function image(imageId: string, { grid, pixels, window }: OpenPhase, slice: number): Types.IImage {
  const [, rows, columns] = grid.shapeZyx;
  const [sliceThickness, rowPixelSpacing, columnPixelSpacing] = grid.spacingZyxMm;
  const scalarData = pixels.slice(slice);
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: columns,
    height: rows,
    numberOfComponents: 1,
    scalarData,
  });
  return {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    rowPixelSpacing,
    columnPixelSpacing,
    sliceThickness,
    minPixelValue: window.low,
    maxPixelValue: window.high,
    slope: 1,
    intercept: 0,
    windowCenter: (window.low + window.high) / 2,
    windowWidth: window.high - window.low,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    color: false,
    rgba: false,
    numberOfComponents: 1,
    invert: false,
    photometricInterpretation: 'MONOCHROME2',
    sizeInBytes: scalarData.byteLength,
    dataType: 'Int16Array',
    voxelManager,
    getPixelData: () => scalarData,
    // A picture of one channel is never drawn from a canvas; the type demands the function.
    getCanvas: () => document.createElement('canvas'),
  };
}

function describe(type: string, ...queries: string[]): unknown {
  const found = typeof queries[0] === 'string' ? parse(queries[0]) : null;
  return found ? MODULES[type]?.(found.phase, found.slice) : undefined;
}

const MODULES: Record<string, (phase: OpenPhase, slice: number) => unknown> = {
  imagePlaneModule: imagePlane,
  imagePixelModule: ({ grid }) => ({
    rows: grid.shapeZyx[1],
    columns: grid.shapeZyx[2],
    bitsAllocated: 16,
    bitsStored: 16,
    highBit: 15,
    pixelRepresentation: 1,
    samplesPerPixel: 1,
    photometricInterpretation: 'MONOCHROME2',
  }),
  generalSeriesModule: ({ frameOfReference }) => ({ modality: 'MR', seriesInstanceUID: frameOfReference }),
  modalityLutModule: () => ({ rescaleSlope: 1, rescaleIntercept: 0 }),
  voiLutModule: ({ window }) => ({
    windowCenter: (window.low + window.high) / 2,
    windowWidth: window.high - window.low,
  }),
};

function imagePlane({ grid, frameOfReference }: OpenPhase, slice: number): unknown {
  const [sliceThickness, rowPixelSpacing, columnPixelSpacing] = grid.spacingZyxMm;
  const [, columnCosines, rowCosines] = grid.directions; // along y run the columns of pixels, along x the rows
  return {
    rows: at(grid.shapeZyx, 1),
    columns: at(grid.shapeZyx, 2),
    imagePositionPatient: toLps(grid, [slice, 0, 0]),
    imageOrientationPatient: [...rowCosines, ...columnCosines],
    rowCosines,
    columnCosines,
    pixelSpacing: [rowPixelSpacing, columnPixelSpacing],
    rowPixelSpacing,
    columnPixelSpacing,
    sliceThickness,
    frameOfReferenceUID: frameOfReference,
  };
}
