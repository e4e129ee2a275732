import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { FoundMask, FoundMaskDetail, Segment } from '../../api';
import { LABELS, openPage, projectWith } from '../../testing/screen';
import { serve } from '../../testing/server';
import type { Routes } from '../../testing/server';
import {
  decide,
  firstDecisions,
  inOrder,
  leaveOutRest,
  meetingLabels,
  movedUp,
  undecided,
} from './decisions';
import { FoundMasks } from './FoundMasks';
import { fileNameIn } from './queries';

function segment(number: number, name: string, more: Partial<Segment> = {}): Segment {
  return {
    ...{ number, name, concept: '', algorithm: 'MANUAL', voxels: 1200, first_slice: 4, last_slice: 9 },
    ...{ label: null, suggestion: null, ...more },
  };
}

const MASK: FoundMask = {
  ...{ id: 7, patient: { id: 1, pseudonym: 'P-1' }, volume_id: 3, volume_name: 'DCE, 5 phases' },
  ...{ series_id: null, source: 'DICOM SEG, binary', state: 'waiting', segments: 3 },
  ...{ remarks: ['Segment 4 holds no voxel.'], created_at: '2026-01-01T00:00:00Z' },
};
const SEGMENTS = [
  segment(1, 'vessels left', { suggestion: { label: 1, by: 'code' } }),
  segment(2, 'vessels right', { suggestion: { label: 1, by: 'name' } }),
  segment(3, 'fat'),
];
const DETAIL: FoundMaskDetail = {
  mask: MASK,
  segments: SEGMENTS,
  overlaps: [{ segments: [2, 3], voxels: 40 }],
  case: { task_id: 5, is_benchmark: false, holds_import: false },
  ...{ blocked: '', note: '' },
};

function open(detail: Partial<FoundMaskDetail> = {}, routes: Routes = {}, taskId: number | null = 5) {
  const seen = serve({
    'GET /api/projects/demo/found-masks': { body: { next: null, previous: null, results: [MASK] } },
    'GET /api/found-masks/7': { body: { ...DETAIL, ...detail } },
    ...routes,
  });
  const Page = () => <FoundMasks volumeId={3} taskId={taskId} />;
  openPage(Page, projectWith('view_cases', 'manage_cases', 'export'));
  return seen;
}

async function choose(segmentName: string, label: string) {
  await userEvent.click(await screen.findByRole('combobox', { name: `Label of ${segmentName}` }));
  await userEvent.click(await screen.findByRole('option', { name: new RegExp(label) }));
}

async function openMapping() {
  await userEvent.click(await screen.findByRole('button', { name: 'Map its segments' }));
  return screen.findByRole('dialog', { name: 'Map the segments' });
}

const draw = () => screen.getByRole('button', { name: 'Draw it into the case' });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('a suggestion is where a decision begins, and what was decided before comes first', () => {
  const decided = [
    segment(1, 'a', { label: 0, suggestion: { label: 1, by: 'code' } }),
    SEGMENTS[1],
    SEGMENTS[2],
  ];
  const first = firstDecisions(decided.filter((one) => one !== undefined));
  expect([...first]).toEqual([
    [1, 0],
    [2, 1],
  ]);
  expect(undecided(SEGMENTS, first).map(({ number }) => number)).toEqual([3]);
  expect(undecided(SEGMENTS, leaveOutRest(SEGMENTS, first))).toEqual([]);
});

test('labels meet only where segments of two labels share voxels', () => {
  const overlaps = [{ segments: [2, 3], voxels: 40 }];
  const first = firstDecisions(SEGMENTS);
  expect(meetingLabels(overlaps, first, LABELS)).toEqual([]);
  expect(meetingLabels(overlaps, decide(first, 3, 1), LABELS)).toEqual([]);
  expect(meetingLabels(overlaps, decide(first, 3, 2), LABELS).map(({ value }) => value)).toEqual([1, 2]);
  expect(inOrder(LABELS, [2, 1]).map(({ value }) => value)).toEqual([2, 1]);
  expect(movedUp(['a', 'b', 'c'], 2)).toEqual(['a', 'c', 'b']);
});

test('the name of a file is the server’s', () => {
  expect(fileNameIn('attachment; filename="P0001-task5-revision2.nii.gz"')).toBe(
    'P0001-task5-revision2.nii.gz',
  );
  expect(fileNameIn(null)).toBe('mask');
});

test('suggested segments are marked, and nothing is drawn before every segment is decided', async () => {
  const sent: unknown[] = [];
  open(
    {},
    {
      'POST /api/found-masks/7/apply': async (request) => {
        sent.push(await request.json());
        return { body: DETAIL };
      },
    },
  );
  await screen.findByText('Segment 4 holds no voxel.');
  const dialog = await openMapping();
  within(dialog).getByText('matched by code');
  within(dialog).getByText('matched by name');
  within(dialog).getByText('1 segment to decide');
  expect(draw().hasAttribute('disabled')).toBe(true);
  await choose('fat', 'Leave it out');
  await userEvent.click(draw());
  await screen.findAllByText('The mask is in the case.');
  expect(sent).toEqual([
    {
      labels: [
        { segment: 1, label: 1 },
        { segment: 2, label: 1 },
        { segment: 3, label: 0 },
      ],
      order: [],
      earlier: null,
      drawn_unaided: false,
    },
  ]);
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('where labels meet, the order that is shown is sent, and can be turned round', async () => {
  const sent: { order: number[] }[] = [];
  open(
    {},
    {
      'POST /api/found-masks/7/apply': async (request) => {
        sent.push((await request.json()) as { order: number[] });
        return { body: DETAIL };
      },
    },
  );
  await openMapping();
  await choose('fat', 'heart');
  await userEvent.click(await screen.findByRole('button', { name: 'Move heart up' }));
  await userEvent.click(draw());
  await waitFor(() => expect(sent.map(({ order }) => order)).toEqual([[2, 1]]));
});

test('a case of the benchmark needs the statement', async () => {
  const sent: { drawn_unaided: boolean }[] = [];
  open(
    { case: { task_id: 5, is_benchmark: true, holds_import: false } },
    {
      'POST /api/found-masks/7/apply': async (request) => {
        sent.push((await request.json()) as { drawn_unaided: boolean });
        return { body: DETAIL };
      },
    },
  );
  await openMapping();
  await choose('fat', 'Leave it out');
  screen.getByText('The benchmark needs your statement');
  expect(draw().hasAttribute('disabled')).toBe(true);
  await userEvent.click(screen.getByRole('checkbox', { name: /drawn without a model’s help/ }));
  await userEvent.click(draw());
  await waitFor(() => expect(sent.map((body) => body.drawn_unaided)).toEqual([true]));
});

test('an earlier imported mask has to be decided on', async () => {
  open({ case: { task_id: 5, is_benchmark: false, holds_import: true } });
  await openMapping();
  await choose('fat', 'Leave it out');
  screen.getByText('Say what becomes of the earlier mask');
  await userEvent.click(screen.getByRole('radio', { name: /Draw over it/ }));
  expect(draw().hasAttribute('disabled')).toBe(false);
});

test('a mask that no case can take says why and draws nothing', async () => {
  open({ case: null, blocked: 'Somebody has begun this case (in progress).' });
  const dialog = await openMapping();
  within(dialog).getByText('Somebody has begun this case (in progress).');
  expect(draw().hasAttribute('disabled')).toBe(true);
});

test('a refusal stands in the page and the dialog stays', async () => {
  open(
    { segments: SEGMENTS.slice(0, 2) },
    {
      'POST /api/found-masks/7/apply': {
        status: 409,
        body: { code: 'conflict', message: 'Somebody has begun the case.', detail: {} },
      },
    },
  );
  await openMapping();
  await userEvent.click(draw());
  await screen.findAllByText('Somebody has begun the case.');
  expect(screen.getByRole('dialog', { name: 'Map the segments' })).toBeTruthy();
});

test('where a segment lies is asked for once somebody wants to know', async () => {
  const place = {
    ...{ number: 3, voxels: 1200, first_zyx: [4, 10, 20], last_zyx: [9, 30, 60] },
    slices: [
      { z: 4, voxels: 100 },
      { z: 6, voxels: 800 },
    ],
  };
  const seen = open({}, { 'GET /api/found-masks/7/segments/3': { body: place } });
  await openMapping();
  expect(seen.some(({ url }) => url.includes('/segments/'))).toBe(false);
  await userEvent.click(screen.getByRole('button', { name: 'Where fat lies' }));
  await screen.findByText('slices 5 to 10, rows 11 to 31, columns 21 to 61; most in slice 7');
});

test('a mask is discarded only after a question', async () => {
  const seen = open({}, { 'POST /api/found-masks/7/discard': { body: DETAIL } });
  await userEvent.click(await screen.findByRole('button', { name: 'Discard' }));
  const dialog = await screen.findByRole('dialog', { name: 'Discard this mask?' });
  await userEvent.click(within(dialog).getByRole('button', { name: 'Discard' }));
  await waitFor(() => expect(seen.some(({ url }) => url.endsWith('/discard'))).toBe(true));
});

test('an added file is sent, and the reason why it does not fit is shown', async () => {
  open(
    {},
    {
      'POST /api/volumes/3/found-masks': {
        status: 400,
        body: { code: 'invalid', message: 'The file lies on a grid of 5×5×5 voxels.', detail: {} },
      },
    },
  );
  const file = new File(['x'], 'mask.nii.gz');
  await userEvent.upload(await screen.findByLabelText('Mask file'), file);
  await screen.findAllByText('The file lies on a grid of 5×5×5 voxels.');
});

test('a case’s mask is taken out, and a refusal is shown', async () => {
  open(
    {},
    {
      'GET /api/tasks/5/mask/seg': {
        status: 409,
        body: { code: 'conflict', message: 'This volume did not come as DICOM.', detail: {} },
      },
    },
  );
  await userEvent.click(await screen.findByRole('button', { name: 'DICOM SEG' }));
  await screen.findAllByText('This volume did not come as DICOM.');
});

test('who neither manages cases nor exports sees nothing of it', () => {
  serve({});
  openPage(() => <FoundMasks volumeId={3} taskId={5} />, projectWith('view_cases'));
  expect(screen.queryByText('Existing masks')).toBeNull();
});

test('a volume without masks says what can be added', async () => {
  serve({ 'GET /api/projects/demo/found-masks': { body: { next: null, previous: null, results: [] } } });
  openPage(() => <FoundMasks volumeId={3} taskId={null} />, projectWith('manage_cases'));
  await screen.findByText('No mask came with this volume');
  expect(screen.queryByRole('button', { name: 'NIfTI' })).toBeNull();
});
