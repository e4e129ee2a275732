import type { Project } from '../api';

const KEY = 'ninefold.project';

/** Keeps the project that was open last, for the next visit. */
export function rememberProject(slug: string): void {
  window.localStorage.setItem(KEY, slug);
}

/** The project that was open last, or the first one. */
export function lastProject(projects: readonly Project[]): Project | undefined {
  const slug = window.localStorage.getItem(KEY);
  return projects.find((project) => project.slug === slug) ?? projects[0];
}
