/** How the labels lie over the picture: which are seen, which may not be changed, and how they are drawn. */
import type { DeskState } from './deskState';
import { coloured, keepColour } from './labelColours';
import type { DeskBase } from './parts';
import { writePreferences } from './preferences';

export type OverlayStyle = Pick<DeskState, 'opacity' | 'outline' | 'fill'>;

export class Display {
  constructor(private readonly desk: DeskBase) {}

  private get state(): DeskState {
    return this.desk.store.getState();
  }

  toggleVisible(label: number): void {
    this.setHidden(toggled(this.state.hidden, label));
  }

  /** Show one label alone, or all again when it is alone already. */
  toggleSolo(label: number): void {
    const others = this.desk.labels.map(({ value }) => value).filter((value) => value !== label);
    const alone = !this.state.hidden.has(label) && others.every((value) => this.state.hidden.has(value));
    this.setHidden(new Set(alone ? [] : others));
  }

  /** Show all labels, or none. */
  toggleAllVisible(): void {
    const { hidden } = this.state;
    this.setHidden(new Set(hidden.size > 0 ? [] : this.desk.labels.map(({ value }) => value)));
  }

  toggleLocked(label: number): void {
    this.desk.store.setState({ locked: toggled(this.state.locked, label) });
    this.applyLocks();
  }

  /** Give a label a colour for this person, or with null the one that it came with. */
  setColour(value: number, colour: string | null): void {
    const given = this.desk.givenLabels.find((label) => label.value === value);
    if (!given) return;
    keepColour(given.name, colour);
    this.desk.viewer.setLabelColour(value, colour ?? given.colour);
    // What is drawn in the colours of labels slice by slice is drawn anew.
    const labelsBySlice = [...this.state.labelsBySlice];
    this.desk.store.setState({ labels: coloured(this.desk.givenLabels), labelsBySlice });
  }

  hasOwnColour(value: number): boolean {
    const given = this.desk.givenLabels.find((label) => label.value === value);
    return given?.colour !== this.state.labels.find((label) => label.value === value)?.colour;
  }

  setStyle(style: Partial<OverlayStyle>): void {
    this.desk.store.setState(style);
    this.applyStyle();
    writePreferences(style);
  }

  /** Filling with outline, filling alone, outline alone, and round again. */
  stepStyle(): void {
    const { outline, fill } = this.state;
    if (outline && fill) this.setStyle({ outline: false });
    else if (fill) this.setStyle({ outline: true, fill: false });
    else this.setStyle({ outline: true, fill: true });
  }

  applyStyle(): void {
    const { opacity, outline, fill } = this.state;
    this.desk.viewer.mask.setStyle({ opacity, outline, fill });
  }

  private setHidden(hidden: ReadonlySet<number>): void {
    this.desk.store.setState({ hidden });
    for (const { value } of this.desk.labels) this.desk.viewer.setLabelVisible(value, !hidden.has(value));
    this.applyLocks();
  }

  /** What is not seen must not be painted over, so that a hidden label is locked too. */
  private applyLocks(): void {
    const { hidden, locked } = this.state;
    for (const { value } of this.desk.labels)
      this.desk.viewer.mask.setLocked(value, locked.has(value) || hidden.has(value));
  }
}

function toggled(values: ReadonlySet<number>, value: number): ReadonlySet<number> {
  const next = new Set(values);
  if (!next.delete(value)) next.add(value);
  return next;
}
