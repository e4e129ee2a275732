import { explain } from '../api';
import { Button, Spinner } from '../ui';
import { isUnderWay } from './derived';
import type { Desk } from './desk';
import { sourceName } from './sourceNames';
import { useDeskState } from './useDesk';

/** Stands in a pane whose picture has still to be derived: an offer to make it, how it goes, or why it went wrong. */
export function PaneWaiting({ source, desk }: { source: string; desk: Desk }) {
  const derived = useDeskState(desk, (state) => state.derived);
  const failure = useDeskState(desk, (state) => state.derivedFailure);
  const offer = derived?.find(({ key }) => key === source);
  const name = sourceName(source, desk.volume.is_dce);
  if (failure !== null && failure !== undefined) {
    const { title, advice } = explain(failure);
    return (
      <Card title={title} words={advice}>
        <Button size="small" onClick={() => void desk.derived.read()}>
          Try again
        </Button>
      </Card>
    );
  }
  if (derived === null) return <Card wait title={name} words="Looking whether it is made" />;
  if (offer === undefined)
    return <Card title={name} words="This case does not have it. Choose another source above." />;
  if (isUnderWay(offer.state)) {
    return <Card wait title={`${name} is being made`} words="It shows here as soon as it is there." />;
  }
  return (
    <Card
      title={offer.state === 'failed' ? `${name} could not be made` : `${name} is not made yet`}
      words={offer.message || offer.remark || 'It is computed once for everybody, in a few seconds.'}
    >
      <Button size="small" kind="primary" onClick={() => void desk.derived.make(source)}>
        {offer.state === 'failed' ? 'Try again' : 'Make it'}
      </Button>
    </Card>
  );
}

interface CardProps {
  title: string;
  words: string;
  wait?: boolean;
  children?: React.ReactNode;
}

function Card({ title, words, wait = false, children }: CardProps) {
  return (
    <div className="pane-waiting" role="status">
      {wait && <Spinner size={18} />}
      <strong>{title}</strong>
      <p>{words}</p>
      {children}
    </div>
  );
}
