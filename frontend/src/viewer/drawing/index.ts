export { Drawing } from './Drawing';
export type { DrawHost, DrawPane } from './pane';
export { masked, mayPaint, NO_RULES } from './rules';
export type { IntensityRange, PaintRules } from './rules';
export { CONTOURS, CUTS, DRAW_TOOLS, NO_DRAWING } from './settings';
export type { ContourKind, Cut, DrawSettings, DrawTool } from './settings';
export { SHAPES } from './shapes';
export type { Shape } from './shapes';
export { viewportPane } from './viewportPane';
