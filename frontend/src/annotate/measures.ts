import type { Volume } from '../api';

/** Volume of a number of voxels: `0.42 ml`, `318 ml`. */
export function millilitres({ spacing_zyx_mm }: Pick<Volume, 'spacing_zyx_mm'>, voxels: number): string {
  const ml = (voxels * spacing_zyx_mm.reduce((product, mm) => product * mm, 1)) / 1000;
  const digits = ml >= 100 ? 0 : ml >= 10 ? 1 : 2;
  return `${ml < 0.005 && voxels > 0 ? '< 0.01' : ml.toFixed(digits)} ml`;
}
