const SHADES = [0.35, 0.55, 0.35, 0.55, 1, 0.75, 0.35, 0.75, 0.55];

/** Nine fields: the mark of the product. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      {SHADES.map((opacity, n) => (
        <rect
          key={n}
          x={(n % 3) * 7}
          y={Math.floor(n / 3) * 7}
          width={6}
          height={6}
          rx={1.5}
          fill="var(--accent)"
          opacity={opacity}
        />
      ))}
    </svg>
  );
}
