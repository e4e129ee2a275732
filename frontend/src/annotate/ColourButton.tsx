import { RotateCcw } from 'lucide-react';
import { Popover } from 'radix-ui';

import { Button, classes } from '../ui';
import type { LabelStyle } from '../viewer';
import { inkOn } from './colours';
import type { Desk } from './desk';
import { PALETTE } from './labelColours';

/** The number of a label in its colour; opens the choice of another one. */
export function ColourButton({ desk, label }: { desk: Desk; label: LabelStyle }) {
  const { value, name, colour } = label;
  const own = desk.display.hasOwnColour(value);
  return (
    <Popover.Root>
      <Popover.Trigger
        className="label-chip"
        style={{ background: colour, color: inkOn(colour) }}
        aria-label={`Colour of ${name}`}
        data-testid={`colour-${value}`}
      >
        {value}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="colour-choice"
          side="left"
          align="start"
          sideOffset={8}
          collisionPadding={8}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          <strong>{name}</strong>
          <div className="colour-swatches">
            {PALETTE.map((swatch) => (
              <button
                key={swatch}
                type="button"
                aria-label={swatch}
                className={classes('colour-swatch', swatch === colour && 'colour-swatch-on')}
                style={{ background: swatch }}
                onClick={() => desk.display.setColour(value, swatch)}
              />
            ))}
          </div>
          <label className="colour-own">
            Another
            <input
              type="color"
              value={colour}
              onChange={(event) => desk.display.setColour(value, event.target.value)}
            />
          </label>
          {own && (
            <Button
              size="small"
              kind="quiet"
              icon={<RotateCcw size={13} />}
              onClick={() => desk.display.setColour(value, null)}
            >
              As it came
            </Button>
          )}
          <p className="side-hint">Only you see it so, in this browser.</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
