/** What every part of the desk works on. */
import type { StoreApi } from 'zustand/vanilla';

import type { Volume } from '../api';
import type { LabelStyle, Viewer } from '../viewer';
import type { DeskState } from './deskState';

export interface DeskBase {
  readonly store: StoreApi<DeskState>;
  readonly viewer: Viewer;
  readonly volume: Volume;
  /** As the project has them. */
  readonly givenLabels: readonly LabelStyle[];
  /** In the colours of the person who looks. */
  readonly labels: readonly LabelStyle[];
}
