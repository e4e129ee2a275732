import { Compass } from 'lucide-react';
import { Link } from 'react-router';

import { EmptyState } from '../ui';

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <EmptyState
      icon={<Compass size={24} />}
      title="There is no such page"
      action={<Link to="/">To the worklist</Link>}
    >
      The address may be mistyped, or you are not a member of its project.
    </EmptyState>
  );
}
