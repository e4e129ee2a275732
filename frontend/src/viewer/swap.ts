/** Another volume of the same grid in a viewport at once: its texture takes the place of the one that is drawn. */
import { cache, type RenderingEngine, type Types } from '@cornerstonejs/core';

interface ViewNode {
  get: (name: 'scalarTextures') => { scalarTextures?: unknown[] };
}

/** What is used of vtk.js, whose published types leave it out. */
interface ImageMapper {
  setInputData: (imageData: unknown) => void;
  modified: () => void;
}

/**
 * cornerstone's own way sets the volume up anew, which takes half a second where there is no graphics card and leaves
 * the picture without a mask for a moment. A volume of the same grid differs in nothing but its texture. False while
 * the viewport has not drawn yet, and so has no texture to take the place of.
 */
export function swapVolume(
  engine: RenderingEngine,
  viewport: Types.IVolumeViewport,
  volumeId: string,
): boolean {
  const volume = cache.getVolume(volumeId);
  const mapper = viewport.getActors()[0]?.actor.getMapper() as unknown as ImageMapper | undefined;
  if (!volume?.imageData || !mapper) return false;
  const window = engine.getOffscreenMultiRenderWindow(viewport.id).getOpenGLRenderWindow() as {
    getViewNodeFor: (mapper: unknown) => ViewNode | undefined;
  };
  const textures = window.getViewNodeFor(mapper)?.get('scalarTextures').scalarTextures;
  if (!textures?.length) return false;
  textures[0] = volume.vtkOpenGLTexture;
  mapper.setInputData(volume.imageData);
  mapper.modified();
  return true;
}
