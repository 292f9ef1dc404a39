"""Small NIfTI-1 files without any package, and what test_nifti.sh asks of them.
    nifti.py turn LABELS.nii.gz TABLE.csv FOLDER    an asymmetric subject, turned, its axes stored in another order: FOLDER/
                                                    labels.nii.gz, table.yaml
    nifti.py points IMAGE.nii.gz LABELS.nii.gz POINTS.csv         places of voxels, and what the two images say there
    nifti.py same POINTS.csv FIELD.csv TABLE.yaml [E.nii.gz]      prints "0 what holds" or "1 what does not" """
import csv
import gzip
import math
import random
import struct
import sys

TYPES = {4: "h", 16: "f"}


def read(path):
    with gzip.open(path) as f:
        b = f.read()
    dim = struct.unpack_from("<8h", b, 40)
    kind = struct.unpack_from("<h", b, 70)[0]
    at = int(struct.unpack_from("<f", b, 108)[0])
    affine = [list(struct.unpack_from("<4f", b, 280 + 16 * r)) for r in range(3)]
    n = dim[1:4]
    v = struct.unpack_from("<%d%s" % (n[0] * n[1] * n[2], TYPES[kind]), b, at)
    return n, affine, v, bytearray(b[:at])


def write(path, n, affine, v, header):
    struct.pack_into("<4h", header, 40, 3, *n)
    struct.pack_into("<2h", header, 252, 0, 1)  # the sform alone
    for r in range(3):
        struct.pack_into("<4f", header, 280 + 16 * r, *affine[r])
    struct.pack_into("<3f", header, 80, *[math.sqrt(sum(affine[r][c] ** 2 for r in range(3))) for c in range(3)])
    with gzip.open(path, "wb", 1) as f:
        f.write(bytes(header) + struct.pack("<%dh" % len(v), *v))


def turn(labels, table, folder):
    """Right L2 becomes CSF. Storage: old axes k, i, j, the first backwards. World: 25 degrees about z, 10 mm aside."""
    n, affine, v, header = read(labels)
    rows = list(csv.DictReader(open(table)))
    gone = [int(r["value"]) for r in rows if r["region"].startswith("L2_R")]
    with open(folder + "/table.yaml", "w") as f:
        f.write("source: test\nlabels:\n")
        for r in rows:
            if int(r["value"]) not in gone:
                f.write("  - {value: %s, structure: %s}\n" %
                        (r["value"], "ignore" if r["region"] == "outside" else r["region"]))
    m = (n[2], n[0], n[1])
    out = [0] * len(v)
    at = 0
    for k in range(n[2]):
        for j in range(n[1]):
            for i in range(n[0]):
                value = v[at]
                at += 1
                out[(j * m[1] + i) * m[0] + (m[0] - 1 - k)] = 5 if value in gone else value
    c, s = math.cos(math.radians(25)), math.sin(math.radians(25))
    world = [[c, -s, 0], [s, c, 0], [0, 0, 1]]
    old = [[sum(world[r][e] * affine[e][a] for e in range(3)) for a in range(4)] for r in range(3)]
    new = [[-old[r][2], old[r][0], old[r][1], old[r][3] + old[r][2] * (n[2] - 1)] for r in range(3)]
    new[0][3] += 10
    write(folder + "/labels.nii.gz", m, new, out, header)


def points(image, labels, path):
    n, affine, v, _ = read(image)
    n2, affine2, label, _ = read(labels)
    same = n == n2 and all(abs(a - b) < 1e-4 for p, q in zip(affine, affine2) for a, b in zip(p, q))
    print("%d the image has the grid of the input" % (0 if same else 1))
    tissue = [i for i in range(len(v)) if label[i] >= 3 and v[i] != 0]
    some = random.Random(1).sample(tissue, 400) + [min(tissue, key=v.__getitem__)]
    with open(path, "w") as f:
        f.write("x_mm,y_mm,z_mm,value,label\n")
        for at in some:
            i, j, k = at % n[0], at // n[0] % n[1], at // (n[0] * n[1])
            place = [affine[r][0] * i + affine[r][1] * j + affine[r][2] * k + affine[r][3] for r in range(3)]
            f.write("%.9g,%.9g,%.9g,%.9g,%d\n" % (*place, v[at], label[at]))
    # The cathode is a left contact: the lowest potential lies nearer to left roots than to right ones.
    low = [float(x) for x in open(path).read().split()[-1].split(",")[:3]]
    near = {}
    for line in open(image.rsplit("/", 1)[0] + "/../table.yaml"):
        for side in "LR":
            if "_%s_" % side in line:
                near.setdefault(side, set()).add(int(line.split("value:")[1].split(",")[0]))
    least = {"L": 1e9, "R": 1e9}
    for at, value in enumerate(label):
        side = "L" if value in near["L"] else "R" if value in near["R"] else None
        if not side:
            continue
        i, j, k = at % n[0], at // n[0] % n[1], at // (n[0] * n[1])
        place = [affine[r][0] * i + affine[r][1] * j + affine[r][2] * k + affine[r][3] for r in range(3)]
        least[side] = min(least[side], math.dist(place, low))
    print("%d the lowest potential lies %.1f mm from a left root, %.1f mm from a right one" %
          (0 if least["L"] < least["R"] else 1, least["L"], least["R"]))


def same(points_csv, field_csv, table):
    name = {}
    for line in open(table):
        if "value:" in line:
            name[int(line.split("value:")[1].split(",")[0])] = line.split("structure:")[1].strip(" }\n")
    rows = list(csv.DictReader(open(field_csv)))
    far = max(abs(float(r["value"]) - float(r["potential_V"] or "nan")) for r in rows)
    most = max(abs(float(r["value"])) for r in rows)
    print("%d voxels have the potential of their place in the world (%.1e of %.3g V)" % (0 if far < 1e-5 * most else 1, far,
                                                                                      most))
    agree = sum(name[int(r["label"])] == r["tissue"] for r in rows) / len(rows)
    print("%d and the tissue of the input image there (%.0f %%)" % (0 if agree > 0.9 else 1, 100 * agree))


globals()[sys.argv[1]](*sys.argv[2:])
