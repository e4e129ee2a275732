/** Tells the viewer what is drawn with, whenever that changes, and takes what is picked in the panes. */
import type { IntensityRange } from '../../viewer';
import type { DeskState } from '../deskState';
import type { DeskBase } from '../parts';
import { writePreferences } from '../preferences';
import { type DrawOptions, kept, settingsOf } from './options';

const WATCHED = ['editable', 'tool', 'label', 'brushMm', 'locked', 'hidden', 'drawing'] as const;

export class HandDrawing {
  private stop: () => void = () => undefined;

  constructor(private readonly desk: DeskBase) {}

  private get state(): DeskState {
    return this.desk.store.getState();
  }

  /** Begin to tell the opened viewer. */
  start(): void {
    this.tell(this.state);
    this.stop = this.desk.store.subscribe((now, before) => {
      if (WATCHED.some((key) => now[key] !== before[key])) this.tell(now);
    });
  }

  set(change: Partial<DrawOptions>): void {
    const drawing = { ...this.state.drawing, ...change };
    this.desk.store.setState({ drawing });
    writePreferences({ drawing: kept(drawing) });
  }

  /** A ball instead of a disc, or the other way round. */
  toggleBall(): void {
    this.set({ ball: !this.state.drawing.ball });
  }

  /** A spot was picked in a pane. */
  pickedRange(range: IntensityRange): void {
    const { picking } = this.state.drawing;
    this.set({ [picking ?? 'threshold']: range, picking: null });
  }

  destroy(): void {
    this.stop();
  }

  private tell(state: DeskState): void {
    const colour = this.desk.labels.find(({ value }) => value === state.label)?.colour ?? '#ffffff';
    this.desk.viewer.drawing.use(settingsOf(state, colour));
  }
}
