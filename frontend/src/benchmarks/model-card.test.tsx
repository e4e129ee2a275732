import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';

import type { Evaluation, LabelCard } from '../api';
import { openPage, projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import { BenchmarkPage } from './BenchmarkPage';
import { pValue } from './ModelCard';

const NOTHING = { dice: null, iou: null, ppv: null, sensitivity: null, nsd: null, hd95_mm: null };
const REST = { assd_mm: null, volume_difference_ml: null, p_value: null };
const LESION: LabelCard = {
  ...NOTHING,
  ...REST,
  name: 'lesion',
  dice: { n: 12, mean: 0.8123, low: 0.7641, high: 0.8605, method: 't' },
  hd95_mm: { n: 2, mean: 3.14, low: null, high: null, method: 'none' },
  p_value: 0.0004,
  detection: { found: 9, missed: 2, false_positive: 3 },
};
const HEART: LabelCard = {
  ...NOTHING,
  ...REST,
  name: 'heart',
  detection: null,
};
const EVALUATION: Evaluation = {
  ...{ model: 2, created_at: '2026-01-01T00:00:00Z', cases: 12, per_case: [] },
  mean: { lesion: 0.8123 },
};

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('a score stands with its interval, and what has none says so', async () => {
  serve({
    'GET /api/projects/demo/benchmark': { body: { patients: 12, approved: 12, sha256: 'ab', cases: [] } },
    'GET /api/projects/demo/evaluations': { body: [EVALUATION] },
    'GET /api/projects/demo/models/2/card': {
      body: { model: 2, metric_version: 'dice 1', cases: 12, compared_with: 1, labels: [LESION, HEART] },
    },
  });
  openPage(BenchmarkPage, projectWith('view_rounds'));
  const table = await screen.findByRole('table', { name: 'Measures of model 2' });
  const [, lesion, heart] = within(table).getAllByRole('row');
  expect(lesion?.textContent).toContain('0.812');
  expect(lesion?.textContent).toContain('0.764 to 0.861');
  expect(lesion?.textContent).toContain('9 of 11');
  expect(lesion?.textContent).toContain('3 made up');
  expect(lesion?.textContent).toContain('< 0.001');
  expect(within(lesion as HTMLElement).getByTitle('2 of the 3 patients that an interval needs')).toBeTruthy();
  expect(heart?.textContent).toBe(` heart${'–'.repeat(8)}`);
});

test('a p value is printed as papers print it', () => {
  expect([pValue(null), pValue(0.0009), pValue(0.0312), pValue(1)]).toEqual([
    '–',
    '< 0.001',
    '0.031',
    '1.000',
  ]);
});
