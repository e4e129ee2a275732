import {
  Box,
  Brush,
  Contrast,
  Crosshair,
  Eraser,
  Blend,
  Lasso,
  Scissors,
  Hand,
  Keyboard,
  Maximize,
  Redo2,
  Undo2,
  ZoomIn,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import { IconButton } from '../ui';
import type { ToolName } from '../viewer';
import type { Desk } from './desk';
import { hintOf } from './keys';
import { LayoutMenu } from './LayoutMenu';
import './tool-rail.css';
import { useDeskState } from './useDesk';

const TOOLS: readonly { name: ToolName; icon: LucideIcon; title: string; draws?: boolean }[] = [
  { name: 'brush', icon: Brush, title: 'Brush', draws: true },
  { name: 'eraser', icon: Eraser, title: 'Eraser', draws: true },
  { name: 'threshold', icon: Blend, title: 'Threshold brush', draws: true },
  { name: 'scissors', icon: Scissors, title: 'Scissors', draws: true },
  { name: 'contour', icon: Lasso, title: 'Contour', draws: true },
  { name: 'window', icon: Contrast, title: 'Window and level' },
  { name: 'crosshair', icon: Crosshair, title: 'Crosshair: go where you click' },
  { name: 'pan', icon: Hand, title: 'Pan' },
  { name: 'zoom', icon: ZoomIn, title: 'Zoom' },
];

/** What the left mouse button does, and what is done to the view. */
export function ToolRail({ desk, showKeys }: { desk: Desk | null; showKeys: () => void }) {
  if (desk === null) return <div className="tool-rail" />;
  return <Tools desk={desk} showKeys={showKeys} />;
}

function Tools({ desk, showKeys }: { desk: Desk; showKeys: () => void }) {
  const editable = useDeskState(desk, (state) => state.editable);
  const tool = useDeskState(desk, (state) => state.tool);
  return (
    <div className="tool-rail" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.map(({ name, icon: Icon, title, draws = false }) => (
        <IconButton
          key={name}
          label={title}
          hint={hintOf(name)}
          side="right"
          pressed={tool === name}
          disabled={draws && !editable}
          onClick={() => desk.selectTool(name)}
        >
          <Icon size={18} />
        </IconButton>
      ))}
      <hr />
      <History desk={desk} />
      <hr />
      <IconButton
        label="Fit, and reset the window"
        hint={hintOf('reset')}
        side="right"
        onClick={() => desk.resetView()}
      >
        <Maximize size={18} />
      </IconButton>
      <LayoutMenu desk={desk} />
      <SurfacesButton desk={desk} />
      <span className="tool-rail-space" />
      <IconButton label="Keys" hint={hintOf('keys')} side="right" onClick={showKeys}>
        <Keyboard size={18} />
      </IconButton>
    </div>
  );
}

function History({ desk }: { desk: Desk }) {
  const undo = useDeskState(desk, (state) => (state.editable ? state.undoTitle : null));
  const redo = useDeskState(desk, (state) => (state.editable ? state.redoTitle : null));
  return (
    <>
      <IconButton
        label={undo === null ? 'Undo' : `Undo: ${undo}`}
        hint={hintOf('undo')}
        side="right"
        disabled={undo === null}
        onClick={() => desk.undo()}
      >
        <Undo2 size={18} />
      </IconButton>
      <IconButton
        label={redo === null ? 'Redo' : `Redo: ${redo}`}
        hint={hintOf('redo')}
        side="right"
        disabled={redo === null}
        onClick={() => desk.redo()}
      >
        <Redo2 size={18} />
      </IconButton>
    </>
  );
}

function SurfacesButton({ desk }: { desk: Desk }) {
  const surfaces = useDeskState(desk, (state) => state.surfaces);
  return (
    <IconButton
      label="Surfaces in 3-D"
      hint={hintOf('surfaces')}
      side="right"
      pressed={surfaces}
      onClick={() => desk.store.setState({ surfaces: !surfaces })}
    >
      <Box size={18} />
    </IconButton>
  );
}
