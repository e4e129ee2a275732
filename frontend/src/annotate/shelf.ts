/** The drafts of one user for one task. Where the browser refuses to keep them that is told, and the work goes on. */
import {
  askToPersist,
  type Draft,
  draftTrouble,
  type DraftTrouble,
  dropDraft,
  keepDraft,
  ownKey,
  putAway,
  readDrafts,
  type Strokes,
} from './drafts';

export class Shelf {
  private readonly own: string;

  constructor(
    private readonly userId: number,
    private readonly taskId: number,
    private readonly sliceSize: number,
    private readonly onTrouble: (trouble: DraftTrouble | null) => void,
  ) {
    this.own = ownKey(userId, taskId);
    askToPersist();
  }

  /** Keep what is drawn now, in the place of what was kept before. */
  keep(strokes: Strokes): Promise<boolean> {
    return this.tried(() => keepDraft(this.userId, this.taskId, strokes));
  }

  /** Strokes as they would be read, where they never lay in the browser. */
  draft(strokes: Strokes): Draft {
    return { key: this.own, keptAt: new Date(), ...strokes };
  }

  /** Keep strokes beside what is drawn from now on. False where the browser does not. */
  putAway(strokes: Strokes): Promise<boolean> {
    return this.tried(() => putAway(this.userId, this.taskId, strokes));
  }

  /** All that is kept, what was drawn last first. */
  async read(): Promise<Draft[]> {
    let drafts: Draft[] = [];
    await this.tried(async () => {
      drafts = await readDrafts(this.userId, this.taskId, this.sliceSize);
    });
    return drafts;
  }

  drop(key: string = this.own): Promise<boolean> {
    return this.tried(() => dropDraft(key));
  }

  /** Whether strokes lie where the ones drawn now are kept, so that these would replace them. */
  isInTheWay(key: string | null): boolean {
    return key === null || key === this.own;
  }

  private async tried(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.onTrouble(null);
      return true;
    } catch (error) {
      this.onTrouble(draftTrouble(error));
      return false;
    }
  }
}
