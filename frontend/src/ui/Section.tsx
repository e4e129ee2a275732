import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';

import { classes } from './classes';
import './section.css';

interface SectionProps {
  /** Names the section where its state is remembered. */
  id: string;
  title: string;
  /** Whether it is open where nobody has chosen yet. */
  open?: boolean;
  /** What stands at the right of the title, seen also while the section is closed. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of a side panel that folds; the browser remembers whether it was open. */
export function Section({ id, title, open: first = true, aside, children }: SectionProps) {
  const [open, setOpen] = useState(() => remembered()[id] ?? first);
  const body = useId();
  const toggle = (): void => {
    setOpen(!open);
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), [id]: !open }));
  };
  return (
    <section className={classes('section', open && 'section-open')} data-section={id}>
      <header className="section-head">
        <h3>
          <button
            type="button"
            className="section-title"
            aria-expanded={open}
            aria-controls={body}
            onClick={toggle}
          >
            <ChevronRight size={14} aria-hidden="true" />
            {title}
          </button>
        </h3>
        {aside}
      </header>
      <div id={body} className="section-body" hidden={!open}>
        {open && children}
      </div>
    </section>
  );
}

const KEY = 'ninefold.sections';

function remembered(): Record<string, boolean> {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Record<string, boolean>;
  } catch {
    return {}; // what is stored is not ours to read, and nothing depends on it
  }
}
