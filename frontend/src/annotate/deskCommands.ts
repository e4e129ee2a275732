import type { Desk } from './desk';
import type { CommandId } from './keys';
import type { Commands } from './useEditorKeys';

const FAR = 10;

/** Commands that look, for whoever may see a case. */
export function viewCommands(desk: Desk): Commands {
  const { viewer } = desk;
  const last = viewer.sliceCount(viewer.mainPlane) - 1;
  return {
    pan: () => desk.selectTool('pan'),
    zoom: () => desk.selectTool('zoom'),
    window: () => desk.selectTool('window'),
    visible: () => desk.toggleVisible(desk.state.label),
    solo: () => desk.toggleSolo(desk.state.label),
    overlay: () => desk.toggleAllVisible(),
    outline: () => desk.stepStyle(),
    'next-slice': () => desk.stepSlice(1),
    'previous-slice': () => desk.stepSlice(-1),
    'far-next-slice': () => desk.stepSlice(FAR),
    'far-previous-slice': () => desk.stepSlice(-FAR),
    'first-slice': () => desk.setSlice(0),
    'last-slice': () => desk.setSlice(last),
    'next-phase': () => void desk.stepPhase(1),
    'previous-phase': () => void desk.stepPhase(-1),
    'zoom-in': () => desk.zoom(1),
    'zoom-out': () => desk.zoom(-1),
    reset: () => desk.resetView(),
    layout: () => void desk.setLayout(desk.state.layout === 'one' ? 'three' : 'one'),
  };
}

/** Commands that a reader of a case has no use for. */
export const DRAWING: ReadonlySet<CommandId> = new Set([
  'brush',
  'eraser',
  'smaller',
  'larger',
  'undo',
  'redo',
  'lock',
]);

/** Commands that draw. */
export function drawCommands(desk: Desk): Commands {
  return {
    brush: () => desk.selectTool('brush'),
    eraser: () => desk.selectTool('eraser'),
    smaller: () => desk.stepBrush(-1),
    larger: () => desk.stepBrush(1),
    undo: () => desk.undo(),
    redo: () => desk.redo(),
    lock: () => desk.toggleLocked(desk.state.label),
  };
}
