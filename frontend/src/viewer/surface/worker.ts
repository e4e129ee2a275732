/** Makes the surfaces of a mask away from the page. */
import { boxesOf } from './field';
import { type Frame, type Mesh, meshOf } from './mesh';

export interface SurfaceRequest {
  /** (Z·Y·X,) */
  labels: Uint8Array<ArrayBuffer>;
  frame: Frame;
}

export interface SurfaceAnswer {
  /** By label value. */
  meshes: ReadonlyMap<number, Mesh>;
  /** How long the worker took. */
  ms: number;
}

self.onmessage = ({ data: { labels, frame } }: MessageEvent<SurfaceRequest>) => {
  const began = performance.now();
  const meshes = new Map<number, Mesh>();
  for (const [value, box] of boxesOf(labels, frame.shapeZyx))
    meshes.set(value, meshOf(labels, frame, value, box));
  const buffers = [...meshes.values()].flatMap(({ points, normals, triangles }) => [
    points.buffer,
    normals.buffer,
    triangles.buffer,
  ]);
  const ms = performance.now() - began;
  self.postMessage({ meshes, ms } satisfies SurfaceAnswer, { transfer: buffers as ArrayBuffer[] });
};
