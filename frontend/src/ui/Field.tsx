import { useId } from 'react';
import type { InputHTMLAttributes } from 'react';

import './field.css';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
}

/** A line of text with its name above. */
export function Field({ label, ...attributes }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} {...attributes} />
    </div>
  );
}
