import { CONTOURS, SHAPES } from '../../viewer';
import type { Desk } from '../desk';

/** Commands of the tools that draw. A second press of a tool's key takes its next kind. */
export function drawingCommands(desk: Desk) {
  const { drawing } = desk;
  const next = <Kind>(kinds: readonly Kind[], now: Kind): Kind =>
    kinds[(kinds.indexOf(now) + 1) % kinds.length] ?? now;
  return {
    brush: () => desk.selectTool('brush'),
    eraser: () => desk.selectTool('eraser'),
    threshold: () => desk.selectTool('threshold'),
    scissors: () => {
      if (desk.state.tool === 'scissors') drawing.set({ shape: next(SHAPES, desk.state.drawing.shape) });
      else desk.selectTool('scissors');
    },
    contour: () => {
      if (desk.state.tool === 'contour') drawing.set({ contour: next(CONTOURS, desk.state.drawing.contour) });
      else desk.selectTool('contour');
    },
    ball: () => drawing.toggleBall(),
    smaller: () => desk.stepBrush(-1),
    larger: () => desk.stepBrush(1),
  };
}
