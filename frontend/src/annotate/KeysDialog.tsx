import { Download, Pencil, RotateCcw, Upload } from 'lucide-react';
import { useState } from 'react';

import { Button, Dialog, IconButton, KeyHint, toast } from '../ui';
import './keys-dialog.css';
import { KeyCapture } from './KeyCapture';
import { changeKeys, keymap, readChanges } from './keymap';
import { printed } from './keyPress';
import { type CommandId, commandOf, GESTURES, keysOf, type Page, ROWS, rowOf } from './keys';
import { restored } from './remap';
import { useKeymap } from './useKeymap';

interface KeysProps {
  open: boolean;
  onClose: () => void;
  /** Commands of the page. */
  ids: ReadonlySet<CommandId>;
  page?: Page;
}

/** Every key and gesture of the page, to be searched and to be changed. */
export function KeysDialog({ open, onClose, ids, page = 'annotate' }: KeysProps) {
  const [sought, setSought] = useState('');
  const [changing, setChanging] = useState<CommandId | null>(null);
  const changes = useKeymap();
  const close = (): void => {
    setChanging(null);
    setSought('');
    onClose();
  };
  const rows = ROWS.filter(({ id }) => ids.has(id)).filter((row) =>
    matches(sought, row.title, keysOf(row.id)),
  );
  const gestures = GESTURES.filter(({ keys, title }) => matches(sought, title, keys));
  return (
    <Dialog
      open={open}
      onClose={close}
      title="Keys and mouse"
      description="Click a key to give its command another one."
      footer={<KeysFoot changed={Object.keys(changes).length} onReset={() => setChanging(null)} />}
      wide
    >
      <input
        className="keys-search"
        type="search"
        value={sought}
        aria-label="Search for a command or a key"
        placeholder="Search for a command or a key"
        onChange={(event) => setSought(event.target.value)}
      />
      {rows.length + gestures.length === 0 && <p className="muted">No command and no key is called so.</p>}
      <div className="keys-columns">
        {grouped(rows).map(([group, members]) => (
          <section key={group} className="keys-group">
            <h3>{group}</h3>
            <dl>
              {members.map(({ id }) => (
                <CommandKeys
                  key={id}
                  id={id}
                  page={page}
                  changing={changing === id}
                  setChanging={setChanging}
                />
              ))}
            </dl>
          </section>
        ))}
        {grouped(gestures).map(([group, members]) => (
          <section key={group} className="keys-group">
            <h3>{group}</h3>
            <dl>
              {members.map(({ title, keys }) => (
                <div key={title}>
                  <dt>{title}</dt>
                  <dd>
                    {keys.map((key) => (
                      <KeyHint key={key} keys={key} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function matches(sought: string, title: string, keys: readonly string[]): boolean {
  const word = sought.trim().toLowerCase();
  if (word.length === 1) return keys.some((key) => printed(key).toLowerCase() === word);
  return [title, ...keys.map(printed)].some((text) => text.toLowerCase().includes(word));
}

function grouped<Item extends { group: string }>(items: readonly Item[]): [string, Item[]][] {
  const groups = [...new Set(items.map(({ group }) => group))];
  return groups.map((group) => [group, items.filter((item) => item.group === group)]);
}

interface CommandKeysProps {
  id: CommandId;
  page: Page;
  changing: boolean;
  setChanging: (id: CommandId | null) => void;
}

function CommandKeys({ id, page, changing, setChanging }: CommandKeysProps) {
  const { title } = rowOf(id);
  const keys = keysOf(id).filter((key) => commandOf(key, page) === id);
  const isChanged = keymap.getState().changes[id] !== undefined;
  if (changing) return <KeyCapture id={id} onDone={() => setChanging(null)} />;
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {isChanged && (
          <IconButton
            label={`Give ${title} its first keys again`}
            side="left"
            className="keys-restore"
            onClick={() => changeKeys(restored(keymap.getState().changes, id))}
          >
            <RotateCcw size={13} />
          </IconButton>
        )}
        <button
          type="button"
          className="keys-change"
          data-testid={`key-${id}`}
          aria-label={`${title}: ${keys.map(printed).join(' or ') || 'no key'}. Change`}
          onClick={() => setChanging(id)}
        >
          {keys.length === 0 ? (
            <Pencil size={13} />
          ) : (
            keys.map((key) => <KeyHint key={key} keys={printed(key)} />)
          )}
        </button>
      </dd>
    </div>
  );
}

function KeysFoot({ changed, onReset }: { changed: number; onReset: () => void }) {
  return (
    <div className="keys-foot">
      <label className="button button-quiet button-normal">
        <Upload size={16} aria-hidden="true" />
        <span>Load</span>
        <input
          type="file"
          accept="application/json,.json"
          className="visually-hidden"
          onChange={(event) => void load(event.target)}
        />
      </label>
      <Button kind="quiet" icon={<Download size={16} />} disabled={changed === 0} onClick={download}>
        Keep as a file
      </Button>
      <span className="keys-foot-space" />
      <Button
        disabled={changed === 0}
        onClick={() => {
          changeKeys({});
          onReset();
        }}
      >
        Reset all
      </Button>
    </div>
  );
}

function download(): void {
  const link = document.createElement('a');
  const text = JSON.stringify(keymap.getState().changes, null, 2);
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = 'ninefold-keys.json';
  link.click();
  URL.revokeObjectURL(link.href);
}

async function load(field: HTMLInputElement): Promise<void> {
  const file = field.files?.[0];
  field.value = '';
  if (!file) return;
  try {
    const changes = readChanges(JSON.parse(await file.text()));
    const known = Object.entries(changes).filter(([id]) => ROWS.some((row) => row.id === id));
    changeKeys(Object.fromEntries(known));
    toast.good(
      `${known.length} ${known.length === 1 ? 'command has' : 'commands have'} keys of their own now.`,
    );
  } catch {
    toast.bad('The file holds no keys.', 'Choose one that was kept here before.');
  }
}
