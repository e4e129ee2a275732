/** What is drawn over a pane by hand: the brush's tip, and outlines before they become voxels. */

const SVG = 'http://www.w3.org/2000/svg';

export class Overlay {
  private readonly svg = document.createElementNS(SVG, 'svg');
  private readonly outline = part('path', 'drawing-outline');
  private readonly tip = part('circle', 'drawing-tip');
  private readonly knots = part('g', 'drawing-knots');
  readonly canvas = document.createElement('canvas');

  constructor(private readonly element: HTMLDivElement) {
    this.svg.classList.add('drawing-overlay');
    this.canvas.classList.add('drawing-highlight');
    this.svg.append(this.outline, this.knots, this.tip);
    element.append(this.canvas, this.svg);
  }

  /** Show the tip of a brush, in CSS pixels; erasing: drawn with a broken line. */
  showTip(x: number, y: number, radius: number, colour: string, erasing: boolean): void {
    set(this.tip, { cx: x, cy: y, r: Math.max(radius, 1), stroke: colour, visibility: 'visible' });
    this.tip.classList.toggle('drawing-tip-erasing', erasing);
  }

  hideTip(): void {
    set(this.tip, { visibility: 'hidden' });
  }

  /** Show an outline through points in CSS pixels, filled where it is closed. */
  showOutline(points: readonly (readonly [number, number])[], colour: string, closed: boolean): void {
    const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
    set(this.outline, {
      d: path + (closed && path ? 'Z' : ''),
      stroke: colour,
      fill: closed ? colour : 'none',
    });
  }

  /** Show the points of an outline that were set by hand. */
  showKnots(points: readonly (readonly [number, number])[], colour: string): void {
    while (this.knots.childElementCount > points.length) this.knots.lastChild?.remove();
    while (this.knots.childElementCount < points.length) this.knots.append(part('circle', 'drawing-knot'));
    points.forEach(([x, y], i) => {
      const knot = this.knots.children[i];
      if (knot) set(knot, { cx: x, cy: y, r: i === 0 ? 5 : 4, fill: colour });
    });
  }

  clearOutline(): void {
    this.showOutline([], '#ffffff', false);
    this.showKnots([], '#ffffff');
  }

  /** How the pointer looks over the pane; none where the tip stands for it. */
  setCursor(cursor: 'none' | 'crosshair' | null): void {
    this.element.classList.toggle('drawing-no-cursor', cursor === 'none');
    this.element.classList.toggle('drawing-crosshair', cursor === 'crosshair');
  }

  remove(): void {
    this.setCursor(null);
    this.svg.remove();
    this.canvas.remove();
  }
}

function part(name: 'path' | 'circle' | 'g', kind: string): SVGElement {
  const made = document.createElementNS(SVG, name);
  made.classList.add(kind);
  return made;
}

function set(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
