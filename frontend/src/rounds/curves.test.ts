import { expect, test } from 'vitest';

import type { RunProgress } from '../api';
import { LABELS } from '../testing/screen';
import { curvesOf } from './curves';
import { change, meanScore, scoreOf, signed } from './scores';

function told(
  id: number,
  epoch: number | null,
  loss: number | null,
  dice: Record<string, number> = {},
): RunProgress {
  return {
    id,
    at: '2026-01-01T00:00:00Z',
    line: {
      ...{ stage: 'train', fraction: 0.5, message: '', seconds_left: null, epoch, epochs: 3, case_id: null },
      ...{ train_loss: loss, val_loss: loss, pseudo_dice: dice, part: '' },
    },
  };
}

test('curves hold one point per epoch and take the later one after a resume', () => {
  const progress = [told(1, null, null), told(2, 1, 0.9), told(3, 2, 0.5), told(4, 2, 0.4), told(5, 3, 0.1)];
  const { epochs, loss } = curvesOf(progress, LABELS);
  expect(epochs).toEqual([1, 2, 3]);
  expect(loss[0]?.values).toEqual([0.9, 0.4, 0.1]);
});

test('each label that was told has a curve in its own colour, with gaps where it was not', () => {
  const { dice } = curvesOf([told(1, 1, 0, { heart: 0.2 }), told(2, 2, 0)], LABELS);
  expect(dice).toEqual([{ name: 'heart', colour: '#00ff00', values: [0.2, null] }]);
});

test('scores are read by label, and a missing one is not zero', () => {
  const [vessel, heart] = LABELS;
  if (vessel === undefined || heart === undefined) throw new Error('two labels');
  const scores = { vessel: 0.5, heart: null };
  expect([scoreOf(scores, vessel), scoreOf(scores, heart), scoreOf(null, vessel)]).toEqual([0.5, null, null]);
  expect(meanScore(scores)).toBe(0.5);
  expect(meanScore({ heart: null })).toBeNull();
});

test('a change has its sign, and hardly any is none', () => {
  expect([0.1304, -0.05, 0.0004].map(signed)).toEqual(['+0.130', '−0.050', '±0.000']);
  expect(change(0.5, null)).toBeNull();
});
