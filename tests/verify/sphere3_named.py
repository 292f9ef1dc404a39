"""sphere3_named.py IN.msh OUT.msh: names the groups of a binary Gmsh 2.2 mesh that numbers them: the volumes 3, 4, 5
become white, bone, body, the surface 1005 case; faces between volumes are left out. Written as ASCII 2.2."""
import sys

import numpy as np

VOLUMES = {3: "white", 4: "bone", 5: "body"}
SURFACES = {1005: "case"}
NODES = {2: 3, 4: 4, 15: 1, 1: 2}


def section(data, name):
    start = data.index(b"$%s\n" % name) + len(name) + 2
    end = data.index(b"\n", start)
    return int(data[start:end]), end + 1


def elements(data):
    """(type, physical group, nodes) of each element."""
    n, at = section(data, b"Elements")
    while n > 0:
        kind, count, tags = np.frombuffer(data, "<i4", 3, at)
        width = 1 + tags + NODES[kind]
        block = np.frombuffer(data, "<i4", count * width, at + 12).reshape(count, width)
        yield from ((kind, row[1], row[1 + tags:]) for row in block)
        at += 12 + 4 * count * width
        n -= count


def main():
    data = open(sys.argv[1], "rb").read()
    n, at = section(data, b"Nodes")
    nodes = np.frombuffer(data, np.dtype([("id", "<i4"), ("x", "<f8", 3)]), n, at)
    kept = [e for e in elements(data) if e[1] in (VOLUMES if e[0] == 4 else SURFACES)]
    with open(sys.argv[2], "w") as out:
        print("$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames", len(VOLUMES) + len(SURFACES), sep="\n", file=out)
        for dimension, names in ((2, SURFACES), (3, VOLUMES)):
            for tag, name in names.items():
                print(dimension, tag, f'"{name}"', file=out)
        print("$EndPhysicalNames\n$Nodes", n, sep="\n", file=out)
        for i, x in nodes:
            print(i, *x, file=out)
        print("$EndNodes\n$Elements", len(kept), sep="\n", file=out)
        for i, (kind, group, node) in enumerate(kept):
            print(i + 1, kind, 2, group, group, *node, file=out)
        print("$EndElements", file=out)


if __name__ == "__main__":
    main()
