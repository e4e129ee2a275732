import { useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';

import type { PaneSpec } from '../../viewer';
import type { Desk } from '../desk';
import { useDeskState } from '../useDesk';
import type { Preview } from './operations';
import { drawPreview, previewPicture } from './previewPicture';

/** What an operation would change, over the picture of a pane. */
export function PreviewOverlay({ desk, spec }: { desk: Desk; spec: PaneSpec }) {
  const preview = useStore(desk.operations.store, (state) => state.preview);
  if (preview === null || spec.projection !== null) return null;
  return <Changes desk={desk} spec={spec} preview={preview} />;
}

function Changes({ desk, spec, preview }: { desk: Desk; spec: PaneSpec; preview: Preview }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useDeskState(desk, (state) => state.drawn);
  useDeskState(desk, (state) => state.looked);
  const slice = desk.viewer.slice(spec.plane);
  const plane = desk.viewer.planes[spec.plane];
  const picture = useMemo(() => previewPicture(preview.outcome, plane, slice), [preview, plane, slice]);
  useEffect(() => {
    if (canvas.current) drawPreview(canvas.current, picture, (zyx) => desk.viewer.canvasPoint(spec.id, zyx));
  });
  return <canvas ref={canvas} className="preview-overlay" data-testid={`preview-${spec.plane}`} />;
}
