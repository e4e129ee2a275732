import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import { ApiError } from '../api';
import { Button } from './Button';
import { ConfirmDialog } from './Dialog';
import { Progress } from './Progress';
import { ErrorState } from './States';
import { Table } from './Table';

test('a busy button takes no clicks and says so', async () => {
  const act = vi.fn();
  render(
    <Button busy onClick={act}>
      Save
    </Button>,
  );
  const button = screen.getByRole('button', { name: 'Save' });
  await userEvent.click(button);
  expect(act).not.toHaveBeenCalled();
  expect(button.getAttribute('aria-busy')).toBe('true');
});

test('progress says how far, how long and what', () => {
  render(<Progress label="Round 3" fraction={0.416} message="Epoch 5 of 12" secondsLeft={130} />);
  expect(screen.getByRole('progressbar', { name: 'Round 3' }).getAttribute('aria-valuenow')).toBe('42');
  expect(screen.getByText('42 % · 2 min left')).toBeTruthy();
  expect(screen.getByText('Epoch 5 of 12')).toBeTruthy();
});

test('progress that is unknown claims no per cent', () => {
  render(<Progress label="Zip" fraction={null} />);
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBeNull();
});

test('an error shows the server’s sentence and another try', async () => {
  const retry = vi.fn();
  render(
    <ErrorState error={new ApiError(409, 'conflict', 'Round 3 is running. Wait for it.')} retry={retry} />,
  );
  expect(screen.getByRole('alert').textContent).toContain('Round 3 is running. Wait for it.');
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledOnce();
});

test('a question is asked by name, and Escape means no', async () => {
  const no = vi.fn();
  const yes = vi.fn();
  render(
    <ConfirmDialog open onClose={no} onConfirm={yes} title="Cancel round 3?" word="Cancel the round">
      The training stops.
    </ConfirmDialog>,
  );
  expect(screen.getByRole('dialog', { name: 'Cancel round 3?' })).toBeTruthy();
  await userEvent.keyboard('{Escape}');
  expect(no).toHaveBeenCalled();
  expect(yes).not.toHaveBeenCalled();
});

test('a table without rows yet keeps their places', () => {
  render(
    <Table
      label="Cases"
      columns={[{ key: 'a', title: 'A', cell: String }]}
      rows={undefined}
      rowKey={Number}
    />,
  );
  expect(screen.getByRole('table', { name: 'Cases' }).getAttribute('aria-busy')).toBe('true');
  expect(screen.getAllByRole('row')).toHaveLength(1);
  expect(screen.getAllByRole('row', { hidden: true })).toHaveLength(7);
});
