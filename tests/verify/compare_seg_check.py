"""cauda compare-seg against SciPy: compare_seg_check.py CAUDA FOLDER A.nii.gz B.nii.gz [...pairs]
Dice, IoU, kappa and surface distances of each label to 1e-6. Labels of B are also compared with a worse annotator's,
made here: moved by a voxel, with a tenth of the voxels lost or given another label."""
import json
import os
import subprocess
import sys

import numpy as np
from scipy import ndimage

import nifti_arrays

LIMIT = 1e-6


def surface(mask):
    return mask & ~ndimage.binary_erosion(mask, border_value=0)


def distances(a, b, step):
    """mean over both ways together; the larger 95th percentile"""
    if not a.any() or not b.any():
        return None, None
    sa, sb = surface(a), surface(b)
    ab = ndimage.distance_transform_edt(~sb, sampling=step)[sa]
    ba = ndimage.distance_transform_edt(~sa, sampling=step)[sb]
    return np.concatenate([ab, ba]).mean(), max(np.percentile(ab, 95), np.percentile(ba, 95))


def kappa(a, b):
    table = np.array([[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]], float) / a.size
    chance = np.dot(table.sum(0), table.sum(1))
    return (np.trace(table) - chance) / (1 - chance)


def expected(a, b, affine):
    step = np.linalg.norm(affine[:3, :3], axis=0)
    up = int(np.argmax(np.abs(affine[2, :3]) / step))
    out = {}
    for label in [*sorted(set(np.unique(a)) | set(np.unique(b)) - {0}), "mask"]:
        if label == 0:
            continue
        x, y = (a != 0, b != 0) if label == "mask" else (a == label, b == label)
        both = np.sum(x & y)
        mean, most = distances(x, y, step)
        plane = tuple(e for e in range(3) if e != up)
        ax, ay = x.sum(plane) * np.prod(step) / step[up], y.sum(plane) * np.prod(step) / step[up]
        shared = (ax > 0) & (ay > 0)
        out[label if label == "mask" else str(int(label))] = {
            "dice": 2 * both / (x.sum() + y.sum()), "iou": both / np.sum(x | y), "kappa": kappa(x, y),
            "distance_mean_mm": mean, "distance_95_mm": most,
            "volume_a_mm3": x.sum() * np.prod(step), "volume_b_mm3": y.sum() * np.prod(step),
            "area_difference_mm2": (ay - ax)[shared].mean() if shared.any() else None}
    return out


def compare(cauda, path_a, path_b):
    """largest difference, and where"""
    a, affine, _ = nifti_arrays.read(path_a)
    b = nifti_arrays.read(path_b)[0]
    found = json.loads(subprocess.run([cauda, "compare-seg", path_a, path_b, "--json", "--quiet", "--units", "mm"],
                                      check=True, capture_output=True, text=True).stdout)
    found = {x["label"]: x for x in found[0]["labels"]}
    worst, where, count = 0.0, "", 0
    wanted = expected(a, b, affine)
    if set(found) != set(wanted):
        return np.inf, "labels", 0
    for label, values in wanted.items():
        for name, value in values.items():
            own = found[label][name]
            if (own is None) != (value is None):
                return np.inf, f"{label} {name}", count
            if own is None:
                continue
            count += 1
            off = abs(own - value) / max(1.0, abs(value))
            if off > worst:
                worst, where = off, f"{label} {name}"
    return worst, where, count


def worse_annotator(path, out):
    v, affine, _ = nifti_arrays.read(path)
    rng = np.random.default_rng(1)
    w = np.roll(v, 1, axis=0).copy()
    at = np.flatnonzero(w.ravel())
    labels = np.unique(w)
    w.ravel()[rng.choice(at, len(at) // 10, replace=False)] = 0
    at = rng.choice(at, len(at) // 10, replace=False)
    w.ravel()[at] = rng.choice(labels, len(at))
    nifti_arrays.write(out, w.astype("i2"), affine)


def main():
    cauda, folder, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    for a, b in zip(paths[::2], paths[1::2]):
        worse = os.path.join(folder, "worse.nii.gz")
        worse_annotator(b, worse)
        for other in (a, worse):
            worst, where, count = compare(cauda, other, b)
            print(f"{int(not worst <= LIMIT)} {os.path.basename(other)} and {os.path.basename(b)}: {count} numbers, "
                  f"largest difference {worst:.1e} {where}")


main()
