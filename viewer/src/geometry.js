// Points and triangles as vtk.js takes them.
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkActor from '@kitware/vtk.js/Rendering/Core/Actor';
import vtkMapper from '@kitware/vtk.js/Rendering/Core/Mapper';

// Normals of the points: the sum of those of their faces, which weighs by area.
function normalsOf(points, triangles) {
  const normals = new Float32Array(points.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
    const u = [0, 1, 2].map((k) => points[b + k] - points[a + k]);
    const v = [0, 1, 2].map((k) => points[c + k] - points[a + k]);
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (const i of [a, b, c]) for (let k = 0; k < 3; k++) normals[i + k] += n[k];
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]) || 1;
    for (let k = 0; k < 3; k++) normals[i + k] /= length;
  }
  return normals;
}

function cells(triangles) {
  const out = new Uint32Array((triangles.length / 3) * 4);
  for (let t = 0, o = 0; t < triangles.length; t += 3) {
    out[o++] = 3;
    for (let k = 0; k < 3; k++) out[o++] = triangles[t + k];
  }
  return out;
}

export function surface(points, triangles, smooth = true) {
  const data = vtkPolyData.newInstance();
  data.getPoints().setData(points, 3);
  data.getPolys().setData(cells(triangles));
  if (smooth)
    data.getPointData().setNormals(
      vtkDataArray.newInstance({ name: 'Normals', numberOfComponents: 3, values: normalsOf(points, triangles) }),
    );
  return data;
}

export function actorOf(data) {
  const mapper = vtkMapper.newInstance({ scalarVisibility: false });
  mapper.setInputData(data);
  const actor = vtkActor.newInstance();
  actor.setMapper(mapper);
  return actor;
}

export function paint(actor, rgb) {
  actor.getProperty().setColor(...rgb.map((c) => c / 255));
}

// Points with a colour each (or one for all), for what has no faces.
export function setColours(data, rgb) {
  data.getPointData().setScalars(vtkDataArray.newInstance({ name: 'rgb', numberOfComponents: 3, values: rgb }));
  data.modified();
}

const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => {
  const length = Math.hypot(...a) || 1;
  return a.map((x) => x / length);
};

// A tube about a line [x, y, z, radius] with rings of `around` points, carried along without twist.
export function tube(line, around = 10) {
  const n = line.length / 4;
  const at = (i) => [line[4 * i], line[4 * i + 1], line[4 * i + 2]];
  const points = new Float32Array(n * around * 3);
  const triangles = [];
  let side = null;
  for (let i = 0; i < n; i++) {
    const [a, b] = [at(Math.max(i - 1, 0)), at(Math.min(i + 1, n - 1))];
    const along = unit([0, 1, 2].map((k) => b[k] - a[k]));
    side ??= Math.abs(along[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0];
    const up = unit(cross(along, side));
    side = cross(up, along);
    const p = at(i), r = line[4 * i + 3];
    for (let j = 0; j < around; j++) {
      const [c, s] = [Math.cos((2 * Math.PI * j) / around), Math.sin((2 * Math.PI * j) / around)];
      for (let k = 0; k < 3; k++) points[3 * (i * around + j) + k] = p[k] + r * (c * side[k] + s * up[k]);
      if (!i) continue;
      const q = (j + 1) % around, lower = (i - 1) * around, upper = i * around;
      triangles.push(lower + j, upper + q, lower + q, lower + j, upper + j, upper + q);
    }
  }
  return surface(points, Uint32Array.from(triangles));
}

export function cloud(points) {
  const data = vtkPolyData.newInstance();
  data.getPoints().setData(points, 3);
  const n = points.length / 3, verts = new Uint32Array(n ? n + 1 : 0);
  if (n) verts[0] = n;
  for (let i = 0; i < n; i++) verts[i + 1] = i;
  data.getVerts().setData(verts);
  return data;
}
