/** Takes the place of `xmlbuilder2`, which vtk.js imports for a file format that is never read here. */
export const create = (): never => {
  throw new Error('XML poly data is not supported');
};
export const convert = create;
export const fragment = create;
export const builder = create;
export default { create, convert, fragment, builder };
