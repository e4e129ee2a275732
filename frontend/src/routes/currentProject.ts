import { useOutletContext } from 'react-router';

import type { Project } from '../api';

export type CapabilityName =
  | 'view_cases'
  | 'draw'
  | 'review'
  | 'manage_cases'
  | 'view_rounds'
  | 'manage_rounds'
  | 'export'
  | 'view_audit';

/** Whether the user may do a thing in a project. */
export function can(project: Project, capability: CapabilityName): boolean {
  return (project.capabilities as readonly string[]).includes(capability);
}

/** The project that the address names; for pages inside the shell. */
export function useCurrentProject(): Project {
  return useOutletContext<Project>();
}
