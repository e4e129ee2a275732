import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import { useKeys } from './useKeys';
import { useRowCursor } from './useRowCursor';

function Keyed({ act }: { act: () => void }) {
  useKeys({ n: act });
  return <input aria-label="text" />;
}

test('a key acts on the page but is text in a field', async () => {
  const act = vi.fn();
  render(<Keyed act={act} />);
  await userEvent.keyboard('n');
  expect(act).toHaveBeenCalledTimes(1);
  await userEvent.type(screen.getByLabelText('text'), 'n');
  expect(act).toHaveBeenCalledTimes(1);
});

test('a key held with Control is left to the browser', async () => {
  const act = vi.fn();
  render(<Keyed act={act} />);
  await userEvent.keyboard('{Control>}n{/Control}');
  expect(act).not.toHaveBeenCalled();
});

function Rows({ count, open }: { count: number; open: (index: number) => void }) {
  const current = useRowCursor(count, open);
  return <output>{current ?? 'none'}</output>;
}

test('j and k walk within the rows and Enter opens the one under the cursor', async () => {
  const open = vi.fn();
  render(<Rows count={3} open={open} />);
  await userEvent.keyboard('{Enter}');
  expect(open).not.toHaveBeenCalled();
  await userEvent.keyboard('jjjjk');
  expect(screen.getByRole('status').textContent).toBe('1');
  await userEvent.keyboard('{Enter}');
  expect(open).toHaveBeenCalledWith(1);
});

test('the cursor stays inside rows that became fewer', async () => {
  const { rerender } = render(<Rows count={3} open={vi.fn()} />);
  await userEvent.keyboard('k');
  rerender(<Rows count={2} open={vi.fn()} />);
  expect(screen.getByRole('status').textContent).toBe('1');
});
