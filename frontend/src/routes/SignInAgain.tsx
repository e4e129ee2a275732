import { useSession, useSignedOut } from '../api';
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
  if (user === undefined) return null;
  return (
    <Dialog
      open={expired}
      onClose={restore}
      title="Your session has ended"
      description="Sign in again to go on. This page keeps what you were doing."
    >
      <SignInForm key={String(expired)} knownName={user.username} />
      <Button kind="quiet" size="small" onClick={() => signOut.mutate(undefined, { onSettled: restore })}>
        I am not {user.display_name}
      </Button>
    </Dialog>
  );
}
