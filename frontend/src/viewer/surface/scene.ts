/** Surfaces in a canvas of their own, which can be turned and clicked. */
import '@kitware/vtk.js/Rendering/Profiles/Geometry';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData';
import vtkOrientationMarkerWidget from '@kitware/vtk.js/Interaction/Widgets/OrientationMarkerWidget';
import vtkActor from '@kitware/vtk.js/Rendering/Core/Actor';
import vtkAnnotatedCubeActor from '@kitware/vtk.js/Rendering/Core/AnnotatedCubeActor';
import vtkMapper from '@kitware/vtk.js/Rendering/Core/Mapper';
import vtkGenericRenderWindow from '@kitware/vtk.js/Rendering/Misc/GenericRenderWindow';

import type { Vec3 } from '../grid';
import type { Mesh } from './mesh';

/** How a label is drawn. */
export interface SurfaceLook {
  /** #rrggbb */
  colour: string;
  visible: boolean;
  /** 0 to 1. */
  opacity: number;
}

interface Shown {
  actor: vtkActor;
  mapper: vtkMapper;
  surface: vtkPolyData;
}

/** What is used of vtk's OpenGL window, whose published type does not resolve. Display is in device pixels from the bottom left. */
interface Display {
  getSize: () => [number, number];
  displayToWorld: (x: number, y: number, depth: number, renderer: unknown) => Vec3;
  worldToDisplay: (x: number, y: number, z: number, renderer: unknown) => Vec3;
}

const BACKGROUND: Vec3 = [0.02, 0.024, 0.031];
/** From the front, a little from above and from the patient's left. */
const FROM_FRONT: Vec3 = [0.35, -1, 0.3];
const CLICK_PX = 4;
/** vtk leaves room round the sphere that holds everything; a body is flatter than a sphere. */
const FILLS = 1.3;

export class SurfaceScene {
  private readonly view = vtkGenericRenderWindow.newInstance({
    background: BACKGROUND,
    listenWindowResize: false,
  });
  private readonly cube = letters();
  private readonly marker: vtkOrientationMarkerWidget;
  private readonly shown = new Map<number, Shown>();
  private readonly resizing = new ResizeObserver(() => this.view.resize());
  private readonly listening = new AbortController();
  private placed = false;

  /** onClick: a click without a drag, at a point of the window in CSS pixels. */
  constructor(
    private readonly element: HTMLElement,
    onClick: (clientX: number, clientY: number) => void,
  ) {
    this.view.setContainer(element);
    this.view.getRenderer().getActiveCamera().setParallelProjection(true);
    this.marker = vtkOrientationMarkerWidget.newInstance({
      actor: this.cube,
      interactor: this.view.getInteractor(),
    });
    this.marker.setViewportCorner(vtkOrientationMarkerWidget.Corners.BOTTOM_LEFT);
    this.marker.setViewportSize(0.16);
    this.marker.setMinPixelSize(56);
    this.marker.setMaxPixelSize(96);
    this.marker.setEnabled(true);
    this.resizing.observe(element);
    this.listenForClicks(onClick);
    this.view.resize();
  }

  /** Show these surfaces and no others; the first ones are looked at from the front. */
  show(meshes: ReadonlyMap<number, Mesh>): void {
    for (const value of [...this.shown.keys()]) this.take(value);
    for (const [value, mesh] of meshes) this.put(value, mesh);
    if (!this.placed && meshes.size > 0) this.lookFromFront();
    this.render();
  }

  setLook(value: number, { colour, visible, opacity }: SurfaceLook): void {
    const actor = this.shown.get(value)?.actor;
    if (!actor) return;
    actor.setVisibility(visible && opacity > 0);
    const property = actor.getProperty();
    property.setColor(...rgb(colour));
    property.setOpacity(opacity);
  }

  lookFromFront(): void {
    const renderer = this.view.getRenderer();
    const camera = renderer.getActiveCamera();
    camera.setFocalPoint(0, 0, 0);
    camera.setPosition(...FROM_FRONT);
    camera.setViewUp(0, 0, 1);
    renderer.resetCamera();
    camera.zoom(FILLS);
    this.placed = true;
    this.render();
  }

  render(): void {
    this.marker.updateMarkerOrientation();
    this.view.getRenderer().resetCameraClippingRange();
    this.view.getRenderWindow().render();
  }

  /** Free what the graphics card holds; a browser has but a few contexts to give. */
  destroy(): void {
    this.listening.abort();
    this.resizing.disconnect();
    for (const value of [...this.shown.keys()]) this.take(value);
    this.marker.setEnabled(false);
    this.marker.delete();
    this.cube.delete();
    const canvas = this.element.querySelector('canvas');
    const context = canvas?.getContext('webgl2');
    this.view.delete();
    context?.getExtension('WEBGL_lose_context')?.loseContext();
    this.element.replaceChildren();
  }

  private get display(): Display {
    const window: unknown = this.view.getApiSpecificRenderWindow();
    return window as Display;
  }

  private put(value: number, { points, normals, triangles }: Mesh): void {
    const surface = vtkPolyData.newInstance();
    surface.getPoints().setData(points, 3);
    surface.getPolys().setData(cellsOf(triangles));
    surface
      .getPointData()
      .setNormals(vtkDataArray.newInstance({ name: 'Normals', values: normals, numberOfComponents: 3 }));
    const mapper = vtkMapper.newInstance({ scalarVisibility: false });
    mapper.setInputData(surface);
    const actor = vtkActor.newInstance();
    actor.setMapper(mapper);
    const property = actor.getProperty();
    property.setInterpolationToPhong();
    property.setAmbient(0.2);
    property.setDiffuse(0.8);
    property.setSpecular(0.15);
    property.setSpecularPower(12);
    this.view.getRenderer().addActor(actor);
    this.shown.set(value, { actor, mapper, surface });
  }

  private take(value: number): void {
    const shown = this.shown.get(value);
    if (!shown) return;
    this.view.getRenderer().removeActor(shown.actor);
    for (const part of [shown.actor, shown.mapper, shown.surface]) part.delete();
    this.shown.delete(value);
  }

  private listenForClicks(onClick: (clientX: number, clientY: number) => void): void {
    const { signal } = this.listening;
    let down: [number, number] | null = null;
    const options = { signal, capture: true };
    this.element.addEventListener(
      'pointerdown',
      ({ button, clientX, clientY }) => {
        down = button === 0 ? [clientX, clientY] : null;
      },
      options,
    );
    this.element.addEventListener(
      'pointerup',
      ({ clientX, clientY }) => {
        if (down && Math.hypot(clientX - down[0], clientY - down[1]) < CLICK_PX) onClick(clientX, clientY);
        down = null;
      },
      options,
    );
  }

  /** Ends of the ray under a point of the window, from the eye into the scene, in LPS mm. */
  ray(clientX: number, clientY: number): [Vec3, Vec3] {
    const box = this.element.getBoundingClientRect();
    const window = this.display;
    const [width, height] = window.getSize();
    const x = ((clientX - box.left) / box.width) * width;
    const y = (1 - (clientY - box.top) / box.height) * height;
    const renderer = this.view.getRenderer();
    return [0, 1].map((depth) => window.displayToWorld(x, y, depth, renderer)) as [Vec3, Vec3];
  }

  /** Where a place is drawn, in CSS pixels of the window. */
  clientPoint(lps: Readonly<Vec3>): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    const window = this.display;
    const [width, height] = window.getSize();
    const [x, y] = window.worldToDisplay(...lps, this.view.getRenderer());
    return { x: box.left + (x / width) * box.width, y: box.top + (1 - y / height) * box.height };
  }
}

/** Triangles (M, 3) as vtk keeps cells: each with its number of corners before it. */
function cellsOf(triangles: Uint32Array): Uint32Array {
  const cells = new Uint32Array((triangles.length / 3) * 4);
  for (let n = 0; n < triangles.length / 3; n += 1) {
    cells[4 * n] = 3;
    cells.set(triangles.subarray(3 * n, 3 * n + 3), 4 * n + 1);
  }
  return cells;
}

/** A cube with the letters of the patient's sides; its axes are LPS. */
function letters(): vtkAnnotatedCubeActor {
  const cube = vtkAnnotatedCubeActor.newInstance();
  cube.setDefaultStyle({
    fontStyle: 'bold',
    fontFamily: 'sans-serif',
    fontColor: '#e7edf3',
    fontSizeScale: (resolution: number) => resolution / 1.7,
    faceColor: '#222c38',
    faceRotation: 0,
    edgeThickness: 0.06,
    edgeColor: '#3cc8c4',
    resolution: 200,
  });
  cube.setXPlusFaceProperty({ text: 'L', faceRotation: 90 });
  cube.setXMinusFaceProperty({ text: 'R', faceRotation: -90 });
  cube.setYPlusFaceProperty({ text: 'P', faceRotation: 180 });
  cube.setYMinusFaceProperty({ text: 'A' });
  cube.setZPlusFaceProperty({ text: 'H' });
  cube.setZMinusFaceProperty({ text: 'F', faceRotation: 180 });
  return cube;
}

function rgb(colour: string): Vec3 {
  return [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16) / 255) as Vec3;
}
