import { useEffect } from 'react';

import { api, call, useSession, useSignedOut } from '../api';
import { useSignOut } from '../api/session';
import { Button, Dialog } from '../ui';
import './sign-in.css';
import { SignInForm } from './SignInForm';

/** Asks for the password over the page when the session has ended; the page and what is on it stay. */
export function SignInAgain() {
  const expired = useSignedOut((state) => state.expired);
  const restore = useSignedOut((state) => state.restore);
  const session = useSession();
  const signOut = useSignOut();
  const user = session.data?.user;
  useSignedInElsewhere(expired, user?.id);
  if (user === undefined) return null;
  return (
    <Dialog
      open={expired}
      onClose={restore}
      title="Your session has ended"
      description={`Sign in again as ${user.display_name} to go on. This page keeps what you were doing.`}
    >
      <SignInForm key={String(expired)} knownName={user.username} />
      <p className="muted">
        Somebody else has to open the page anew. What {user.display_name} has not saved stays in this browser
        for {user.display_name} alone.
      </p>
      <Button kind="quiet" size="small" onClick={() => signOut.mutate(undefined, { onSettled: restore })}>
        I am not {user.display_name}
      </Button>
    </Dialog>
  );
}

/** Tabs share one session: signing in again in another tab is enough. */
function useSignedInElsewhere(expired: boolean, userId: number | undefined): void {
  const restore = useSignedOut((state) => state.restore);
  useEffect(() => {
    if (!expired) return undefined;
    const look = (): void => {
      call(api.GET('/api/session')).then(
        ({ user }) => {
          if (user.id === userId) restore();
        },
        () => undefined, // still signed out
      );
    };
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, [expired, userId, restore]);
}
