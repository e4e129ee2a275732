import './spinner.css';
import { classes } from './classes';

/** Something is under way; `label` says what to a screen reader. */
export function Spinner({ size = 16, label }: { size?: number; label?: string }) {
  return (
    <span
      className="spinner"
      style={{ width: size, height: size }}
      role={label === undefined ? undefined : 'status'}
      aria-label={label}
      aria-hidden={label === undefined}
    />
  );
}

/** A place that will be filled, so that nothing jumps when it is. */
export function Skeleton({ width, height = 16, className }: SkeletonProps) {
  return <span className={classes('skeleton', className)} style={{ width: width ?? '100%', height }} />;
}

interface SkeletonProps {
  width?: number | string;
  height?: number | string;
  className?: string;
}
