import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';

import './select.css';
import { Swatch } from './Swatch';

export interface SelectOption {
  value: string;
  label: string;
  note?: string;
  /** Of a label. */
  colour?: string;
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly SelectOption[];
  onChange: (value: string) => void;
  disabled?: boolean;
}

/** One of a few values. `label` is its name for screen readers. */
export function Select({ label, value, options, onChange, disabled = false }: SelectProps) {
  return (
    <Radix.Root value={value} onValueChange={onChange} disabled={disabled}>
      <Radix.Trigger className="select" aria-label={label}>
        <Radix.Value />
        <Radix.Icon>
          <ChevronDown size={14} />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="select-list" position="popper" sideOffset={4}>
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item key={option.value} value={option.value} className="select-option">
                <span className="select-check">
                  <Radix.ItemIndicator>
                    <Check size={14} />
                  </Radix.ItemIndicator>
                </span>
                <span>
                  <Radix.ItemText>
                    {option.colour !== undefined && <Swatch colour={option.colour} />} {option.label}
                  </Radix.ItemText>
                  {option.note !== undefined && <small>{option.note}</small>}
                </span>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
