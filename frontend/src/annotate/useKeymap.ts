import { useEffect } from 'react';
import { useStore } from 'zustand';

import { useSession } from '../api';
import { type KeyChanges, keymap, openKeymap } from './keymap';

/** The keys that the signed-in person has changed; a page that calls this shows its hints anew when they change. */
export function useKeymap(): KeyChanges {
  const user = useSession().data?.user.id;
  useEffect(() => {
    if (user !== undefined) openKeymap(user);
  }, [user]);
  return useStore(keymap, (state) => state.changes);
}
