import { describe, expect, it } from 'vitest';

import { NO_RULES } from '../drawing/rules';
import type { Vec3 } from '../grid';
import type { Block } from './block';
import { squaredDistance } from './distance';
import { CannotDoError, type Operation } from './operation';
import { outcomeOf } from './outcome';

const LESION = 5;
const GLAND = 1;

/** Rows of digits as one slice; `.` is background. */
function slice(...rows: string[]): Block {
  const labels = Uint8Array.from(rows.join('').replaceAll('.', '0'), Number);
  const shape: Vec3 = [1, rows.length, rows[0]?.length ?? 0];
  return { labels, intensities: null, shape, start: [7, 0, 0], spacingMm: [3, 1, 1] };
}

function after(block: Block, operation: Operation, rules = NO_RULES): string[] {
  const labels = new Uint8Array(block.labels);
  const { box, after: changed } = outcomeOf(block, operation, rules);
  const [, rows, columns] = block.shape;
  if (box) {
    expect(box.start[0]).toBe(7);
    for (let y = 0; y < box.shape[1]; y += 1)
      for (let x = 0; x < box.shape[2]; x += 1)
        labels[(box.start[1] + y) * columns + box.start[2] + x] = changed[y * box.shape[2] + x] ?? 0;
  }
  return Array.from({ length: rows }, (_, y) =>
    [...labels.subarray(y * columns, (y + 1) * columns)].join('').replaceAll('0', '.'),
  );
}

describe('one slice', () => {
  it('grows by mm and stays in its slice', () => {
    const block = slice('.....', '.....', '..5..', '.....', '.....');
    expect(after(block, { kind: 'margin', label: LESION, mm: 1 })).toEqual([
      '.....',
      '..5..',
      '.555.',
      '..5..',
      '.....',
    ]);
  });

  it('shrinks back to what it was, except where nothing is left', () => {
    const block = slice('.....', '..5..', '.555.', '..5..', '.....');
    expect(after(block, { kind: 'margin', label: LESION, mm: -1 })[2]).toBe('..5..');
    expect(after(block, { kind: 'margin', label: LESION, mm: -2 }).join('')).not.toContain('5');
  });

  it('fills the enclosed region that was clicked, and refuses an open one', () => {
    const block = slice('.....', '.555.', '.5.5.', '.555.', '.....');
    expect(after(block, { kind: 'fill', label: LESION, seed: [0, 2, 2] })[2]).toBe('.555.');
    expect(() => after(block, { kind: 'fill', label: LESION, seed: [0, 0, 0] })).toThrow(CannotDoError);
  });

  it('gives a region of another label the active one', () => {
    const block = slice('11.', '11.', '..1');
    expect(after(block, { kind: 'fill', label: LESION, seed: [0, 0, 0] })).toEqual(['55.', '55.', '..1']);
  });

  it('unites, subtracts and intersects with a margin', () => {
    const block = slice('1.555', '.....');
    const by = { kind: 'boolean', label: LESION, other: GLAND, into: LESION } as const;
    expect(after(block, { ...by, operator: 'union', mm: 0 })[0]).toBe('5.555');
    expect(after(block, { ...by, operator: 'subtract', mm: 2 })[0]).toBe('1..55');
    expect(after(block, { ...by, operator: 'intersect', mm: 2 })[0]).toBe('1.5..');
  });

  it('changes nothing where labels only touch: they never overlap', () => {
    const block = slice('1555');
    const by = { kind: 'boolean', label: LESION, other: GLAND, mm: 0, into: LESION } as const;
    expect(after(block, { ...by, operator: 'subtract' })[0]).toBe('1555');
  });

  it('moves, swaps and clears labels', () => {
    const block = slice('115', '25.');
    expect(after(block, { kind: 'move', label: LESION, into: 2 })).toEqual(['112', '22.']);
    expect(after(block, { kind: 'swap', label: LESION, other: 1 })).toEqual(['551', '21.']);
    expect(after(block, { kind: 'clear', label: LESION })).toEqual(['11.', '2..']);
  });
});

describe('slices', () => {
  const block: Block = {
    labels: Uint8Array.of(5, 1, 0, 0, 2, 5),
    intensities: null,
    shape: [2, 1, 3],
    start: [0, 0, 0],
    spacingMm: [1, 1, 1],
  };

  it('are copied by the label over what is there, or as they are', () => {
    const by = { kind: 'copy', axis: 0, from: 0, to: 1 } as const;
    expect([...outcomeOf(block, { ...by, label: LESION }, NO_RULES).after]).toEqual([5]);
    const all = outcomeOf(block, { ...by, label: null }, NO_RULES);
    expect([...all.after]).toEqual([5, 1, 0]);
    expect([all.gained[5], all.lost[5], all.lost[2]]).toEqual([1, 1, 1]);
  });

  it('say why they cannot be copied', () => {
    const missing: Operation = { kind: 'copy', axis: 0, from: 0, to: 1, label: 7 };
    expect(() => outcomeOf(block, missing, NO_RULES)).toThrow('This slice does not have the label.');
  });
});

describe('the rules of painting', () => {
  it('hold for every operation', () => {
    const block = slice('.....', '.151.', '.....');
    const locked = { ...NO_RULES, locked: new Set([GLAND]) };
    expect(after(block, { kind: 'margin', label: LESION, mm: 1 }, locked)).toEqual([
      '..5..',
      '.151.',
      '..5..',
    ]);
    const free = { ...NO_RULES, over: 'unlabelled' as const };
    expect(after(block, { kind: 'margin', label: LESION, mm: 1 }, free)[1]).toBe('.151.');
    expect(
      after(block, { kind: 'clear', label: LESION }, { ...NO_RULES, locked: new Set([LESION]) })[1],
    ).toBe('.151.');
  });
});

describe('a range among the rules', () => {
  it('lets only voxels change whose value lies in it', () => {
    const block = { ...slice('.555.'), judged: Float32Array.of(1, 2, 3, 4, 5) };
    const within = { ...NO_RULES, range: { low: 2.5, high: 9 } };
    expect(after(block, { kind: 'clear', label: LESION }, within)).toEqual(['.5...']);
  });
});

describe('a region of like intensity', () => {
  it('stops at its edge and at the radius', () => {
    const intensities = Int16Array.from({ length: 21 }, (_, x) => (x >= 3 && x < 18 ? 400 : 100));
    const block: Block = {
      labels: new Uint8Array(21),
      intensities,
      shape: [1, 1, 21],
      start: [0, 0, 0],
      spacingMm: [1, 1, 1],
    };
    const seed: Vec3 = [0, 0, 10];
    const grow = { kind: 'grow', label: LESION, seed, width: 2 } as const;
    expect(outcomeOf(block, { ...grow, radiusMm: 50 }, NO_RULES).box).toEqual({
      start: [0, 0, 3],
      shape: [1, 1, 15],
    });
    expect(outcomeOf(block, { ...grow, radiusMm: 4 }, NO_RULES).box).toEqual({
      start: [0, 0, 6],
      shape: [1, 1, 9],
    });
  });
});

describe('distances', () => {
  it('are exact on uneven voxels', () => {
    const mask = new Uint8Array(3 * 4 * 5);
    mask[0] = 1;
    const squared = squaredDistance(mask, [3, 4, 5], [3, 0.7, 1.1]);
    for (let z = 0, i = 0; z < 3; z += 1)
      for (let y = 0; y < 4; y += 1)
        for (let x = 0; x < 5; x += 1, i += 1)
          expect(squared[i]).toBeCloseTo((3 * z) ** 2 + (0.7 * y) ** 2 + (1.1 * x) ** 2, 4);
  });

  it('to nothing are far', () => {
    expect([...squaredDistance(new Uint8Array(2), [1, 1, 2], [1, 1, 1])].every((d) => d > 1e19)).toBe(true);
  });
});
