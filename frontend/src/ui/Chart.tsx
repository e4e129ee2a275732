import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import './chart.css';

export interface ChartLine {
  name: string;
  colour: string;
  values: (number | null)[];
  dashed?: boolean;
}

interface ChartProps {
  label: string;
  x: number[];
  xName: string;
  lines: readonly ChartLine[];
  height?: number;
  /** Fixed ends of the value axis; without them it follows the lines. */
  range?: [number, number];
  digits?: number;
  /** Dots at the values, for few points. */
  dots?: boolean;
}

function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axis(): uPlot.Axis {
  const grid = { stroke: cssColour('--line'), width: 1 };
  return {
    stroke: cssColour('--text-faint'),
    grid,
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
}

function optionsOf(
  props: ChartProps,
  width: number,
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const { lines, height = 200, range, dots = false } = props;
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { x: { time: false }, y: range === undefined ? {} : { range } },
    axes: [
      { ...axis(), size: 28, incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 500] },
      { ...axis(), size: 44 },
    ],
    series: [
      {},
      ...lines.map(({ name, colour, dashed }) => ({
        label: name,
        stroke: colour,
        width: 2,
        spanGaps: true,
        points: { show: dots, size: 6, fill: colour },
        ...(dashed === true ? { dash: [5, 4] } : {}),
      })),
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}

/** Lines over one axis, with a legend that reads the values under the pointer, or the last ones. */
export function Chart(props: ChartProps) {
  const { label, x, xName, lines, height = 200, digits = 3 } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  const [hovered, setHovered] = useState<number | null>(null);
  const shape = lines.map(({ name, colour }) => `${name}${colour}`).join();
  useEffect(() => {
    latest.current = props;
    plot.current?.setData([props.x, ...props.lines.map(({ values }) => values)]);
  });
  useEffect(() => {
    const node = place.current;
    if (node === null) return undefined;
    const { x: xs, lines: rows } = latest.current;
    const made = new uPlot(
      optionsOf(latest.current, node.clientWidth, setHovered),
      [xs, ...rows.map(({ values }) => values)],
      node,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: node.clientWidth, height }));
    watch.observe(node);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, height]);
  const at = hovered !== null && hovered < x.length ? hovered : x.length - 1;
  return (
    <figure className="chart" aria-label={label}>
      <div ref={place} className="chart-place" style={{ height }} />
      <figcaption className="chart-legend">
        <span className="faint">
          {xName} {x[at] ?? '–'}
        </span>
        {lines.map(({ name, colour, values }) => (
          <span key={name} className="chart-key">
            <i style={{ background: colour }} />
            {name}
            <b>{values[at]?.toFixed(digits) ?? '–'}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
