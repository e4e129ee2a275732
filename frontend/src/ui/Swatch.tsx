import './swatch.css';

/** The colour of a label. */
export function Swatch({ colour }: { colour: string }) {
  return <i className="swatch" style={{ background: colour }} aria-hidden="true" />;
}
