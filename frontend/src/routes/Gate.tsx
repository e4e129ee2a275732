import { Outlet } from 'react-router';

import { useSession } from '../api';
import { ErrorState } from '../ui';
import { PageWait } from './PageWait';
import { SignInAgain } from './SignInAgain';
import { SignInPage } from './SignInPage';

/** Lets who is signed in through; asks everybody else to sign in. */
export function Gate() {
  const session = useSession();
  if (session.isPending) return <PageWait />;
  if (session.isError) return <ErrorState error={session.error} retry={() => void session.refetch()} />;
  if (session.data === null) return <SignInPage />;
  return (
    <>
      <Outlet />
      <SignInAgain />
    </>
  );
}
