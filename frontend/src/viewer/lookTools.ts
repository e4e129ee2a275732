/** What the mouse does in panes that are only looked at. */
import { Enums, ToolGroupManager } from '@cornerstonejs/tools';

/** cornerstone's name of the tool. */
const PAN = 'Pan';

export class LookTools {
  private readonly group: NonNullable<ReturnType<typeof ToolGroupManager.createToolGroup>>;

  constructor(
    key: string,
    private readonly engineId: string,
  ) {
    const group = ToolGroupManager.createToolGroup(`${key}/looking`);
    if (!group) throw new Error(`there is a tool group of the name ${key} already`);
    this.group = group;
    group.addTool(PAN);
    group.setToolActive(PAN, { bindings: [{ mouseButton: Enums.MouseBindings.Auxiliary }] });
  }

  attach(viewportId: string): void {
    this.group.addViewport(viewportId, this.engineId);
  }

  detach(viewportId: string): void {
    this.group.removeViewports(this.engineId, viewportId);
  }

  destroy(): void {
    ToolGroupManager.destroyToolGroup(this.group.id);
  }
}
