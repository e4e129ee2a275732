/** The tool, the label and the size with which is drawn. */
import type { ToolName } from '../viewer';
import { isDrawTool } from './drawing/options';
import type { DeskState } from './deskState';
import type { DeskBase } from './parts';
import { writePreferences } from './preferences';

export const BRUSH_STEP = 1.15;
const BRUSH_MAX_MM = 80;

export class ToolChoice {
  constructor(private readonly desk: DeskBase) {}

  private get state(): DeskState {
    return this.desk.store.getState();
  }

  selectTool(tool: ToolName): void {
    if (!this.state.editable && isDrawTool(tool)) return;
    this.desk.store.setState({ tool });
    this.desk.viewer.selectTool(tool);
  }

  setBrush(mm: number): void {
    const finest = Math.max(...this.desk.viewer.grid.spacingZyxMm.slice(1));
    const brushMm = Math.round(Math.min(Math.max(mm, finest), BRUSH_MAX_MM) * 10) / 10;
    this.desk.store.setState({ brushMm });
    writePreferences({ brushMm });
  }

  /** Make the brush larger (positive) or smaller. */
  stepBrush(steps: number): void {
    this.setBrush(this.state.brushMm * BRUSH_STEP ** steps);
  }

  selectLabel(label: number): void {
    if (!this.desk.labels.some(({ value }) => value === label)) return;
    this.desk.store.setState({ label });
    this.desk.viewer.mask.setActive(label);
    const { editable, tool } = this.state;
    if (editable && (tool === 'eraser' || !isDrawTool(tool))) this.selectTool('brush');
  }

  /** Give the viewer what was chosen before it was there. */
  apply(): void {
    const { tool, label } = this.state;
    this.desk.viewer.mask.setActive(label);
    this.desk.viewer.selectTool(tool);
  }
}
