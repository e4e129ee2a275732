/** How a person draws: what the options of the tools say. Ranges are in scanner values. */
import type { ContourKind, Cut, DrawSettings, IntensityRange, PaintRules, Shape } from '../../viewer';
import type { DeskState } from '../deskState';
import { readPreferences } from '../preferences';

export interface DrawOptions {
  /** The tip is a ball rather than a disc. */
  ball: boolean;
  erasesAll: boolean;
  threshold: IntensityRange | null;
  deviations: number;
  shape: Shape;
  cut: Cut;
  through: boolean;
  contour: ContourKind;
  touchDraws: boolean;
  over: PaintRules['over'];
  inside: number | null;
  range: IntensityRange | null;
  /** What the next click picks a range for. */
  picking: 'threshold' | 'range' | null;
}

/** Options that are kept from case to case; ranges and labels belong to one. */
export type KeptOptions = Pick<
  DrawOptions,
  'ball' | 'erasesAll' | 'deviations' | 'shape' | 'cut' | 'through' | 'contour' | 'touchDraws' | 'over'
>;

const FIRST: DrawOptions = {
  ball: false,
  erasesAll: true,
  threshold: null,
  deviations: 2,
  shape: 'freehand',
  cut: 'fill',
  through: false,
  contour: 'freehand',
  touchDraws: false,
  over: 'everything',
  inside: null,
  range: null,
  picking: null,
};

export const firstOptions = (): DrawOptions => ({ ...FIRST, ...readPreferences().drawing });

export function kept(options: DrawOptions): KeptOptions {
  const { ball, erasesAll, deviations, shape, cut, through, contour, touchDraws, over } = options;
  return { ball, erasesAll, deviations, shape, cut, through, contour, touchDraws, over };
}

export type DrawingState = Pick<
  DeskState,
  'editable' | 'tool' | 'label' | 'brushMm' | 'locked' | 'hidden' | 'drawing'
>;

/** Labels that no tool may change: what is not seen must not be painted over, so that a hidden one is locked too. */
export const lockedLabels = ({ locked, hidden }: Pick<DeskState, 'locked' | 'hidden'>): ReadonlySet<number> =>
  new Set([...locked, ...hidden]);

/** The rules that hold for everything that changes voxels; the range in scanner values. */
export function rulesOf(state: Pick<DeskState, 'locked' | 'hidden' | 'drawing'>): PaintRules {
  const { over, inside, range } = state.drawing;
  return { locked: lockedLabels(state), over, inside, range };
}

/** What the viewer is told to draw with. */
export function settingsOf(state: DrawingState, colour: string): DrawSettings {
  const { threshold, picking } = state.drawing;
  return {
    ...kept(state.drawing),
    threshold,
    tool: state.editable ? drawTool(state.tool) : null,
    label: state.label,
    colour,
    diameterMm: state.brushMm,
    picks: picking !== null,
    rules: rulesOf(state),
  };
}

function drawTool(tool: DeskState['tool']): DrawSettings['tool'] {
  return isDrawTool(tool) ? tool : null;
}

const TOOLS: ReadonlySet<string> = new Set(['brush', 'eraser', 'threshold', 'scissors', 'contour']);

export const isDrawTool = (tool: DeskState['tool']): tool is NonNullable<DrawSettings['tool']> =>
  TOOLS.has(tool);
