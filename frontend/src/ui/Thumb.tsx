import { ImageOff } from 'lucide-react';
import { useState } from 'react';

import './thumb.css';

interface ThumbProps {
  src: string | null | undefined;
  /** Another picture, shown while the pointer or the focus is on the link or button that holds this one. */
  over?: string | null;
  /** Side in px; without it the picture fills its place as a square. */
  size?: number;
  alt?: string;
}

/** A small square picture on black, with its place kept while it loads. */
export function Thumb({ src, over, size, alt = '' }: ThumbProps) {
  const [broken, setBroken] = useState(false);
  return (
    <span className="thumb" style={size === undefined ? undefined : { width: size, height: size }}>
      {src === null || src === undefined || broken ? (
        <ImageOff size={16} aria-hidden="true" />
      ) : (
        <img src={src} alt={alt} loading="lazy" decoding="async" onError={() => setBroken(true)} />
      )}
      {over != null && <img className="thumb-over" src={over} alt="" loading="lazy" decoding="async" />}
    </span>
  );
}
