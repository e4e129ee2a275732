import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

import './tooltip.css';
import { KeyHint } from './KeyHint';

interface TooltipProps {
  text: ReactNode;
  hint?: string | undefined;
  side?: 'top' | 'right' | 'bottom' | 'left';
  children: ReactNode;
}

/** A sentence, with its key, over a control. The child must take a ref. */
export function Tooltip({ text, hint, side = 'bottom', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="tooltip" side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {hint !== undefined && hint !== '' && <KeyHint keys={hint} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Shares one opening delay among all tooltips; stands once around the application. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return <Radix.Provider delayDuration={350}>{children}</Radix.Provider>;
}
