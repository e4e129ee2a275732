/** What changed between two masks, label by label. */
type Mask = ReadonlyMap<number, Uint8Array>;

export interface LabelChange {
  label: number;
  gained: number;
  lost: number;
}

/** Voxels that each label gained and lost, by rising value. A slice (Y·X,) that is not given is empty. */
export function labelChanges(before: Mask, after: Mask): LabelChange[] {
  const gained = new Uint32Array(256);
  const lost = new Uint32Array(256);
  for (const z of new Set([...before.keys(), ...after.keys()])) {
    const size = (before.get(z) ?? after.get(z))?.length ?? 0;
    const empty = new Uint8Array(size);
    const was = before.get(z) ?? empty;
    (after.get(z) ?? empty).forEach((now, i) => {
      const then = was[i] ?? 0;
      if (then !== now) count(then, now);
    });
  }
  function count(then: number, now: number): void {
    lost[then] = (lost[then] ?? 0) + 1;
    gained[now] = (gained[now] ?? 0) + 1;
  }
  return Array.from(gained, (voxels, label) => ({ label, gained: voxels, lost: lost[label] ?? 0 })).filter(
    (change) => change.label > 0 && change.gained + change.lost > 0,
  );
}
