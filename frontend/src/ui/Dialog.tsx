import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

import './dialog.css';
import { Button } from './Button';
import type { ButtonKind } from './Button';
import { classes } from './classes';

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  footer?: ReactNode;
  form?: 'centre' | 'drawer';
  wide?: boolean;
  children?: ReactNode;
}

/** A question or a form over the page; Escape and the cross close it. A drawer stands at the right edge. */
export function Dialog({ open, onClose, title, description, footer, ...rest }: DialogProps) {
  const { form = 'centre', wide = false, children } = rest;
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content
          className={classes('dialog', `dialog-${form}`, wide && 'dialog-wide')}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className="dialog-head">
            <Radix.Title asChild>
              <h2>{title}</h2>
            </Radix.Title>
            <Radix.Close asChild>
              {/* No tooltip: it would open with the dialog, and take the first Escape for itself. */}
              <button type="button" className="icon-button" aria-label="Close">
                <X size={16} />
              </button>
            </Radix.Close>
          </header>
          <div className="dialog-body">
            {description !== undefined && (
              <Radix.Description asChild>
                <div className="dialog-description">{description}</div>
              </Radix.Description>
            )}
            {children}
          </div>
          {footer !== undefined && <footer className="dialog-foot">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  word: string;
  kind?: ButtonKind;
  busy?: boolean;
  children: ReactNode;
}

/** Asks before something that cannot be taken back. `word` is on the button that does it. */
export function ConfirmDialog({ open, onClose, onConfirm, title, word, ...rest }: ConfirmProps) {
  const { kind = 'primary', busy = false, children } = rest;
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button kind={kind} busy={busy} onClick={onConfirm}>
        {word}
      </Button>
    </>
  );
  return <Dialog open={open} onClose={onClose} title={title} description={children} footer={footer} />;
}
