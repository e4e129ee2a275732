import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

import './pick-menu.css';

export interface Pick {
  value: string;
  label: string;
  /** What is to be known of it, such as that it is not made yet. */
  note?: string;
}

export interface PickGroup {
  title: string;
  picks: readonly Pick[];
  value: string;
  onPick: (value: string) => void;
}

interface PickMenuProps {
  /** Name for screen readers. */
  label: string;
  trigger: ReactNode;
  groups: readonly PickGroup[];
  testId?: string;
  side?: 'bottom' | 'right';
  className?: string;
}

/** A small button that opens groups of choices, one of each group being chosen. */
export function PickMenu({ label, trigger, groups, testId, side = 'bottom', className }: PickMenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className={className ?? 'pick-trigger'} aria-label={label} data-testid={testId}>
        {trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="pick-list"
          align="start"
          side={side}
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => event.preventDefault()} // keys belong to the editor again
        >
          {groups
            .filter(({ picks }) => picks.length > 0)
            .map((group) => (
              <DropdownMenu.RadioGroup key={group.title} value={group.value} onValueChange={group.onPick}>
                <DropdownMenu.Label className="pick-title">{group.title}</DropdownMenu.Label>
                {group.picks.map((pick) => (
                  <DropdownMenu.RadioItem
                    key={pick.value}
                    value={pick.value}
                    className="pick"
                    data-pick={pick.value}
                  >
                    <span className="pick-check">
                      <DropdownMenu.ItemIndicator>
                        <Check size={14} />
                      </DropdownMenu.ItemIndicator>
                    </span>
                    <span>{pick.label}</span>
                    {pick.note !== undefined && <small>{pick.note}</small>}
                  </DropdownMenu.RadioItem>
                ))}
              </DropdownMenu.RadioGroup>
            ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
