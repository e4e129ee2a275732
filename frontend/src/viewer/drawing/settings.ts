/** What is drawn with, as the page has chosen it. Ranges are values of the source in the pane where is drawn. */
import type { IntensityRange, PaintRules } from './rules';
import { NO_RULES } from './rules';
import type { Shape } from './shapes';

export const DRAW_TOOLS = ['brush', 'eraser', 'threshold', 'scissors', 'contour'] as const;
export type DrawTool = (typeof DRAW_TOOLS)[number];

export const CUTS = ['fill', 'erase-inside', 'erase-outside'] as const;
export type Cut = (typeof CUTS)[number];

export const CONTOURS = ['freehand', 'spline', 'livewire'] as const;
export type ContourKind = (typeof CONTOURS)[number];

export interface DrawSettings {
  /** The tool of the left button, of the pen and, where touch draws, of one finger; null: none that draws. */
  tool: DrawTool | null;
  label: number;
  /** #rrggbb of the label. */
  colour: string;
  diameterMm: number;
  ball: boolean;
  /** The eraser takes every label away rather than the chosen one alone. */
  erasesAll: boolean;
  /** Intensities that the threshold brush paints; null until a spot was picked. */
  threshold: IntensityRange | null;
  /** The next press picks a range of intensities rather than drawing. */
  picks: boolean;
  /** Width of a picked range, in standard deviations to either side. */
  deviations: number;
  shape: Shape;
  cut: Cut;
  /** The scissors cut through all slices of the plane rather than the one shown. */
  through: boolean;
  contour: ContourKind;
  /** One finger draws; otherwise it moves the picture. */
  touchDraws: boolean;
  rules: PaintRules;
}

export const NO_DRAWING: DrawSettings = {
  tool: null,
  label: 1,
  colour: '#ffffff',
  diameterMm: 8,
  ball: false,
  erasesAll: false,
  threshold: null,
  picks: false,
  deviations: 2,
  shape: 'freehand',
  cut: 'fill',
  through: false,
  contour: 'freehand',
  touchDraws: false,
  rules: NO_RULES,
};

/** Whether the tool is a round tip that paints along its way. */
export const isBrush = (tool: DrawTool | null): boolean =>
  tool === 'brush' || tool === 'eraser' || tool === 'threshold';
