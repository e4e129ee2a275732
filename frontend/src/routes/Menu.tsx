import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

import './menu.css';

interface MenuProps {
  trigger: ReactNode;
  side?: 'right' | 'top' | 'bottom';
  children: ReactNode;
}

/** A list of choices under a button of the rail. */
export function Menu({ trigger, side = 'right', children }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" side={side} align="end" sideOffset={8} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}

/** One choice. */
export function MenuItem({ icon, onSelect, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item className="menu-item" onSelect={onSelect}>
      <span className="menu-icon">{icon}</span>
      {children}
    </DropdownMenu.Item>
  );
}

/** A heading in a menu. */
export function MenuHead({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="menu-head">{children}</DropdownMenu.Label>;
}
