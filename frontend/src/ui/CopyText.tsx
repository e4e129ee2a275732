import { Copy } from 'lucide-react';

import './copy-text.css';
import { toast } from './Toast';
import { Tooltip } from './Tooltip';

const SHOWN = 12;

/** A long hash, shortened, that is copied whole with a click. */
export function CopyText({ text, name }: { text: string; name: string }) {
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => toast.good(`Copied the ${name}.`),
      () => toast.bad('The browser does not let this page copy.', text),
    );
  return (
    <Tooltip text={`Copy the ${name}`}>
      <button
        type="button"
        className="copy-text"
        aria-label={`Copy the ${name}`}
        onClick={(event) => {
          event.stopPropagation();
          void copy();
        }}
      >
        <code>{text.slice(0, SHOWN)}</code>
        <Copy size={12} aria-hidden="true" />
      </button>
    </Tooltip>
  );
}
