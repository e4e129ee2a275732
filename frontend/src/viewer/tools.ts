/** What the mouse does in the panes. */
import { Enums, ToolGroupManager } from '@cornerstonejs/tools';

import { DRAW_TOOLS } from './drawing';

export const TOOLS = [...DRAW_TOOLS, 'pan', 'zoom', 'window', 'crosshair'] as const;
export type ToolName = (typeof TOOLS)[number];

/** cornerstone's name of each tool; drawing, windows and crosshairs are our own. */
const INSTANCE = {
  pan: 'Pan',
  zoom: 'Zoom',
} as const satisfies Partial<Record<ToolName, string>>;

type MouseTool = keyof typeof INSTANCE;
const MOUSE_TOOLS = Object.keys(INSTANCE) as MouseTool[];

const { Primary, Auxiliary } = Enums.MouseBindings;

/** All three buttons, which nobody presses at once: what the left button is given as when a press must not wait. */
export const AT_ONCE = Enums.MouseBindings.Primary_And_Secondary_And_Auxiliary;

/** The tool keeps its gesture on another button while the left one is free for something else. */
const ALWAYS: Partial<Record<MouseTool, Enums.MouseBindings>> = { pan: Auxiliary };

export class Tools {
  private readonly group: NonNullable<ReturnType<typeof ToolGroupManager.createToolGroup>>;
  private active: ToolName | null = null;

  constructor(
    key: string,
    private readonly engineId: string,
  ) {
    const group = ToolGroupManager.createToolGroup(`${key}/tools`);
    if (!group) throw new Error(`there is a tool group of the name ${key} already`);
    this.group = group;
    for (const name of MOUSE_TOOLS) group.addTool(INSTANCE[name]);
  }

  attach(viewportId: string): void {
    this.group.addViewport(viewportId, this.engineId);
  }

  detach(viewportId: string): void {
    this.group.removeViewports(this.engineId, viewportId);
  }

  /** Give a tool the left button. */
  select(tool: ToolName): void {
    this.active = tool;
    for (const name of MOUSE_TOOLS) if (name !== tool) this.rest(name);
    if (!isMouseTool(tool)) return;
    const bindings = [{ mouseButton: Primary }, { mouseButton: AT_ONCE }, ...held(tool)];
    this.group.setToolActive(INSTANCE[tool], { bindings });
  }

  get selected(): ToolName | null {
    return this.active;
  }

  destroy(): void {
    ToolGroupManager.destroyToolGroup(this.group.id);
  }

  private rest(name: MouseTool): void {
    this.group.setToolPassive(INSTANCE[name], { removeAllBindings: true });
    const bindings = held(name);
    if (bindings.length > 0) this.group.setToolActive(INSTANCE[name], { bindings });
  }
}

function held(name: MouseTool): { mouseButton: Enums.MouseBindings }[] {
  const button = ALWAYS[name];
  return button === undefined ? [] : [{ mouseButton: button }];
}

const isMouseTool = (tool: ToolName): tool is MouseTool => tool in INSTANCE;
