import { classes } from '../ui';
import { signed } from './scores';

/** A change in a score, green when up and red when down. */
export function Delta({ value }: { value: number | null }) {
  if (value === null) return null;
  const flat = Math.abs(value) < 0.0005;
  return (
    <span className={classes('delta', !flat && (value > 0 ? 'delta-up' : 'delta-down'))}>
      {signed(value)}
    </span>
  );
}
