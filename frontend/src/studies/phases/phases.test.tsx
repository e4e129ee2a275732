import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';

import type { Derived, Movement, PhaseOrder as Order, Registration, Volume } from '../../api';
import { openPage, projectWith } from '../../testing/screen';
import { serve } from '../../testing/server';
import { DerivedPictures } from './DerivedPictures';
import { isChanged, withMoved } from './order';
import { PhaseOrder } from './PhaseOrder';
import { RegistrationPanel } from './RegistrationPanel';

const LABELS = ['pre-contrast', 'post-contrast 1', 'post-contrast 2'];
const VOLUME = { id: 7, name: 'DCE', phases: LABELS.map((label, index) => ({ index, label })) } as Volume;
const MANAGER = projectWith('view_cases', 'manage_cases');
const ANNOTATOR = projectWith('view_cases');
const ORDER_URL = '/api/volumes/7/phase-order';
const DERIVED_URL = '/api/volumes/7/derived';
const REGISTRATIONS_URL = '/api/volumes/7/registrations';

function orderOf(found: number[] = [0, 1, 2], fixed = ''): Order {
  const phases = LABELS.map((label, index) => ({
    ...{ index, label, time_s: index * 120, reason: `reason ${index}` },
    ...{ series: `pass ${index}`, series_number: index + 2, found_index: found[index] ?? 0 },
  }));
  return { phases, by_hand: isChanged(found), fixed };
}

function names(): (string | undefined)[] {
  const list = screen.getByRole('list', { name: 'Phases of DCE' });
  return within(list)
    .getAllByRole('listitem')
    .map((item) => LABELS.find((label) => item.textContent.includes(label)));
}

function channel(values: Partial<Derived>): Derived {
  return {
    ...{ key: 'dce_in', name: 'Initial enhancement', unit: '', remark: '', state: null, message: '' },
    ...{ pixels: null, projections: {} },
    ...values,
  };
}

function movement(index: number, better: boolean): Movement {
  const pictures = Object.fromEntries(
    ['slice', 'mip'].flatMap((kind) =>
      ['before', 'after'].map((when) => [`${kind}_${when}`, `/${kind}-${when}`]),
    ),
  );
  return {
    ...{ index, name: LABELS[index] ?? '', better, words: better ? 'More like it.' : 'It stays as it was.' },
    ...{
      before: 1.1,
      after: better ? 1.2 : 1.1,
      mean_mm: 1.25,
      p95_mm: 2.5,
      max_mm: 4,
      shrink: 0.9,
      swell: 1.2,
    },
    pictures,
  };
}

function registration(values: Partial<Registration>): Registration {
  return {
    ...{
      id: 3,
      method: 'rigid',
      state: 'ready',
      message: '',
      progress: 1,
      seconds_left: null,
      in_use: false,
    },
    ...{ unusable: '', started_by: 'Mara', created_at: '2026-01-01T00:00:00Z' },
    report: [movement(1, true), movement(2, false)],
    ...values,
  };
}

test('an item is moved to another place, and no further than the ends', () => {
  expect(withMoved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(withMoved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  expect(withMoved(['a', 'b', 'c'], 1, 9)).toEqual(['a', 'c', 'b']);
  expect(withMoved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
  expect([isChanged([0, 1, 2]), isChanged([1, 0, 2])]).toEqual([false, true]);
});

test('phases are moved by buttons and keys, and saved with a reason', async () => {
  const sent: unknown[] = [];
  serve({
    [`GET ${ORDER_URL}`]: { body: orderOf() },
    [`POST ${ORDER_URL}`]: async (request) => {
      sent.push(await request.json());
      return { body: orderOf([2, 0, 1]) };
    },
  });
  openPage(() => <PhaseOrder volume={VOLUME} />, MANAGER);
  await screen.findByText('reason 0');
  expect(screen.queryByRole('button', { name: 'Save the order' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Move post-contrast 2 up' }));
  expect(names()).toEqual(['pre-contrast', 'post-contrast 2', 'post-contrast 1']);
  screen.getByRole('button', { name: /^Move post-contrast 2: / }).focus();
  await userEvent.keyboard('{ArrowUp}');
  expect(names()).toEqual(['post-contrast 2', 'pre-contrast', 'post-contrast 1']);
  const save = screen.getByRole('button', { name: 'Save the order' });
  expect(save.hasAttribute('disabled')).toBe(true);
  await userEvent.type(screen.getByRole('textbox', { name: 'Why this order' }), 'The clock was wrong');
  await userEvent.click(save);
  expect(sent).toEqual([{ order: [2, 0, 1], reason: 'The clock was wrong' }]);
});

test('phases are moved by dragging, and undone', async () => {
  serve({ [`GET ${ORDER_URL}`]: { body: orderOf() } });
  openPage(() => <PhaseOrder volume={VOLUME} />, MANAGER);
  await screen.findByText('reason 0');
  const row = (n: number) => screen.getAllByRole('listitem')[n] as HTMLElement;
  fireEvent.dragStart(row(0));
  fireEvent.dragEnter(row(1));
  fireEvent.dragEnter(row(2));
  fireEvent.dragEnd(row(2));
  expect(names()).toEqual(['post-contrast 1', 'post-contrast 2', 'pre-contrast']);
  await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect(names()).toEqual(LABELS);
});

test('an order by hand can be put back', async () => {
  const seen = serve({
    [`GET ${ORDER_URL}`]: { body: orderOf([1, 0, 2]) },
    [`DELETE ${ORDER_URL}`]: { body: orderOf() },
  });
  openPage(() => <PhaseOrder volume={VOLUME} />, MANAGER);
  await screen.findByText('Put in order by hand');
  await userEvent.click(screen.getByRole('button', { name: 'As found in the headers' }));
  expect(seen.map((request) => request.method)).toContain('DELETE');
});

test('an order that is fixed says why and offers nothing', async () => {
  serve({ [`GET ${ORDER_URL}`]: { body: orderOf([0, 1, 2], 'Snapshot 1 was made of them.') } });
  openPage(() => <PhaseOrder volume={VOLUME} />, MANAGER);
  await screen.findByText('Snapshot 1 was made of them.');
  expect(screen.queryByRole('button', { name: /Move/ })).toBeNull();
});

test('who may not manage cases sees the order alone', async () => {
  serve({ [`GET ${ORDER_URL}`]: { body: orderOf([1, 0, 2]) } });
  openPage(() => <PhaseOrder volume={VOLUME} />, ANNOTATOR);
  await screen.findByText('reason 2');
  expect(screen.queryByRole('button', { name: /Move|Save|headers/ })).toBeNull();
});

test('a derived picture is made when asked for, and shown in the chosen plane', async () => {
  let made = false;
  const projections = { axial: '/axial.png', coronal: '/coronal.png', sagittal: '/sagittal.png' };
  const seen = serve({
    [`GET ${DERIVED_URL}`]: () => ({ body: [channel(made ? { state: 'ready', projections } : {})] }),
    [`POST ${DERIVED_URL}`]: () => {
      made = true;
      return { status: 202, body: channel({ state: 'waiting' }) };
    },
  });
  openPage(() => <DerivedPictures volume={VOLUME} />, ANNOTATOR);
  await userEvent.click(await screen.findByRole('button', { name: 'Make Initial enhancement' }));
  const picture = await screen.findByRole('img', { name: 'Initial enhancement, axial projection' });
  expect(picture.getAttribute('src')).toBe('/axial.png');
  expect(await seen.find((request) => request.method === 'POST')?.json()).toEqual({ key: 'dce_in' });
});

test('a derived picture that failed says why and can be tried again', async () => {
  const body = [channel({ state: 'failed', message: 'A block is missing.', remark: 'Times are not known.' })];
  serve({ [`GET ${DERIVED_URL}`]: { body } });
  openPage(() => <DerivedPictures volume={VOLUME} />, ANNOTATOR);
  await screen.findByText('A block is missing.');
  expect(screen.getByText('Times are not known.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Make Initial enhancement' }).textContent).toBe('Try again');
});

test('a registration is started, and shows how far it is and how to stop it', async () => {
  let rows: Registration[] = [];
  const seen = serve({
    [`GET ${REGISTRATIONS_URL}`]: () => ({ body: rows }),
    [`POST ${REGISTRATIONS_URL}`]: () => {
      rows = [registration({ state: 'running', progress: 0.4, seconds_left: 33, report: [] })];
      return { status: 202, body: rows[0] };
    },
    'POST /api/registrations/3/cancel': () => {
      rows = [registration({ state: 'cancelled', message: 'Cancelled.', report: [] })];
      return { body: rows[0] };
    },
  });
  openPage(() => <RegistrationPanel volume={VOLUME} />, MANAGER);
  await userEvent.click(await screen.findByRole('button', { name: 'Register with deformation' }));
  const bar = await screen.findByRole('progressbar');
  expect(bar.getAttribute('aria-valuenow')).toBe('40');
  expect(screen.getByText(/33 s left/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Register/ })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await screen.findByText(/Cancelled\./);
  const asked = seen.find((request) => request.url.endsWith(REGISTRATIONS_URL) && request.method === 'POST');
  expect(await asked?.json()).toEqual({ method: 'deformable' });
});

test('before and after are compared phase by phase, and the result is put to use', async () => {
  let used = false;
  serve({
    [`GET ${REGISTRATIONS_URL}`]: () => ({ body: [registration({ in_use: used })] }),
    'POST /api/registrations/3/use': () => {
      used = true;
      return { body: registration({ in_use: true }) };
    },
  });
  openPage(() => <RegistrationPanel volume={VOLUME} />, MANAGER);
  expect((await screen.findByRole('img', { name: 'post-contrast 1 before' })).getAttribute('src')).toBe(
    '/slice-before',
  );
  fireEvent.change(screen.getByRole('slider'), { target: { value: '80' } });
  expect(screen.getByRole('img', { name: 'post-contrast 1 after' }).style.clipPath).toContain('80%');
  await userEvent.click(screen.getByRole('button', { name: 'post-contrast 2' }));
  expect(screen.getByText('It stays as it was.')).toBeTruthy();
  expect(screen.getByText('no better: kept')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Use the moved phases' }));
  await screen.findByRole('button', { name: 'Stop using it' });
});

test('a result that cannot be used says why; who may not manage sees no buttons for it', async () => {
  serve({ [`GET ${REGISTRATIONS_URL}`]: { body: [registration({ unusable: 'Register them again.' })] } });
  openPage(() => <RegistrationPanel volume={VOLUME} />, MANAGER);
  await screen.findByText('Register them again.');
  expect(screen.queryByRole('button', { name: /Use the moved/ })).toBeNull();
});

test('who may not manage cases can look but not start', async () => {
  serve({ [`GET ${REGISTRATIONS_URL}`]: { body: [registration({})] } });
  openPage(() => <RegistrationPanel volume={VOLUME} />, ANNOTATOR);
  await screen.findByText('More like it.');
  expect(screen.queryByRole('button', { name: /Register|Use/ })).toBeNull();
});
