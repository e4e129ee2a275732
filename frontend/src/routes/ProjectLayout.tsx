import { useEffect } from 'react';
import { useParams } from 'react-router';

import { useProject } from '../api';
import { AppShell } from './AppShell';
import { rememberProject } from './lastProject';
import { NotFoundPage } from './NotFoundPage';

/** The shell around the pages of one project. */
export function ProjectLayout() {
  const { slug } = useParams();
  const project = useProject(slug);
  useEffect(() => {
    if (project !== undefined) rememberProject(project.slug);
  }, [project]);
  if (project === undefined) return <NotFoundPage />;
  return <AppShell key={project.slug} project={project} />;
}
