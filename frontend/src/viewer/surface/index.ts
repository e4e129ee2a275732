export type { Mesh } from './mesh';
export { exposeSurfaceProbe } from './probe';
export { firstVoxel } from './ray';
export { SurfaceScene } from './scene';
export type { SurfaceLook } from './scene';
export { makeSurfaces } from './surfaces';
