import { useEffect } from 'react';

import type { Operations } from './operations';

/** Enter accepts what an operation shows, Escape leaves it, before anybody else hears of the key. */
export function usePreviewKeys(operations: Operations): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      if (target instanceof HTMLElement && target.closest('[role="dialog"], [role="listbox"]')) return;
      const taken =
        event.key === 'Escape'
          ? operations.escape()
          : event.key === 'Enter' && !event.ctrlKey && operations.state.preview !== null;
      if (!taken) return;
      if (event.key === 'Enter') operations.accept();
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener('keydown', press, { capture: true });
    return () => window.removeEventListener('keydown', press, { capture: true });
  }, [operations]);
}
