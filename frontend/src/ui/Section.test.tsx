import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { Section } from './Section';

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const title = (): HTMLElement => screen.getByRole('button', { name: 'Labels' });

it('folds and unfolds, and says so', () => {
  render(
    <Section id="labels" title="Labels">
      nine
    </Section>,
  );
  expect(title().getAttribute('aria-expanded')).toBe('true');
  fireEvent.click(title());
  expect(screen.queryByText('nine')).toBeNull();
  expect(title().getAttribute('aria-expanded')).toBe('false');
});

it('is found again as it was left, and leaves its neighbours alone', () => {
  const panel = (
    <>
      <Section id="labels" title="Labels">
        nine
      </Section>
      <Section id="display" title="Display" open={false}>
        opacity
      </Section>
    </>
  );
  render(panel);
  fireEvent.click(title());
  cleanup();
  render(panel);
  expect(screen.queryByText('nine')).toBeNull();
  expect(screen.queryByText('opacity')).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Display' }));
  expect(screen.getByText('opacity')).toBeTruthy();
});
