import { Dialog, KeyHint } from '../ui';
import './keys-dialog.css';
import { COMMANDS, GESTURES, printed } from './keys';

export interface KeyRow {
  group: string;
  keys: readonly string[];
  title: string;
}

interface KeysProps {
  open: boolean;
  onClose: () => void;
  commands?: readonly KeyRow[];
}

/** Every key and gesture of the editor. */
export function KeysDialog({ open, onClose, commands = COMMANDS }: KeysProps) {
  const groups = [...new Set(commands.map(({ group }) => group))];
  return (
    <Dialog open={open} onClose={onClose} title="Keys and mouse" wide>
      <div className="keys-columns">
        <KeyGroup title="Mouse" rows={GESTURES.map(({ keys, title }) => ({ keys: [keys], title }))} />
        {groups.map((group) => (
          <KeyGroup
            key={group}
            title={group}
            rows={[
              ...(group === 'Labels' ? [{ keys: ['1 – 9'], title: 'Choose a label' }] : []),
              ...commands
                .filter((command) => command.group === group)
                .map(({ keys, title }) => ({
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
