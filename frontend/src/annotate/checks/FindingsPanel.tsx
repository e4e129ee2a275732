import { RefreshCw, X } from 'lucide-react';
import { useEffect } from 'react';

import type { Label } from '../../api';
import { Button, IconButton, Spinner } from '../../ui';
import { hintOf } from '../keys';
import type { Saving } from '../saving';
import { useSavingState } from '../useSaving';
import './checks.css';
import { FindingList } from './FindingList';
import type { Checking } from './useChecking';

interface PanelProps {
  checking: Checking;
  saving: Saving;
  labels: readonly Label[];
  submit: () => void;
}

/** The findings over the pictures, to be worked through while drawing. */
export function FindingsPanel({ checking, saving, labels, submit }: PanelProps) {
  const { report, busy, show } = checking;
  const revision = useSavingState(saving, (state) => state.revision);
  const isOld = report !== null && revision !== report.revision;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) show(false);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [show]);
  return (
    <section className="findings-panel" aria-label="Findings" data-testid="findings">
      <header>
        <h2>Findings</h2>
        {busy && <Spinner size={14} label="Checking" />}
        <span className="findings-space" />
        <IconButton
          label="Check again"
          hint={hintOf('check')}
          disabled={busy}
          onClick={() => void checking.run().catch(shown)}
        >
          <RefreshCw size={15} />
        </IconButton>
        <IconButton label="Close the findings" hint="Esc" onClick={() => show(false)}>
          <X size={16} />
        </IconButton>
      </header>
      <div className="findings-body">
        {checking.failure !== null && <p className="finding-error">{checking.failure.message}</p>}
        {report?.findings.length === 0 && <p>Nothing was found. The case can go to review.</p>}
        {report !== null && (
          <FindingList findings={report.findings} labels={labels} stop={checking.stop} goTo={checking.goTo} />
        )}
      </div>
      <footer>
        <span className="faint">
          {isOld ? 'You have drawn since; check again.' : `Next: ${hintOf('next-finding')}`}
        </span>
        <Button size="small" onClick={submit}>
          Submit
        </Button>
      </footer>
    </section>
  );
}

/** The panel shows why a check failed. */
const shown = (): void => undefined;
