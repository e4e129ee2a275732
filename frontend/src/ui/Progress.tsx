import './progress.css';
import { classes } from './classes';
import { duration } from './format';

interface ProgressProps {
  /** Share done, 0 to 1; null while unknown. */
  fraction: number | null;
  label: string;
  message?: string | undefined;
  secondsLeft?: number | null | undefined;
  tone?: 'accent' | 'good' | 'bad';
}

/** How far something is, in a bar, per cent, a sentence and the time left. */
export function Progress({ fraction, label, message, secondsLeft, tone = 'accent' }: ProgressProps) {
  const percent = fraction === null ? null : Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <div className={classes('progress', `progress-${tone}`)}>
      <div
        className={classes('progress-track', percent === null && 'progress-unknown')}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? undefined}
      >
        <div className="progress-fill" style={{ width: `${percent ?? 30}%` }} />
      </div>
      <div className="progress-words">
        <span className="progress-message">{message}</span>
        <span>
          {percent !== null && `${percent} %`}
          {secondsLeft !== null && secondsLeft !== undefined && ` · ${duration(secondsLeft)} left`}
        </span>
      </div>
    </div>
  );
}
