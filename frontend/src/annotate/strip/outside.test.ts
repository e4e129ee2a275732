import { expect, it } from 'vitest';

import { isOutside } from './outside';

it('knows a step that draws on a slice that the task does not ask for', () => {
  expect(isOutside([3, 4], [2, 3])).toBe(true);
  expect(isOutside([2, 3], [2, 3, 9])).toBe(false);
  expect(isOutside([3], [])).toBe(true);
});

it('finds no slice outside where the task asks for all of them', () => {
  expect(isOutside([0, 99], null)).toBe(false);
});
