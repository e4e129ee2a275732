/** The thread on which operations run, so that the page stays alive. */
import type { PaintRules } from '../drawing/rules';
import type { Block } from './block';
import { CannotDoError, type Operation } from './operation';
import { type Outcome, outcomeOf } from './outcome';

export interface Question {
  block: Block;
  operation: Operation;
  rules: PaintRules;
}

export type Answer =
  | { kind: 'progress'; fraction: number }
  | { kind: 'done'; outcome: Outcome }
  | { kind: 'cannot'; reason: string }
  | { kind: 'failed'; message: string };

/** What a worker's global scope has of the window's. */
const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<Question>) => void;
  postMessage: (answer: Answer, transfer?: Transferable[]) => void;
};

thread.onmessage = ({ data: { block, operation, rules } }) => {
  try {
    const outcome = outcomeOf(block, operation, rules, (fraction) =>
      thread.postMessage({ kind: 'progress', fraction }),
    );
    const { before, after, gained, lost } = outcome;
    const buffers = [before.buffer, after.buffer, gained.buffer, lost.buffer];
    thread.postMessage({ kind: 'done', outcome }, buffers);
  } catch (error) {
    if (error instanceof CannotDoError) thread.postMessage({ kind: 'cannot', reason: error.message });
    else thread.postMessage({ kind: 'failed', message: String(error) });
  }
};
