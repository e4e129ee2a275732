import { describe, expect, it } from 'vitest';

import { ASKED_WIDTH, drawStrip, REMARK_WIDTH, stripWidth } from './picture';
import type { SliceFacts } from './slices';

const COLOURS = { row: 'row', empty: 'empty', active: 'active', asked: 'asked', remark: 'remark' };
const LANES = [{ value: 1, colour: 'label', hidden: false, active: false }];
const HEIGHT = 40;

interface Drawn {
  colour: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is drawn, in order: rectangles as they are, a disc as the box round it. */
function draw(slices: readonly SliceFacts[]): Drawn[] {
  const drawn: Drawn[] = [];
  const context = {
    fillStyle: '',
    globalAlpha: 1,
    clearRect: () => undefined,
    beginPath: () => undefined,
    fill: () => undefined,
    fillRect(x: number, y: number, width: number, height: number) {
      drawn.push({ colour: this.fillStyle, x, y, width, height });
    },
    arc(x: number, y: number, r: number) {
      drawn.push({ colour: this.fillStyle, x: x - r, y: y - r, width: 2 * r, height: 2 * r });
    },
  };
  drawStrip(context as unknown as CanvasRenderingContext2D, HEIGHT, slices, LANES, COLOURS);
  return drawn;
}

const slice = (facts: Partial<SliceFacts> = {}): SliceFacts => ({
  counts: [9, 0],
  doubt: null,
  asked: true,
  remarks: [],
  ...facts,
});

const of = (drawn: readonly Drawn[], colour: string) => drawn.filter((one) => one.colour === colour);
const VEIL = 'rgb(5 6 8 / 70%)';

describe('a strip of which only some slices are asked for', () => {
  const slices = [slice({ asked: false }), slice(), slice({ asked: false }), slice({ counts: [5, 4] })];

  it('veils every slice that is not asked for over the whole width, and no other', () => {
    const veils = of(draw(slices), VEIL);
    expect(veils.map(({ y }) => y)).toEqual([0, 20]);
    expect(veils.every(({ x, width }) => x === 0 && width === stripWidth(1, false))).toBe(true);
  });

  it('marks those asked for at its left edge', () => {
    const marks = of(draw(slices), 'asked');
    expect(marks.map(({ y }) => y)).toEqual([10, 30]);
    expect(marks.every(({ x, width }) => x === 0 && width < ASKED_WIDTH)).toBe(true);
  });

  it('marks and veils nothing where all slices are asked for', () => {
    const drawn = draw([slice(), slice({ counts: [5, 4] })]);
    expect([...of(drawn, 'asked'), ...of(drawn, VEIL)]).toEqual([]);
  });
});

describe('remarks on a strip', () => {
  it('are one pin for each slice that has any, in the middle of its row at the right edge', () => {
    const pins = of(
      draw([slice(), slice({ remarks: ['Too wide.', 'Look again.'] }), slice(), slice()]),
      'remark',
    );
    expect(pins).toHaveLength(1);
    const [pin] = pins;
    expect(pin && pin.x + pin.width / 2).toBe(stripWidth(1, false) - REMARK_WIDTH / 2);
    expect(pin && pin.y + pin.height / 2).toBe(14.5); // pixel rows 10 to 18, and a gap
  });

  it('lie over the veil, so that they are seen on slices that are not asked for', () => {
    const drawn = draw([slice({ asked: false, remarks: ['Why not?'] }), slice()]);
    expect(drawn.at(-1)?.colour).toBe('remark');
    expect(of(drawn, VEIL)).toHaveLength(1);
  });
});
