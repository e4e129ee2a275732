import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';

import { StartBanner } from './Banners';

afterEach(cleanup);

test('an imported mask says what it is and what was left out of it', () => {
  render(
    <StartBanner
      head={{ origin: 'import', source: 'DICOM SEG, binary', note: 'Left out: segment 3 (fat, 30 voxels).' }}
    />,
  );
  expect(screen.getByRole('note').textContent).toContain('Imported mask (DICOM SEG, binary).');
  screen.getByText('Left out: segment 3 (fat, 30 voxels).');
});

test('a draft names its model, and what a person drew needs no words', () => {
  render(<StartBanner head={{ origin: 'model', source: 'model 3', note: '' }} />);
  expect(screen.getByRole('note').textContent).toContain('Draft by model 3.');
  cleanup();
  render(<StartBanner head={{ origin: 'human', source: '', note: '' }} />);
  expect(screen.queryByRole('note')).toBeNull();
});
