import { expect, test } from 'vitest';

import { inputsOf, namesOf } from './bringing';

test.each([
  ['0', [{ phase: 0, minus: null }]],
  [
    ' 0, 1 ,2-0',
    [
      { phase: 0, minus: null },
      { phase: 1, minus: null },
      { phase: 2, minus: 0 },
    ],
  ],
  ['', null],
  ['0,,1', null],
  ['one', null],
  ['1-', null],
])('inputs are read from %j', (text, wanted) => {
  expect(inputsOf(text)).toEqual(wanted);
});

test.each([
  ['', {}],
  ['FGT = fibroglandular tissue, fat =', { FGT: 'fibroglandular tissue', fat: '' }],
  ['mass=lesion,', { mass: 'lesion' }],
  ['FGT', null],
  ['a=b=c', null],
  ['= lesion', null],
])('names are read from %j', (text, wanted) => {
  expect(namesOf(text)).toEqual(wanted);
});
