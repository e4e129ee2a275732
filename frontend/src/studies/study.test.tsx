import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';

import type { PatientDetail, Series, Study, Volume } from '../api';
import { openPage, projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import { geometryRows } from './Geometry';
import { PatientPage } from './PatientPage';

const MADE: Series['acquisition'] = {
  ...{ manufacturer: 'SIEMENS', model: 'Avanto', dimensions: '3D', patient_position: 'FFP' },
  ...{ contrast_agent_named: false, field_strength_t: 1.494, repetition_time_ms: 4.12, echo_time_ms: 1.39 },
  flip_angle_deg: 12,
};
const SERIES: Series = {
  ...{ id: 1, number: 300, modality: 'SEG', description: 'Segmentation', instances: 1 },
  ...{ kind: 'existing mask on “DCE, 5 phases”', acquisition: MADE },
};
const VOLUME = {
  ...{
    id: 7,
    name: 'DCE, 5 phases',
    is_dce: true,
    shape_zyx: [160, 448, 448],
    spacing_zyx_mm: [1.1, 0.759, 0.759],
  },
  affine: [
    [0, 0, 0.759, 0],
    [0, 0.759, 0, 0],
    [1.1, 0, 0, 0],
    [0, 0, 0, 1],
  ],
} as unknown as Volume;

function study(id: number, description: string): Study {
  return {
    ...{ id, description, study_date: `198${id}-02-23`, created_at: '2026-01-01T00:00:00Z', volumes: [] },
    series: [SERIES],
    report: [{ level: 'warning', subject: 'P-1', message: `${description} came in.`, action: '' }],
  };
}

test('the geometry of a volume stands in words, and what nobody knows is left out', () => {
  expect(geometryRows(VOLUME, SERIES)).toEqual([
    ['Plane', 'axial'],
    ['Matrix', '448 × 448 × 160'],
    ['Voxel', '0.76 × 0.76 × 1.1 mm'],
    ['Field of view', '34 × 34 × 17.6 cm'],
    ['Field strength', '1.49 T'],
    ['TR / TE', '4.12 / 1.39 ms'],
    ['Flip angle', '12°'],
    ['Scanner', 'SIEMENS Avanto'],
  ]);
  expect(geometryRows(VOLUME, undefined).map(([name]) => name)).toEqual([
    'Plane',
    'Matrix',
    'Voxel',
    'Field of view',
  ]);
});

test('a patient of two visits shows one at a time, with its series and what its import said', async () => {
  const patient: PatientDetail = {
    ...{ id: 1, pseudonym: 'P-1', partition: 'POOL', sex: 'F', age_years: 54, volumes: 0, tasks: 0 },
    ...{ thumbnail: null, projection: null, created_at: '2026-01-01T00:00:00Z' },
    studies: [study(1, 'First'), study(2, 'Second')],
  };
  serve({ 'GET /api/patients/NaN': { body: patient } }); // the test opens the page without its address
  openPage(PatientPage, projectWith('view_cases'));
  await screen.findByText('First came in.');
  expect(screen.getByText('existing mask on “DCE, 5 phases”')).toBeTruthy();
  expect(screen.getByText('Nothing to draw on')).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Identity|Assign/ })).toBeNull();
  await userEvent.click(screen.getByRole('tab', { name: 'Visit 2, 1982-02-23' }));
  await screen.findByText('Second came in.');
  expect(screen.queryByText('First came in.')).toBeNull();
});
