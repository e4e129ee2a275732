import { LogOut } from 'lucide-react';

import { explain, useSession } from '../api';
import type { Project } from '../api';
import { useSignOut } from '../api/session';
import { toast } from '../ui';
import { Menu, MenuHead, MenuItem } from './Menu';

function initials(name: string): string {
  const words = name.replace(/^Dr\.?\s+/i, '').split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.charAt(0).toUpperCase() ?? '')
    .join('');
}

/** Who is signed in, in which part, and the way out. */
export function UserMenu({ project }: { project: Project }) {
  const user = useSession().data?.user;
  const signOut = useSignOut();
  if (user === undefined) return null;
  const leave = () => signOut.mutate(undefined, { onError: (error) => toast.bad(explain(error).title) });
  const trigger = (
    <button type="button" className="rail-user" aria-label={`Account of ${user.display_name}`}>
      <span className="rail-avatar">{initials(user.display_name)}</span>
      <span className="rail-word">
        {user.display_name}
        <small>{project.role}</small>
      </span>
    </button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuHead>
        <strong>{user.display_name}</strong>
        {user.username} · {project.role}
      </MenuHead>
      <MenuItem icon={<LogOut size={16} />} onSelect={leave}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
