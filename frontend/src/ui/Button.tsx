import type { ButtonHTMLAttributes, ReactNode } from 'react';

import './button.css';
import { classes } from './classes';
import { Spinner } from './Spinner';
import { Tooltip } from './Tooltip';

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  size?: 'small' | 'normal' | 'large';
  icon?: ReactNode;
  busy?: boolean;
}

/** A button with a word on it. Busy shows a spinner and takes no clicks. */
export function Button({ kind = 'secondary', size = 'normal', icon, busy = false, ...rest }: ButtonProps) {
  const { className, children, disabled, ...attributes } = rest;
  return (
    <button
      type="button"
      {...attributes}
      disabled={(disabled ?? false) || busy}
      aria-busy={busy || undefined}
      className={classes('button', `button-${kind}`, `button-${size}`, className)}
    >
      {busy ? <Spinner size={14} /> : icon}
      <span>{children}</span>
    </button>
  );
}

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  hint?: string;
  pressed?: boolean;
  side?: 'top' | 'right' | 'bottom' | 'left';
  children: ReactNode;
}

/** A button with a picture on it; its name and key show in a tooltip. */
export function IconButton({ label, hint, pressed, side = 'bottom', ...rest }: IconButtonProps) {
  const { className, children, ...attributes } = rest;
  return (
    <Tooltip text={label} hint={hint} side={side}>
      <button
        type="button"
        {...attributes}
        aria-label={label}
        aria-pressed={pressed}
        className={classes('icon-button', className)}
      >
        {children}
      </button>
    </Tooltip>
  );
}
