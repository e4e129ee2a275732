/** Hands operations to a worker, one at a time, and can take them back. */
import { CannotDoError } from './operation';
import type { Outcome } from './outcome';
import type { Answer, Question } from './worker';

/** The operation was taken back before it was done. */
export class CancelledError extends Error {
  constructor() {
    super('The operation was cancelled.');
    this.name = 'CancelledError';
  }
}

export class OperationsDesk {
  private worker: Worker | null = null;
  private refuse: ((reason: Error) => void) | null = null;

  /**
   * Have an operation performed; the buffers of the block go to the worker. One that is under way is taken back.
   *
   * Rejects with CannotDoError, which says why there is nothing to do, or with CancelledError.
   */
  perform(question: Question, onProgress: (fraction: number) => void): Promise<Outcome> {
    this.cancel();
    const worker = (this.worker ??= started());
    return new Promise<Outcome>((resolve, reject) => {
      this.refuse = reject;
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.kind === 'progress') return onProgress(data.fraction);
        this.refuse = null;
        if (data.kind === 'done') resolve(data.outcome);
        else reject(data.kind === 'cannot' ? new CannotDoError(data.reason) : new Error(data.message));
      };
      worker.onerror = (event) => reject(new Error(event.message));
      const { labels, intensities, judged } = question.block;
      const given = [labels, intensities, judged].flatMap((values) => (values ? [values.buffer] : []));
      worker.postMessage(question, given);
    });
  }

  /** Take back what is under way. A loop in another thread only ends with that thread. */
  cancel(): void {
    if (!this.refuse) return;
    this.refuse(new CancelledError());
    this.destroy();
  }

  destroy(): void {
    this.refuse = null;
    this.worker?.terminate();
    this.worker = null;
  }
}

function started(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'operations' });
}
