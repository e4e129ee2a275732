import { Check, ChevronsUpDown, FolderOpen } from 'lucide-react';
import { useNavigate } from 'react-router';

import { useSession } from '../api';
import type { Project } from '../api';
import { Menu, MenuHead, MenuItem } from './Menu';

/** The project's name; with more than one, a menu to change it. */
export function ProjectSwitcher({ project }: { project: Project }) {
  const projects = useSession().data?.projects ?? [];
  const navigate = useNavigate();
  if (projects.length < 2) {
    return (
      <div className="rail-project" title={project.name}>
        <FolderOpen size={18} aria-hidden="true" />
        <span className="rail-word">{project.name}</span>
      </div>
    );
  }
  const trigger = (
    <button
      type="button"
      className="rail-project"
      title={project.name}
      aria-label={`Project: ${project.name}`}
    >
      <FolderOpen size={18} aria-hidden="true" />
      <span className="rail-word">{project.name}</span>
      <ChevronsUpDown size={14} className="rail-word" aria-hidden="true" />
    </button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuHead>Projects</MenuHead>
      {projects.map((other) => (
        <MenuItem
          key={other.slug}
          icon={other.slug === project.slug && <Check size={16} />}
          onSelect={() => void navigate(`/projects/${other.slug}/worklist`)}
        >
          {other.name}
        </MenuItem>
      ))}
    </Menu>
  );
}
