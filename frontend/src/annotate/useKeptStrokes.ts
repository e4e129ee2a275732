import { useEffect, useState } from 'react';

import { type Draft, readDrafts } from './drafts';

interface Where {
  userId: number;
  taskId: number;
  sliceSize: number;
}

/** Strokes of a user that only this browser has, null where there are none or nothing is kept. */
export function useKeptStrokes({ userId, taskId, sliceSize }: Where): Draft | null {
  const [draft, setDraft] = useState<Draft | null>(null);
  useEffect(() => {
    let gone = false;
    readDrafts(userId, taskId, sliceSize).then(
      ([first]) => {
        if (!gone) setDraft(first ?? null);
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [userId, taskId, sliceSize]);
  return draft;
}
