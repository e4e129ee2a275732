import { useCallback, useEffect, useRef, useState } from 'react';

import { toast } from '../../ui';
import { difference } from '../../viewer';
import { readMask } from '../masks';
import type { Saving } from '../saving';
import { type LabelChange, labelChanges } from './labelChanges';

/** How an older revision is shown: as it was, by what it changed, or by what was changed since. */
export type PreviewMode = 'mask' | 'changed' | 'since';

export interface Previewed {
  revision: number;
  mode: PreviewMode;
  changes: LabelChange[];
}

type Mask = ReadonlyMap<number, Uint8Array>;

export interface Preview {
  shown: Previewed | null;
  busy: boolean;
  show: (revision: number, mode: PreviewMode) => void;
  /** Show the mask that is drawn on again. */
  leave: () => void;
  /** Put the mask of the revision shown in place of the one drawn on, as one step that can be undone. */
  restore: () => void;
}

/** Shows older revisions in place of the mask; nothing can be drawn or saved meanwhile. */
export function usePreview(saving: Saving, taskId: number): Preview {
  const [shown, setShown] = useState<Previewed | null>(null);
  const [busy, setBusy] = useState(false);
  const release = useRef<(() => void) | null>(null);
  const mask = useRef<Mask>(new Map());

  const leave = useCallback(() => {
    if (release.current && !saving.desk.viewer.closed) {
      saving.desk.viewer.mask.show(null);
      release.current();
      saving.desk.setEditable(true);
    }
    release.current = null;
    setShown(null);
  }, [saving]);
  useEffect(() => leave, [leave]);

  const open = async (revision: number, mode: PreviewMode): Promise<void> => {
    if (!release.current) await saving.flush();
    const read = async (number: number): Promise<Mask> =>
      (await readMask(taskId, saving.desk.sliceSize, number)).slices;
    const chosen = await read(revision);
    const before = mode === 'since' ? chosen : await read(revision - 1);
    const after = mode === 'since' ? saving.known : chosen;
    release.current ??= saving.hold();
    saving.desk.setEditable(false);
    saving.desk.viewer.mask.show(mode === 'mask' ? chosen : difference(before, after).slices);
    mask.current = chosen;
    setShown({ revision, mode, changes: labelChanges(before, after) });
  };
  const show = (revision: number, mode: PreviewMode): void => {
    setBusy(true);
    open(revision, mode)
      .catch((error: unknown) => toast.bad(error instanceof Error ? error.message : 'It cannot be shown.'))
      .finally(() => setBusy(false));
  };
  const restore = (): void => {
    if (!shown) return;
    const { revision } = shown;
    leave();
    const places = new Set([...saving.known.keys(), ...mask.current.keys()]);
    const empty = (): Uint8Array<ArrayBuffer> => new Uint8Array(saving.desk.sliceSize);
    const slices = [...places].map((z) => [z, new Uint8Array(mask.current.get(z) ?? empty())] as const);
    saving.putOn(`Restore revision ${revision}`, new Map(slices));
  };
  return { shown, busy, show, leave, restore };
}
