import { create } from 'zustand';

interface SignedOut {
  /** The session ended while a page was open. */
  expired: boolean;
  expire: () => void;
  restore: () => void;
}

/** Whether to ask for the password in place, over the page that is kept. */
export const useSignedOut = create<SignedOut>()((set) => ({
  expired: false,
  expire: () => set({ expired: true }),
  restore: () => set({ expired: false }),
}));

/** Calls `act` each time the user has signed in again after the session had ended. Returns the way to stop it. */
export function onSessionRestored(act: () => void): () => void {
  return useSignedOut.subscribe((now, before) => {
    if (before.expired && !now.expired) act();
  });
}
