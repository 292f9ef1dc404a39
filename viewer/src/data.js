// The page's data: what C wrote as text becomes arrays of numbers.

const kinds = { f32: Float32Array, u16: Uint16Array, u32: Uint32Array };

// {type, n, z: base64 of a zlib stream} to a typed array.
export async function unpack({ type, n, z }) {
  const bytes = Uint8Array.from(atob(z), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  const array = new kinds[type](await new Response(stream).arrayBuffer());
  if (array.length !== n) throw new Error(`found ${array.length} numbers, expected ${n}`);
  return array;
}

// Fields are unpacked when they are first looked at: a set has two, and most are never shown.
async function unpackSet(set) {
  const [points, thresholds] = await Promise.all([unpack(set.sites.points), unpack(set.sites.threshold_mA)]);
  return { name: set.name, field: set.field, sites: { points, thresholds } };
}

export async function fieldOf(set, quantity) {
  const field = set.field[quantity];
  field.array ??= await unpack(field.values);
  return field;
}

const surface = async (s) => ({ ...s, points: await unpack(s.points), triangles: await unpack(s.triangles) });

export async function unpackScene(scene) {
  const [shells, lead, roots, sets] = await Promise.all([
    Promise.all(scene.shells.map(surface)),
    Promise.all(scene.lead.map(surface)),
    Promise.all(scene.roots.map(async (r) => ({ name: r.name, line: await unpack(r.line) }))),
    Promise.all(scene.sets.map(unpackSet)),
  ]);
  return { ...scene, shells, lead, roots, sets };
}

// Share of a root's fibres (thresholds ascending, null for never) that an amplitude recruits.
export function recruited(thresholds, amplitude) {
  let n = 0;
  while (n < thresholds.length && thresholds[n] !== null && thresholds[n] <= amplitude) n++;
  return thresholds.length ? n / thresholds.length : 0;
}
