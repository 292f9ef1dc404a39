// The cutting plane: a slice of the grid's field, in colours. Directions are those of the body: axial (normal along the
// cord), coronal (normal to anterior), sagittal (normal to the right).
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData';
import { fieldOf } from './data.js';
import { setColours } from './geometry.js';
import { signed, strength } from './colours.js';

export const axes = { sagittal: 0, coronal: 1, axial: 2 };
const finer = 2; // samples a step of the grid

// Value at a place in steps of the grid; NaN where a neighbour has none.
function valueAt(values, n, p) {
  const i = p.map((x, k) => Math.min(Math.max(Math.floor(x), 0), n[k] - 2));
  const f = p.map((x, k) => x - i[k]);
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    const d = [c & 1, (c >> 1) & 1, c >> 2];
    const w = d.reduce((a, one, k) => a * (one ? f[k] : 1 - f[k]), 1);
    if (w > 1e-9) sum += w * values[((i[2] + d[2]) * n[1] + i[1] + d[1]) * n[0] + i[0] + d[0]];
  }
  return sum;
}

// What most of the grid keeps below, so that the contacts' neighbourhood does not drown the rest.
const reaches = new WeakMap();
function reachOf(values) {
  if (reaches.has(values)) return reaches.get(values);
  const some = [];
  for (let i = 0; i < values.length; i += 7) if (Number.isFinite(values[i])) some.push(Math.abs(values[i]));
  some.sort((a, b) => a - b);
  reaches.set(values, some[Math.floor(0.985 * (some.length - 1))] || 1);
  return reaches.get(values);
}

// Points, faces and colours of the slice at `position` (0..1 of the grid along its normal).
export async function slice(scene, set, quantity, direction, position) {
  const { grid } = scene, values = await fieldOf(scene, set, quantity), reach = reachOf(values);
  const w = axes[direction], [u, v] = [0, 1, 2].filter((k) => k !== w);
  const count = [u, v].map((k) => (grid.n[k] - 1) * finer + 1);
  const points = new Float32Array(3 * count[0] * count[1]), rgb = new Uint8Array(points.length);
  const good = new Uint8Array(count[0] * count[1]), polys = [];
  for (let b = 0, o = 0; b < count[1]; b++)
    for (let a = 0; a < count[0]; a++, o++) {
      const p = [0, 0, 0];
      p[u] = a / finer, p[v] = b / finer, p[w] = position * (grid.n[w] - 1);
      const value = valueAt(values, grid.n, p);
      for (let k = 0; k < 3; k++) points[3 * o + k] = grid.origin_mm[k] + grid.step_mm * p[k];
      good[o] = Number.isFinite(value) ? 1 : 0;
      if (good[o]) rgb.set(quantity === 'potential_V' ? signed(value / reach) : strength(Math.sqrt(value / reach)), 3 * o);
      if (!a || !b) continue;
      const q = [o, o - 1, o - 1 - count[0], o - count[0]];
      if (q.every((i) => good[i])) polys.push(4, ...q);
    }
  const data = vtkPolyData.newInstance();
  data.getPoints().setData(points, 3);
  data.getPolys().setData(Uint32Array.from(polys));
  setColours(data, rgb);
  return { data, reach };
}

export const placeOf = (grid, direction, position) =>
  grid.origin_mm[axes[direction]] + grid.step_mm * position * (grid.n[axes[direction]] - 1);
