/** Makes the surfaces of a mask away from the page. */
import { boxesOf } from './field';
import { type Frame, type Mesh, meshOf } from './mesh';

export interface SurfaceRequest {
  /** (Z·Y·X,) */
  labels: Uint8Array<ArrayBuffer>;
  frame: Frame;
}

/** Surfaces by label value. */
export type SurfaceAnswer = ReadonlyMap<number, Mesh>;

self.onmessage = ({ data: { labels, frame } }: MessageEvent<SurfaceRequest>) => {
  const meshes = new Map<number, Mesh>();
  for (const [value, box] of boxesOf(labels, frame.shapeZyx))
    meshes.set(value, meshOf(labels, frame, value, box));
  const buffers = [...meshes.values()].flatMap(({ points, normals, triangles }) => [
    points.buffer,
    normals.buffer,
    triangles.buffer,
  ]);
  self.postMessage(meshes satisfies SurfaceAnswer, { transfer: buffers as ArrayBuffer[] });
};
