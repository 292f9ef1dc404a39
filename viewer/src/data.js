// The page's data: what C wrote as text becomes arrays of numbers, when they are first looked at.

const kinds = { f32: Float32Array, u16: Uint16Array, u32: Uint32Array };

// u16: differences, their low bytes, then their high bytes (src/report/scene_pack.h).
function undo(bytes, n) {
  const out = new Uint16Array(n);
  for (let i = 0, v = 0; i < n; i++) out[i] = v = (v + bytes[i] + 256 * bytes[n + i]) & 65535;
  return out;
}

// {type, n, z: base64 of a zlib stream} to a typed array.
export async function unpack({ type, n, z }) {
  const buffer = await window.cauda.inflate(z);
  const array = type === 'u16' ? undo(new Uint8Array(buffer), n) : new kinds[type](buffer);
  if (array.length !== n || buffer.byteLength !== n * array.BYTES_PER_ELEMENT)
    throw new Error(`found ${buffer.byteLength} bytes, expected ${n} of ${type}`);
  return array;
}

const surface = async (s) => ({ ...s, points: await unpack(s.points), triangles: await unpack(s.triangles) });

export async function unpackScene(scene) {
  const [shells, lead, roots] = await Promise.all([
    Promise.all(scene.shells.map(surface)),
    Promise.all(scene.lead.map(surface)),
    Promise.all(scene.roots.map(async (r) => ({ name: r.name, line: await unpack(r.line) }))),
  ]);
  return { ...scene, shells, lead, roots };
}

// A set's thresholds: of each fibre, and of each root's fibres in order; where they fire, by fibre, in mm.
async function open(run, scene, set) {
  run.roots_of ??= await unpack(run.fiber_root);
  const mA = await unpack(set.thresholds_mA), of = run.roots.map(() => []);
  mA.forEach((v, i) => of[run.roots_of[i]].push(v));
  const sites = scene.sets.find((s) => s.name === set.name);
  const shares = sites ? await unpack(sites.at) : new Uint16Array(0);
  const { origin_mm: origin, size_mm: size } = scene.site_box;
  return { mA, byRoot: of.map((list) => Float32Array.from(list).sort()),
    sites: Float32Array.from(shares, (v, i) => origin[i % 3] + (size[i % 3] * v) / 65535) };
}

export const openSet = (run, scene, set) => (set.opened ??= open(run, scene, set));

// Potential (V, at 1 mA in all) of a set on the grid: the sum of its contacts'; NaN where there is no tissue.
async function sum(scene, share) {
  const n = scene.grid.n[0] * scene.grid.n[1] * scene.grid.n[2], out = new Float32Array(n);
  for (const contact of scene.contacts) {
    if (!share[contact.name]) continue;
    contact.array ??= await unpack(contact.values);
    const most = contact.most_V_per_mA * share[contact.name];
    for (let i = 0; i < n; i++) {
      const root = (contact.array[i] - 32767) / 32767;
      out[i] += contact.array[i] === 65535 ? NaN : most * root * Math.abs(root);
    }
  }
  return out;
}

// |E| in V/m from the potential of the neighbours on both sides, or of one where the other is no tissue.
function strengthOf({ n, step_mm: step }, potential) {
  const jump = [1, n[0], n[0] * n[1]];
  return potential.map((v, at) => {
    const place = [at % n[0], Math.floor(at / n[0]) % n[1], Math.floor(at / jump[2])];
    let square = 0;
    for (let k = 0; k < 3; k++) {
      const below = place[k] > 0 ? potential[at - jump[k]] : NaN, above = place[k] + 1 < n[k] ? potential[at + jump[k]] : NaN;
      const slope = Number.isNaN(below) ? above - v : Number.isNaN(above) ? v - below : 0.5 * (above - below);
      square += Number.isNaN(slope) ? 0 : (1e3 * slope) / step * ((1e3 * slope) / step);
    }
    return Number.isNaN(v) ? NaN : Math.sqrt(square);
  });
}

// 'potential_V' or 'E_V_per_m' of a set on the scene's grid, at 1 mA.
export async function fieldOf(scene, set, quantity) {
  set.fields ??= {};
  set.fields.potential_V ??= sum(scene, set.share ?? {});
  if (quantity === 'E_V_per_m') set.fields.E_V_per_m ??= set.fields.potential_V.then((v) => strengthOf(scene.grid, v));
  return set.fields[quantity];
}

// Share of a root's fibres (thresholds ascending, infinite for never) that an amplitude recruits. The thresholds are
// rounded to 24 bits.
export function recruited(thresholds, amplitude) {
  const reach = amplitude * (1 + 1e-6);
  let n = 0;
  while (n < thresholds.length && thresholds[n] <= reach) n++;
  return thresholds.length ? n / thresholds.length : 0;
}
