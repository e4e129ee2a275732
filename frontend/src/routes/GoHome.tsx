import { FolderLock } from 'lucide-react';
import { Navigate } from 'react-router';

import { useSession } from '../api';
import { useSignOut } from '../api/session';
import { Button, EmptyState } from '../ui';
import { lastProject } from './lastProject';

/** `/` leads to the worklist of the project that was open last. */
export function GoHome() {
  const session = useSession();
  const signOut = useSignOut();
  const project = lastProject(session.data?.projects ?? []);
  if (project !== undefined) return <Navigate to={`/projects/${project.slug}/worklist`} replace />;
  return (
    <EmptyState
      icon={<FolderLock size={24} />}
      title="You are in no project yet"
      action={<Button onClick={() => signOut.mutate()}>Sign out</Button>}
    >
      Ask a manager to add you to one, then load this page again.
    </EmptyState>
  );
}
