"""NIfTI-1 files as arrays and back, with nothing but numpy, so that nothing is shared with what is tested."""
import gzip

import numpy as np

TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4"}


def read(path):
    """(values [i, j, k], affine [4, 4], header bytes)"""
    raw = (gzip.open if path.endswith("gz") else open)(path, "rb").read()
    e = "<" if np.frombuffer(raw, "<i4", 1)[0] == 348 else ">"
    dim = np.frombuffer(raw, e + "i2", 8, 40)
    kind = TYPES[int(np.frombuffer(raw, e + "i2", 1, 70)[0])]
    offset = int(np.frombuffer(raw, e + "f4", 1, 108)[0])
    n = tuple(int(x) for x in dim[1:4])
    v = np.frombuffer(raw, e + kind, int(np.prod(n)), offset).reshape(n, order="F")
    affine = np.eye(4)
    if np.frombuffer(raw, e + "i2", 1, 254)[0] > 0:
        affine[:3] = np.frombuffer(raw, e + "f4", 12, 280).reshape(3, 4)
    else:
        affine[:3] = qform(raw, e)
    return v, affine, raw[:offset]


def qform(raw, e):
    pix = np.frombuffer(raw, e + "f4", 8, 76).astype(float)
    b, c, d, x, y, z = np.frombuffer(raw, e + "f4", 6, 256).astype(float)
    a = np.sqrt(max(0.0, 1 - b * b - c * c - d * d))
    r = np.array([[a*a + b*b - c*c - d*d, 2*b*c - 2*a*d, 2*b*d + 2*a*c],
                  [2*b*c + 2*a*d, a*a + c*c - b*b - d*d, 2*c*d - 2*a*b],
                  [2*b*d - 2*a*c, 2*c*d + 2*a*b, a*a + d*d - c*c - b*b]])
    r = r * pix[1:4] * np.array([1, 1, -1 if pix[0] < 0 else 1])
    return np.column_stack([r, [x, y, z]])


def write(path, v, affine, kind="i2"):
    """A file of millimetres with an sform; kind as in TYPES."""
    h = np.zeros(352, np.uint8)

    def put(at, what, values):
        b = np.atleast_1d(np.asarray(values, "<" + what)).tobytes()
        h[at:at + len(b)] = np.frombuffer(b, np.uint8)

    code = {t: c for c, t in TYPES.items()}[kind]
    put(0, "i4", 348), put(40, "i2", [3, *v.shape, 1, 1, 1, 1])
    put(70, "i2", [code, np.dtype(kind).itemsize * 8])
    put(76, "f4", [1, *np.linalg.norm(affine[:3, :3], axis=0)])
    put(108, "f4", 352), put(123, "u1", 2), put(254, "i2", 1), put(280, "f4", affine[:3].ravel())
    put(344, "u1", list(b"n+1\0"))
    data = h.tobytes() + np.asfortranarray(v.astype("<" + kind)).tobytes(order="F")
    (gzip.open if path.endswith("gz") else open)(path, "wb").write(data)
