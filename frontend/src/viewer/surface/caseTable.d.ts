declare module '@kitware/vtk.js/Filters/General/ImageMarchingCubes/caseTable' {
  interface CaseTable {
    /** Edges of the triangles of a case, three by three, ended by -1. */
    getCase: (index: number) => readonly number[];
    /** The two corners of an edge, the nearer to the origin first. */
    getEdge: (edge: number) => readonly [number, number];
  }
  const table: CaseTable;
  export default table;
}
