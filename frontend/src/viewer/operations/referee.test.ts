// @vitest-environment node
import { inflateSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { NO_RULES } from '../drawing/rules';
import python from '../fixtures/operations.json';
import type { Vec3 } from '../grid';
import type { Block } from './block';
import { paste } from './block';
import type { Operation } from './operation';
import { outcomeOf } from './outcome';

type VolumeName = keyof typeof python.volumes;

const bytes = (name: string): Uint8Array =>
  new Uint8Array(inflateSync(Buffer.from(python.volumes[name as VolumeName], 'base64')));

describe('scipy and SimpleITK give the same labels', () => {
  it.each(python.cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const block: Block = {
      labels: bytes(one.labels),
      intensities: new Int16Array(bytes(one.intensities).buffer),
      shape: one.shape as Vec3,
      spacingMm: one.spacing as Vec3,
      start: [0, 0, 0],
    };
    const { box, after } = outcomeOf(block, one.operation as unknown as Operation, NO_RULES);
    const result = new Uint8Array(block.labels);
    if (box) paste(result, block.shape, after, box);
    const expected = bytes(one.after);
    const wrong = expected.reduce((sum, label, i) => sum + Number(label !== result[i]), 0);
    expect(wrong).toBe(0);
  });
});
