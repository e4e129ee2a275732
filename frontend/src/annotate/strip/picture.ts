/** Draws the strip: a row for each slice from the top down, a lane for each label, then doubt and remarks. */
import { isEmpty, largest, type SliceFacts } from './slices';

export interface Lane {
  value: number;
  colour: string;
  hidden: boolean;
  active: boolean;
}

export interface StripColours {
  row: string;
  empty: string;
  active: string;
  asked: string;
  remark: string;
}

export const ASKED_WIDTH = 5;
export const DOUBT_WIDTH = 10;
export const REMARK_WIDTH = 9;
/** Room for the lanes of a label set of common size. */
const LANES_WIDTH = 72;

/** Width of one lane in CSS pixels, the gap to the next included. */
export function laneWidth(lanes: number): number {
  return Math.min(Math.max(Math.floor(LANES_WIDTH / Math.max(lanes, 1)), 3), 12);
}

/** Width of the whole strip in CSS pixels. */
export function stripWidth(lanes: number, hasDoubt: boolean): number {
  return ASKED_WIDTH + lanes * laneWidth(lanes) + (hasDoubt ? DOUBT_WIDTH : 0) + REMARK_WIDTH;
}

/** The slice at a height of the strip, kept within it. */
export function sliceAt(y: number, height: number, count: number): number {
  return Math.min(Math.max(Math.floor((y / height) * count), 0), count - 1);
}

/** Doubts that differ by less than this all look cold. */
const LEAST_SPAN = 0.02;

/** Where a doubt lies between the least (0) and the greatest (1) of a case. */
export function warmthOf(slices: readonly Pick<SliceFacts, 'doubt'>[]): (doubt: number) => number {
  const doubts = slices.flatMap(({ doubt }) => (doubt === null ? [] : [doubt]));
  const least = Math.min(...doubts);
  const span = Math.max(Math.max(...doubts) - least, LEAST_SPAN);
  return (doubt) => (doubt - least) / span;
}

/** Colour of a warmth from 0 to 1: black, red, yellow, as hot iron. */
export function heat(share: number): string {
  const s = Math.min(Math.max(share, 0), 1);
  return `rgb(${Math.round(40 + 215 * Math.min(s * 1.5, 1))} ${Math.round(24 + 200 * Math.max(0, s * 1.6 - 0.6))} 24)`;
}

interface Place {
  top: number;
  height: number;
}

/** Draw into a context whose unit is one CSS pixel. */
export function drawStrip(
  context: CanvasRenderingContext2D,
  height: number,
  slices: readonly SliceFacts[],
  lanes: readonly Lane[],
  colours: StripColours,
): void {
  const lane = laneWidth(lanes.length);
  const hasDoubt = slices.some(({ doubt }) => doubt !== null);
  const width = stripWidth(lanes.length, hasDoubt);
  const warmth = warmthOf(slices);
  const most = largest(slices);
  const partial = slices.some(({ asked }) => !asked);
  const doubtLeft = ASKED_WIDTH + lanes.length * lane;
  context.clearRect(0, 0, width, height);
  slices.forEach((slice, z) => {
    const row = place(z, slices.length, height);
    fill(context, isEmpty(slice) ? colours.empty : colours.row, ASKED_WIDTH, row, lanes.length * lane - 1);
    lanes.forEach((label, n) => {
      drawArea(context, ASKED_WIDTH + n * lane, row, lane - 1, label, slice, most[label.value] ?? 0, colours);
    });
    if (partial && slice.asked) drawAsked(context, row, isEmpty(slice), colours.asked);
    if (slice.doubt !== null) fill(context, heat(warmth(slice.doubt)), doubtLeft, row, DOUBT_WIDTH - 2);
  });
  if (partial) dim(context, slices, height, width);
  slices.forEach((slice, z) => {
    if (slice.remarks.length > 0)
      drawPin(context, width - REMARK_WIDTH / 2, place(z, slices.length, height), colours.remark);
  });
}

/** Where a slice is drawn, in whole pixels, with a gap to the next where rows are tall. */
function place(z: number, count: number, height: number): Place {
  const top = Math.round((z / count) * height);
  const bottom = Math.round(((z + 1) / count) * height);
  return { top, height: Math.max(bottom - top - (height / count >= 5 ? 1 : 0), 1) };
}

function drawArea(
  context: CanvasRenderingContext2D,
  left: number,
  row: Place,
  width: number,
  label: Lane,
  { counts }: SliceFacts,
  most: number,
  colours: StripColours,
): void {
  if (label.active) fill(context, colours.active, left, row, width);
  const voxels = counts[label.value] ?? 0;
  if (voxels === 0) return;
  context.globalAlpha = label.hidden ? 0.25 : 1;
  fill(context, label.colour, left, row, Math.max((voxels / most) * width, 1.5));
  context.globalAlpha = 1;
}

function drawAsked(context: CanvasRenderingContext2D, row: Place, empty: boolean, colour: string): void {
  context.globalAlpha = empty ? 1 : 0.45;
  fill(context, colour, 0, row, ASKED_WIDTH - 2);
  context.globalAlpha = 1;
}

/** Slices that are not asked for stand back. */
function dim(
  context: CanvasRenderingContext2D,
  slices: readonly SliceFacts[],
  height: number,
  width: number,
): void {
  slices.forEach(({ asked }, z) => {
    if (!asked) fill(context, 'rgb(5 6 8 / 70%)', 0, place(z, slices.length, height), width);
  });
}

function drawPin(context: CanvasRenderingContext2D, x: number, { top, height }: Place, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, top + height / 2, 3, 0, 2 * Math.PI);
  context.fill();
}

function fill(
  context: CanvasRenderingContext2D,
  colour: string,
  x: number,
  { top, height }: Place,
  width: number,
): void {
  context.fillStyle = colour;
  context.fillRect(x, top, width, height);
}
