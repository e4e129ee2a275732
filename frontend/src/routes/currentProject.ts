import { useOutletContext } from 'react-router';

import type { Project } from '../api';

export type CapabilityName = Project['capabilities'][number];

/** Whether the user may do a thing in a project. */
export function can(project: Project, capability: CapabilityName): boolean {
  return project.capabilities.includes(capability);
}

/** The project that the address names; for pages inside the shell. */
export function useCurrentProject(): Project {
  return useOutletContext<Project>();
}
