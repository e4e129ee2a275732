import { CircleDashed, Lock } from 'lucide-react';

import { Badge } from '../ui';

/** The side of the wall on which a patient stands. */
export function PartitionBadge({ partition }: { partition: string | null | undefined }) {
  if (partition === 'BENCHMARK') {
    return (
      <Badge tone="info" icon={<Lock size={12} />}>
        Benchmark
      </Badge>
    );
  }
  if (partition === 'POOL') return <Badge tone="accent">Pool</Badge>;
  return (
    <Badge tone="warn" icon={<CircleDashed size={12} />}>
      Not assigned
    </Badge>
  );
}
