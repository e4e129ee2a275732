import type { Desk } from '../desk';

/** Commands that change many voxels at once. */
export function operationCommands({ operations }: Desk) {
  return {
    fill: () => operations.choose('fill'),
    grow: () => operations.choose('grow'),
    interpolate: () => operations.interpolate(),
    'copy-next': () => operations.copy(1),
    'copy-previous': () => operations.copy(-1),
    smooth: () => operations.smooth(),
  };
}
