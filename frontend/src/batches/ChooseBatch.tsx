import { Dices } from 'lucide-react';
import { useState } from 'react';

import type { Strategies, StrategyOffer, Wish } from '../api';
import { Button, Card, classes, EmptyState, Field, IconButton, Notice, plural, Tooltip } from '../ui';

const SHARES = [0.1, 0.2, 0.3, 0.5];
const MOST_SEEDS = 1_000_000;

interface ChooseBatchProps {
  offer: Strategies;
  busy: boolean;
  onPreview: (wish: Wish) => void;
  /** The wish has changed: what is shown of an earlier one does not hold any more. */
  onChange: () => void;
}

/** The form: a strategy with what it is good for, how many cases, how many of them by lot. */
export function ChooseBatch({ offer, busy, onPreview, onChange }: ChooseBatchProps) {
  const [wish, setWish] = useState<Wish>(() => firstWish(offer));
  if (offer.cases === 0) {
    return (
      <Card title="Choose">
        <EmptyState title="No case waits">
          Every case of the pool is begun or done. Import more first.
        </EmptyState>
      </Card>
    );
  }
  const change = (part: Partial<Wish>) => {
    setWish({ ...wish, ...part });
    onChange();
  };
  const valid = Number.isInteger(wish.size) && wish.size >= 2 && wish.size <= 500;
  return (
    <Card title="Choose" className="choose">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) onPreview(wish);
        }}
      >
        <p className="muted">
          {plural(offer.cases, 'case')} of {plural(offer.patients, 'patient')} wait.
        </p>
        {offer.model === null && (
          <Notice>
            No model has seen the cases yet. Until the first round has drafted them, chance and age alone can
            choose.
          </Notice>
        )}
        <StrategyList
          offers={offer.strategies}
          total={offer.cases}
          chosen={wish.strategy}
          onChoose={(strategy) => change({ strategy })}
        />
        <div className="choose-numbers">
          <Field
            label="Cases"
            type="number"
            min={2}
            max={500}
            value={Number.isNaN(wish.size) ? '' : wish.size}
            onChange={(event) => change({ size: event.target.valueAsNumber })}
          />
          <div className="choose-seed">
            <Field
              label="Seed"
              type="number"
              min={0}
              value={wish.seed}
              onChange={(event) => change({ seed: Math.max(0, Math.round(event.target.valueAsNumber || 0)) })}
            />
            <IconButton label="Another seed" onClick={() => change({ seed: newSeed() })}>
              <Dices size={16} />
            </IconButton>
          </div>
        </div>
        {wish.strategy !== 'random' && (
          <fieldset className="shares">
            <legend>Drawn by lot, one case at least</legend>
            {SHARES.map((share) => (
              <label key={share} className={classes('share', share === wish.random_share && 'share-on')}>
                <input
                  type="radio"
                  name="share"
                  checked={share === wish.random_share}
                  onChange={() => change({ random_share: share })}
                />
                {share * 100} %
              </label>
            ))}
          </fieldset>
        )}
        <Button kind="primary" type="submit" busy={busy} disabled={!valid}>
          Preview
        </Button>
        {!valid && <p className="muted">A batch takes 2 to 500 cases.</p>}
      </form>
    </Card>
  );
}

interface StrategyListProps {
  offers: readonly StrategyOffer[];
  total: number;
  chosen: string;
  onChoose: (strategy: Wish['strategy']) => void;
}

function StrategyList({ offers, total, chosen, onChoose }: StrategyListProps) {
  return (
    <fieldset className="strategies">
      <legend>Strategy</legend>
      {offers.map((offer) => (
        <StrategyRow
          key={offer.strategy}
          offer={offer}
          total={total}
          on={offer.strategy === chosen}
          onChoose={onChoose}
        />
      ))}
    </fieldset>
  );
}

interface StrategyRowProps {
  offer: StrategyOffer;
  total: number;
  on: boolean;
  onChoose: StrategyListProps['onChoose'];
}

/** Its name; what it is good for shows under the chosen one, and beside the others in a tooltip. */
function StrategyRow({
  offer: { strategy, name, good_for, needs, cases },
  total,
  on,
  onChoose,
}: StrategyRowProps) {
  const row = (
    <label className={classes('strategy', on && 'strategy-on', cases === 0 && 'strategy-off')}>
      <input
        type="radio"
        name="strategy"
        value={strategy}
        checked={on}
        disabled={cases === 0}
        onChange={() => onChoose(strategy)}
      />
      <span>
        <b>{name}</b>
        {on && <small>{good_for}</small>}
        {cases === 0 && <small className="faint">Needs {needs} by the active model.</small>}
        {cases > 0 && cases < total && (
          <small className="faint">
            Knows {cases} of {total} cases.
          </small>
        )}
      </span>
    </label>
  );
  return on ? (
    row
  ) : (
    <Tooltip text={good_for} side="right">
      {row}
    </Tooltip>
  );
}

function firstWish(offer: Strategies): Wish {
  const drafted = offer.strategies.some(
    ({ strategy, cases }) => strategy === 'foreground_random' && cases > 0,
  );
  return {
    strategy: drafted ? 'foreground_random' : 'random',
    size: Math.max(2, Math.min(10, offer.patients)),
    random_share: 0.2,
    seed: newSeed(),
  };
}

function newSeed(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn % MOST_SEEDS;
}
