import type { Desk } from './desk';
import type { CommandId } from './keys';
import { draftCommands } from './proposal/taking';
import { drawingCommands } from './drawing/drawingCommands';
import { operationCommands } from './operations/operationCommands';
import { stripCommands } from './strip/stripCommands';

type Commands = Partial<Record<CommandId, () => void>>;

const FAR = 10;

/** Commands that look, for whoever may see a case. */
export function viewCommands(desk: Desk) {
  const { viewer } = desk;
  const last = viewer.sliceCount(viewer.mainPlane) - 1;
  return {
    ...labelCommands(desk),
    ...stripCommands(desk),
    pan: () => desk.selectTool('pan'),
    zoom: () => desk.selectTool('zoom'),
    window: () => desk.selectTool('window'),
    crosshair: () => desk.selectTool('crosshair'),
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
    'zoom-in': () => desk.operations.step(1) || desk.zoom(1),
    'zoom-out': () => desk.operations.step(-1) || desk.zoom(-1),
    surfaces: () => desk.store.setState(({ surfaces }) => ({ surfaces: !surfaces })),
    'pin-curve': () => desk.curves.pin(),
    reset: () => desk.resetView(),
    cine: () => desk.cine.toggle(),
    layout: () => void desk.looking.stepLayout(),
    largest: () => desk.looking.toggleLargest(desk.state.largest ?? desk.state.hover?.pane ?? 'a'),
    lines: () => desk.looking.toggleLines(),
    'window-auto': () => desk.looking.presetWindow('auto'),
    'window-given': () => desk.looking.presetWindow('given'),
    'window-wide': () => desk.looking.presetWindow('wide'),
    'window-narrow': () => desk.looking.presetWindow('narrow'),
    'window-full': () => desk.looking.presetWindow('full'),
    'window-steady': () => desk.looking.setSteadyWindow(!desk.state.steadyWindow),
  } satisfies Commands;
}

/** Commands that draw. */
export function drawCommands(desk: Desk) {
  return {
    ...drawingCommands(desk),
    ...operationCommands(desk),
    undo: () => void desk.undo(),
    redo: () => void desk.redo(),
    lock: () => desk.toggleLocked(desk.state.label),
    ...draftCommands(desk),
  } satisfies Commands;
}

/** A digit chooses the label of that value. */
function labelCommands(desk: Desk) {
  const choose = (label: number) => () => desk.selectLabel(label);
  return {
    'label-1': choose(1),
    'label-2': choose(2),
    'label-3': choose(3),
    'label-4': choose(4),
    'label-5': choose(5),
    'label-6': choose(6),
    'label-7': choose(7),
    'label-8': choose(8),
    'label-9': choose(9),
  } satisfies Commands;
}
