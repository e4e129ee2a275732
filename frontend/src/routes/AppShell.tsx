import { Suspense } from 'react';
import { Link, Outlet, useLocation, useNavigation } from 'react-router';

import type { Project } from '../api';
import { UploadMark } from '../studies/UploadMark';
import { classes } from '../ui';
import { useTaskCounts } from '../worklist/queries';
import './app-shell.css';
import { can } from './currentProject';
import { Logo } from './Logo';
import { PageWait } from './PageWait';
import { PLACES } from './places';
import type { Place } from './places';
import { ProjectSwitcher } from './ProjectSwitcher';
import { UserMenu } from './UserMenu';

/** The rail at the left with what the user may open, and the page beside it. */
export function AppShell({ project }: { project: Project }) {
  const moving = useNavigation().state === 'loading';
  return (
    <div className="shell">
      <a className="shell-skip" href="#page">
        To the page
      </a>
      <nav className="rail" aria-label="Main">
        <Link to="/" className="rail-mark" aria-label="Ninefold">
          <Logo size={22} />
          <span className="rail-word">Ninefold</span>
        </Link>
        <ProjectSwitcher project={project} />
        <RailLinks project={project} />
        <UploadMark />
        <UserMenu project={project} />
      </nav>
      <main id="page" className={classes('shell-page', moving && 'shell-page-moving')} tabIndex={-1}>
        <Suspense fallback={<PageWait />}>
          <Outlet context={project} />
        </Suspense>
      </main>
    </div>
  );
}

function RailLinks({ project }: { project: Project }) {
  const counts = useTaskCounts(project.slug);
  const section = useLocation().pathname.split('/')[3] ?? '';
  const numbers: Record<string, number | undefined> = {
    review: counts.data?.to_review,
    worklist: counts.data?.mine,
  };
  return (
    <ul className="rail-links">
      {PLACES.filter((place) => can(project, place.needs)).map((place) => (
        <li key={place.path}>
          <RailLink
            place={place}
            slug={project.slug}
            active={section === place.path || (place.also ?? []).includes(section)}
            count={numbers[place.path] ?? 0}
          />
        </li>
      ))}
    </ul>
  );
}

interface RailLinkProps {
  place: Place;
  slug: string;
  active: boolean;
  count: number;
}

function RailLink({ place, slug, active, count }: RailLinkProps) {
  const Icon = place.icon;
  return (
    <Link
      to={`/projects/${slug}/${place.path}`}
      className={classes('rail-link', active && 'rail-link-active')}
      aria-current={active ? 'page' : undefined}
      title={place.name}
    >
      <Icon size={18} aria-hidden="true" />
      <span className="rail-word">{place.name}</span>
      {count > 0 && <span className="rail-count">{count}</span>}
    </Link>
  );
}
