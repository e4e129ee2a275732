import { Columns2, Grid2x2, LayoutPanelLeft, Rows2, Square } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import { PickMenu } from '../ui';
import type { Desk } from './desk';
import { hintOf } from './keys';
import { type Layout, LAYOUT_NAMES, LAYOUTS } from './layouts';
import { useDeskState } from './useDesk';

const ICONS: Record<Layout, LucideIcon> = {
  one: Square,
  three: LayoutPanelLeft,
  four: Grid2x2,
  pair: Columns2,
  compare: Rows2,
};

/** How the panes stand on the stage. */
export function LayoutMenu({ desk }: { desk: Desk }) {
  const layout = useDeskState(desk, (state) => state.layout);
  const Icon = ICONS[layout];
  return (
    <PickMenu
      label={`Layout: ${LAYOUT_NAMES[layout]}`}
      testId="layout-menu"
      side="right"
      className="icon-button"
      trigger={<Icon size={18} />}
      groups={[
        {
          title: `Layout (${hintOf('layout')} for the next)`,
          value: layout,
          picks: LAYOUTS.map((name) => ({ value: name, label: LAYOUT_NAMES[name] })),
          onPick: (name) => void desk.setLayout(name as Layout),
        },
      ]}
    />
  );
}
