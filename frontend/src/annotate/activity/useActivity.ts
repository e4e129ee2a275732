import { useEffect } from 'react';

import { apiFetch } from '../../api';
import { newKey } from '../newKey';
import { ActiveClock, type Stretch } from './activity';

const REPORT_MS = 60_000;
/** Input that shows a hand at work. */
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/** A report that the server may not have yet: sent again under its key until it has. */
interface Report extends Stretch {
  key: string;
  ended: number;
}

/** Tells the server how long the user is active on a task, while the page is open and once as it goes. */
export function useActivity(taskId: number, counts: boolean): void {
  useEffect(() => {
    if (!counts) return undefined;
    const clock = new ActiveClock(performance.now());
    const stop = new AbortController();
    const options = { signal: stop.signal, passive: true, capture: true };
    const waiting = new Set<Report>();
    const report = (): void => {
      const now = performance.now();
      const stretch = clock.take(now);
      if (stretch) waiting.add({ ...stretch, key: newKey(), ended: now });
      for (const each of waiting) {
        void send(taskId, each).then((known) => known && waiting.delete(each));
      }
    };
    for (const name of INPUTS) window.addEventListener(name, () => clock.input(performance.now()), options);
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState !== 'hidden') return;
        clock.hide(performance.now());
        report();
      },
      options,
    );
    const timer = setInterval(report, REPORT_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
      report();
    };
  }, [taskId, counts]);
}

/** Whether the server has the report, or will never take it. */
async function send(taskId: number, { key, seconds, spanS, ended }: Report): Promise<boolean> {
  const agoS = Math.floor((performance.now() - ended) / 1000);
  try {
    await apiFetch(`/api/tasks/${taskId}/activity`, {
      method: 'POST',
      keepalive: true,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ key, seconds, span_s: spanS, ago_s: agoS }),
    });
    return true;
  } catch (error) {
    return isRefusal(error);
  }
}

function isRefusal(error: unknown): boolean {
  const { status } = error as { status?: number };
  return status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 429;
}
