/** Strokes that the server does not have, offered back: those of an earlier visit, and those that met a conflict. */
import type { Draft } from './drafts';
import { compareStrokes, type MergeReport, mergeStrokes, type Winner } from './merge';
import type { Conflict, Payload, Slices } from './saveStates';
import type { Shelf } from './shelf';

type Mask = ReadonlyMap<number, Uint8Array>;

export interface Offer {
  /** Where they lie in the browser; null while they are on the desk. */
  key: string | null;
  base: number;
  slices: Slices;
  keptAt: Date;
  conflict: Conflict | null;
  /** The newer revision on the server and who changed what; null where nothing was saved since. */
  since: { revision: number; report: MergeReport } | null;
  /** Put off by the user: a line over the pictures instead of a question. */
  later: boolean;
}

export interface OfferPorts {
  /** Revision on which the desk stands, and its mask as the server has it. */
  head: () => number;
  known: () => Mask;
  /** A revision's mask from the server, the newest by default. */
  read: (revision?: number) => Promise<{ revision: number; slices: Slices }>;
  /** What is on the desk now, each slice. */
  onDesk: () => Mask;
  /** Slices of the desk that the server does not have. */
  changed: () => Slices;
  /** Go on from this revision, whatever was on the desk. */
  standOn: (mask: { revision: number; slices: Slices }) => void;
  /** Change the mask in one step that can be undone, and save it. */
  putOn: (title: string, slices: Slices) => void;
  /** Resolves once everything is saved, or rejects. */
  flush: () => Promise<unknown>;
  onOffer: (offer: Offer | null) => void;
}

export class Offers {
  private current: Offer | null = null;

  constructor(
    private readonly ports: OfferPorts,
    private readonly shelf: Shelf,
  ) {}

  /** Look for strokes of an earlier visit; those that the server has already are dropped. */
  async find(): Promise<void> {
    for (const draft of await this.shelf.read()) {
      if (covers(this.ports.known(), draft.slices)) await this.shelf.drop(draft.key);
      else return this.show(await this.offerOf(draft));
    }
  }

  /** Go on with strokes of a desk that is gone; nobody is asked where nothing was saved since. */
  async resume(draft: Draft): Promise<void> {
    if (covers(this.ports.known(), draft.slices)) return this.find();
    const offer = await this.offerOf(draft);
    this.show(offer);
    if (offer.since === null) await this.take('mine');
  }

  /** What is on the desk cannot be saved, because the server has moved on. Rejects when it cannot be reached. */
  async meet(conflict: Conflict): Promise<void> {
    const { head, known, read, changed } = this.ports;
    const slices = changed();
    const theirs = await read();
    const since = { revision: theirs.revision, report: compareStrokes(known(), slices, theirs.slices) };
    const strokes = { key: null, base: head(), slices, keptAt: new Date() };
    this.show({ ...strokes, conflict, since, later: false });
  }

  /** Put the strokes on the mask and save it; of what was saved since, only voxels that were drawn change. */
  async take(winner: Winner): Promise<void> {
    const offer = this.current;
    if (!offer) return;
    const before = await this.slicesOf(offer.base);
    await this.leaveConflict(offer);
    this.ports.putOn('Strokes taken back', mergeStrokes(before, offer.slices, this.ports.onDesk(), winner));
    this.show(null);
    const saved = await this.ports.flush().then(
      () => true,
      () => false, // then they are in the draft of what is drawn now
    );
    if (saved && offer.key !== null && !this.shelf.isInTheWay(offer.key)) await this.shelf.drop(offer.key);
    await this.findLater();
  }

  /** Go on without the strokes, which stay in this browser. False where the browser cannot keep them. */
  async putOff(): Promise<boolean> {
    const offer = this.current;
    if (!offer) return true;
    if (this.shelf.isInTheWay(offer.key)) {
      const { base, slices } = offer;
      if (!(await this.shelf.putAway({ base, slices, pending: null }))) return false;
      await this.shelf.drop();
    }
    await this.leaveConflict(offer);
    await this.findLater();
    return true;
  }

  /** Throw the strokes away. */
  async discard(): Promise<void> {
    const offer = this.current;
    if (!offer) return;
    await this.leaveConflict(offer);
    await this.shelf.drop(offer.key ?? undefined);
    this.show(null);
    await this.findLater();
  }

  /** Ask again about strokes that were put off. */
  ask(): void {
    if (this.current) this.show({ ...this.current, later: false });
  }

  private show(offer: Offer | null): void {
    this.current = offer;
    this.ports.onOffer(offer);
  }

  private async offerOf({ key, base: keptBase, slices, pending, keptAt }: Draft): Promise<Offer> {
    const base = await this.baseOf(keptBase, pending);
    const { head, known } = this.ports;
    const moved = base !== head();
    const report = moved ? compareStrokes(await this.slicesOf(base), slices, known()) : null;
    const since = report && { revision: head(), report };
    return { key, base, slices, keptAt, conflict: null, since, later: false };
  }

  private async findLater(): Promise<void> {
    const later = (await this.shelf.read()).find(({ key }) => !this.shelf.isInTheWay(key));
    this.show(later ? { ...(await this.offerOf(later)), later: true } : null);
  }

  /** The revision that strokes were drawn on: one more than they say where the save on its way had arrived. */
  private async baseOf(base: number, pending: Payload | null): Promise<number> {
    if (!pending || pending.base >= this.ports.head()) return base;
    const next = await this.slicesOf(pending.base + 1);
    return covers(next, pending.slices) ? pending.base + 1 : base;
  }

  /** After a conflict the desk goes on from what stands on the server. */
  private async leaveConflict({ conflict }: Offer): Promise<void> {
    if (conflict) this.ports.standOn(await this.ports.read());
  }

  private async slicesOf(revision: number): Promise<Mask> {
    const { head, known, read } = this.ports;
    return revision === head() ? known() : (await read(revision)).slices;
  }
}

/** Whether a mask holds exactly these slices; one that it does not give is empty. */
function covers(mask: Mask, slices: Slices): boolean {
  return [...slices].every(([z, labels]) => {
    const held = mask.get(z);
    return labels.every((label, i) => label === (held?.[i] ?? 0));
  });
}
