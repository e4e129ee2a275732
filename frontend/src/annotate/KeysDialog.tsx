import { Dialog, KeyHint } from '../ui';
import './keys-dialog.css';
import { COMMANDS, GESTURES, printed } from './keys';

const GROUPS = [...new Set(COMMANDS.map(({ group }) => group))];

/** Every key and gesture of the editor. */
export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys and mouse" wide>
      <div className="keys-columns">
        <KeyGroup title="Mouse" rows={GESTURES.map(({ keys, title }) => ({ keys: [keys], title }))} />
        {GROUPS.map((group) => (
          <KeyGroup
            key={group}
            title={group}
            rows={[
              ...(group === 'Labels' ? [{ keys: ['1 – 9'], title: 'Draw with the label' }] : []),
              ...COMMANDS.filter((command) => command.group === group).map(({ keys, title }) => ({
                keys: keys.map(printed),
                title,
              })),
            ]}
          />
        ))}
      </div>
    </Dialog>
  );
}

function KeyGroup({ title, rows }: { title: string; rows: { keys: string[]; title: string }[] }) {
  return (
    <section className="keys-group">
      <h3>{title}</h3>
      <dl>
        {rows.map((row) => (
          <div key={row.title}>
            <dt>{row.title}</dt>
            <dd>
              {row.keys.map((keys) => (
                <KeyHint key={keys} keys={keys} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
