// One view of one subject: what is shown, and how it is looked at. All in the local frame: +x right, +y anterior (ventral),
// +z rostral, mm.
import '@kitware/vtk.js/Rendering/Profiles/Geometry';
import vtkGenericRenderWindow from '@kitware/vtk.js/Rendering/Misc/GenericRenderWindow';
import vtkRenderer from '@kitware/vtk.js/Rendering/Core/Renderer';
import { openSet, recruited } from './data.js';
import { activation, plain, signed } from './colours.js';
import { actorOf, cloud, paint, surface, tube } from './geometry.js';
import { placeOf, slice } from './plane.js';

export const directions = {
  Left: [-1, 0, 0], Right: [1, 0, 0], Rostral: [0, 0, 1], Caudal: [0, 0, -1], Dorsal: [0, -1, 0], Ventral: [0, 1, 0],
};
// Where one looks from, and what is up.
export const looks = {
  behind: [[0, -1, 0], [0, 0, 1]], left: [[-1, 0, 0], [0, 0, 1]], right: [[1, 0, 0], [0, 0, 1]],
  front: [[0, 1, 0], [0, 0, 1]], above: [[0, 0, 1], [0, 1, 0]],
};
const clickSlack = 4, pickReach = 7; // px
const slowPicture = 0.04; // s

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

// How far a place is from a piece of a line on the screen, and how deep that is where it is nearest.
function distanceTo([ax, ay, az], [bx, by, bz], x, y) {
  const [ux, uy] = [bx - ax, by - ay], t = Math.min(Math.max(((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy || 1), 0), 1);
  return { away: Math.hypot(ax + t * ux - x, ay + t * uy - y), depth: az + t * (bz - az) };
}

export class View {
  constructor(stage, run, scene) {
    Object.assign(this, { stage, run, scene });
    this.shown = { cord: true, dura: true, paddle: true, sites: true };
    this.root = null;
    this.closed = new AbortController();
    this.plane = { quantity: 'potential_V', direction: 'none', position: 0.5 };
    this.window = vtkGenericRenderWindow.newInstance({ background: [1, 1, 1], listenWindowResize: false });
    this.window.setContainer(stage);
    this.renderer = this.window.getRenderer();
    this.camera = this.renderer.getActiveCamera();
    this.camera.setParallelProjection(true);
    this.addOverlay();
    this.addActors();
    this.addMarks();
    this.window.resize();
    this.lookFrom('behind');
    this.listen();
  }

  // Firing sites lie within roots: they are drawn over everything.
  addOverlay() {
    const windows = this.window.getRenderWindow();
    windows.setNumberOfLayers(2);
    this.over = vtkRenderer.newInstance();
    this.over.setLayer(1);
    this.over.setInteractive(false);
    this.over.setActiveCamera(this.camera);
    windows.addRenderer(this.over);
  }

  add(actor) {
    this.renderer.addActor(actor);
    return actor;
  }

  addActors() {
    const opacity = { cord: 1, dura: 0.13 };
    this.shells = this.scene.shells.map((s) => {
      const actor = this.add(actorOf(surface(s.points, s.triangles)));
      paint(actor, plain[s.name]);
      actor.getProperty().setOpacity(opacity[s.name]);
      return { name: s.name, actor };
    });
    this.lead = this.scene.lead.map((s) => {
      const actor = this.add(actorOf(surface(s.points, s.triangles, false)));
      paint(actor, s.contact ? plain.off : plain.lead);
      if (!s.contact) actor.getProperty().setOpacity(0.25);
      return { name: s.name, contact: s.contact, actor };
    });
    this.roots = this.scene.roots.map((r) => ({ ...r, actor: this.add(actorOf(tube(r.line))), visible: true }));
    this.cut = this.add(actorOf(surface(new Float32Array(9), Uint32Array.from([0, 1, 2]), false)));
    this.cut.getMapper().setScalarVisibility(true);
    this.cut.getProperty().setLighting(false);
    this.cut.setVisibility(false);
    this.sites = actorOf(cloud(new Float32Array(0)));
    this.sites.getProperty().setPointSize(4);
    this.sites.getProperty().setLighting(false);
    paint(this.sites, plain.firing);
    this.over.addActor(this.sites);
  }

  // ---- looking ----

  // The middle of the lead, and the reach of the grid along it.
  focus() {
    const { n, origin_mm: origin, step_mm: step } = this.scene.grid;
    return { middle: [0, 1, 2].map((k) => origin[k] + 0.5 * step * (n[k] - 1)), half: 0.5 * step * (n[2] - 1), n, step };
  }

  lookFrom(name) {
    const [from, up] = looks[name], { middle, half, n, step } = this.focus();
    this.camera.setFocalPoint(...middle);
    this.camera.setPosition(...middle.map((x, k) => x + 400 * from[k]));
    this.camera.setViewUp(...up);
    this.camera.setParallelScale(name === 'above' ? 0.7 * step * n[1] : 1.04 * half);
    this.draw();
  }

  // Takes another view's look, from the other's middle to this one's.
  lookLike(other) {
    const [a, b] = [other.focus().middle, this.focus().middle];
    const moved = (p) => p.map((x, k) => x - a[k] + b[k]);
    this.camera.setFocalPoint(...moved(other.camera.getFocalPoint()));
    this.camera.setPosition(...moved(other.camera.getPosition()));
    this.camera.setViewUp(...other.camera.getViewUp());
    this.camera.setParallelScale(other.camera.getParallelScale());
    this.draw();
  }

  turn(right, up) {
    this.camera.azimuth(right);
    this.camera.elevation(up);
    this.camera.orthogonalizeViewUp();
    this.draw();
  }

  zoom(factor) {
    this.camera.zoom(factor);
    this.draw();
  }

  resize() {
    this.window.resize();
    this.draw();
  }

  draw() {
    this.renderer.resetCameraClippingRange();
    this.window.getRenderWindow().render();
    this.placeMarks();
  }

  // ---- where pictures take long: on a machine without a graphics processor ----

  // Seconds that a picture takes, drawn and read back.
  timePicture() {
    const gl = this.window.getApiSpecificRenderWindow().get3DContext(), begun = performance.now();
    this.draw();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    return (performance.now() - begun) / 1e3;
  }

  // While it turns, half the pixels each way will do; what takes long is told by the pictures themselves.
  coarsen(on) {
    if (on === Boolean(this.coarse) || (on && this.slow === false)) return;
    this.coarse = on;
    const { clientWidth: w, clientHeight: h } = this.stage, scale = (devicePixelRatio || 1) * (on ? 0.5 : 1);
    this.window.getApiSpecificRenderWindow().setSize(Math.floor(w * scale), Math.floor(h * scale));
    if (on) this.draw();
    else this.slow = this.timePicture() > slowPicture;
  }

  // ---- left, right, rostral, caudal, dorsal, ventral ----

  addMarks() {
    this.marks = Object.entries(directions).map(([name, direction]) => {
      const element = document.createElement('div');
      element.className = 'mark';
      element.textContent = name;
      this.stage.append(element);
      return { name, direction, element };
    });
    this.targets = this.roots.filter((r) => this.run.targets.includes(r.name)).map((r) => {
      const element = document.createElement('div');
      element.className = 'mark';
      element.textContent = r.name;
      this.stage.append(element);
      const at = this.labelPlace(r);
      return { at, out: Math.sign(at[0] - this.focus().middle[0]), element };
    });
  }

  // Below the middle, where no other mark stands.
  labelPlace(root) {
    const { middle, half } = this.focus(), height = middle[2] - 0.35 * half;
    let best = 0, least = Infinity;
    for (let i = 0; i < root.line.length; i += 4) {
      const d = Math.abs(root.line[i + 2] - height);
      if (d < least) least = d, best = i;
    }
    return Array.from(root.line.slice(best, best + 3));
  }

  // Place in CSS px from the stage's upper left corner, and depth.
  project(p) {
    const { clientWidth: w, clientHeight: h } = this.stage;
    const [x, y, depth] = this.renderer.worldToNormalizedDisplay(...p, w / h);
    return [x * w, (1 - y) * h, depth];
  }

  placeMarks() {
    const { middle, half, n, step } = this.focus(), view = this.camera.getDirectionOfProjection();
    const reach = [0.5 * step * n[0] + 3, 0.5 * step * n[1] + 3, half];
    const { clientWidth: w, clientHeight: h } = this.stage;
    for (const { direction, element } of this.marks) {
      const [x, y] = this.project(middle.map((m, k) => m + direction[k] * reach[k]));
      element.hidden = Math.abs(dot(direction, view)) > 0.8;
      element.style.left = `${Math.min(Math.max(x, 34), w - 34)}px`;
      element.style.top = `${Math.min(Math.max(y, 12), h - 12)}px`;
    }
    for (const { at, out, element } of this.targets) {
      const [x, y] = this.project(at), [x1] = this.project([at[0] + out, at[1], at[2]]);
      element.style.left = `${x + Math.sign(x1 - x) * (0.5 * element.offsetWidth + 12)}px`;
      element.style.top = `${y}px`;
    }
  }

  // ---- what is shown ----

  // Sets are opened when they are asked for; only the last one asked for is shown.
  async set(name, amplitude) {
    const set = this.run.sets.find((s) => s.name === name);
    this.asked = name;
    const opened = await openSet(this.run, this.scene, set);
    if (this.asked !== name) return false;
    Object.assign(this, { now: set, opened });
    this.setAmplitude(amplitude ?? set.at_mA);
    await this.setPlane({});
    return true;
  }

  // Contacts by their current, against the largest of the set; the smallest is still told from those that are off.
  contactColour(name) {
    const share = this.now.share?.[name] ?? 0, most = this.largestShare();
    return share ? signed(Math.sign(share) * (0.25 + 0.75 * Math.abs(share) / most)) : plain.off;
  }

  largestShare() {
    return Math.max(...this.lead.map((p) => Math.abs((p.contact && this.now.share?.[p.name]) || 0)));
  }

  setAmplitude(amplitude) {
    this.amplitude = amplitude;
    for (const root of this.roots) {
      root.share = recruited(this.thresholdsOf(root.name), amplitude);
      paint(root.actor, activation(root.share));
    }
    for (const part of this.lead) if (part.contact) paint(part.actor, this.contactColour(part.name));
    this.setSites();
    this.draw();
  }

  setSites() {
    if (!this.opened) return;
    const { mA, sites } = this.opened, out = [];
    for (let i = 0; 3 * i < sites.length; i++)
      if (mA[i] <= this.amplitude * (1 + 1e-6)) out.push(sites[3 * i], sites[3 * i + 1], sites[3 * i + 2]);
    this.fired = out.length / 3;
    this.sites.getMapper().setInputData(cloud(Float32Array.from(out)));
    this.sites.setVisibility(this.shown.sites && out.length > 0);
  }

  thresholdsOf(root) {
    const i = this.run.roots.indexOf(root);
    return i < 0 ? [] : this.opened.byRoot[i];
  }

  async setPlane(change) {
    Object.assign(this.plane, change);
    const { quantity, direction, position } = this.plane, set = this.now, on = direction !== 'none' && Boolean(set);
    if (on) {
      const { data, reach } = await slice(this.scene, set, quantity, direction, position);
      if (set !== this.now || direction !== this.plane.direction || quantity !== this.plane.quantity) return;
      this.cut.getMapper().setInputData(data);
      this.plane.reach = reach;
      this.plane.place = placeOf(this.scene.grid, direction, position);
    }
    this.cut.setVisibility(on);
    this.draw();
  }

  show(name, on) {
    this.shown[name] = on;
    for (const part of this.shells) if (part.name === name) part.actor.setVisibility(on);
    for (const part of this.lead) if (name === 'paddle') part.actor.setVisibility(on);
    for (const root of this.roots) if (root.name === name) root.actor.setVisibility((root.visible = on));
    if (name === 'sites') this.setSites();
    this.draw();
  }

  choose(name) {
    this.root = name;
    for (const root of this.roots) root.actor.getProperty().setOpacity(name && root.name !== name ? 0.3 : 1);
    this.draw();
  }

  // ---- clicks and keys ----

  // The root under a place, the nearest to the eye of those whose line passes within its radius or a few px.
  rootAt(x, y) {
    const scale = this.stage.clientHeight / (2 * this.camera.getParallelScale());
    let best = null, nearest = Infinity;
    for (const { name, line, visible } of this.roots) {
      if (!visible) continue;
      let last = null;
      for (let i = 0; i < line.length; i += 4) {
        const next = this.project([line[i], line[i + 1], line[i + 2]]);
        const { away, depth } = distanceTo(last ?? next, next, x, y);
        if (away <= Math.max(pickReach, line[i + 3] * scale) && depth < nearest) nearest = depth, best = name;
        last = next;
      }
    }
    return best;
  }

  listen() {
    let down = null;
    const place = (e) => {
      const box = this.stage.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    this.stage.addEventListener('pointerdown', (e) => {
      down = place(e);
      this.coarsen(true);
    }, true);
    for (const end of ['pointerup', 'pointercancel'])
      addEventListener(end, () => this.coarsen(false), { signal: this.closed.signal });
    let still = 0;
    this.stage.addEventListener('wheel', () => {
      this.coarsen(true);
      clearTimeout(still);
      still = setTimeout(() => this.closed.signal.aborted || this.coarsen(false), 250);
    }, { capture: true, passive: true });
    this.stage.addEventListener('pointerup', (e) => {
      const [x, y] = place(e);
      if (down && Math.hypot(x - down[0], y - down[1]) < clickSlack) this.onPick?.(this.rootAt(x, y));
      down = null;
    }, true);
    const keys = {
      ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, 5], ArrowDown: [0, -5],
    };
    this.stage.addEventListener('keydown', (e) => {
      if (keys[e.key]) this.turn(...keys[e.key]);
      else if (e.key === '+' || e.key === '=') this.zoom(1.1);
      else if (e.key === '-') this.zoom(1 / 1.1);
      else return;
      e.preventDefault();
      this.onTurn?.();
    });
    this.camera.onModified(() => this.placeMarks());
    this.window.getInteractor().onAnimation(() => this.onTurn?.());
    this.window.getInteractor().onEndMouseWheel(() => this.onTurn?.());
  }

  close() {
    this.closed.abort();
    this.window.delete();
    this.stage.replaceChildren();
  }
}
