"""Reads a .vtu or .vtp with VTK's own reader and prints what it found, one "key value ..." a line.
Ends with 77 where VTK is not installed."""
import sys

try:
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy
except ImportError:
    sys.exit(77)
import numpy as np


def read(path):
    reader = vtk.vtkXMLUnstructuredGridReader() if path.endswith(".vtu") else vtk.vtkXMLPolyDataReader()
    faults = []
    reader.AddObserver("ErrorEvent", lambda caller, event: faults.append(event))
    reader.SetFileName(path)
    reader.Update()
    if faults:
        sys.exit("VTK's reader reports an error")
    return reader.GetOutput()


def print_arrays(kind, data):
    for i in range(data.GetNumberOfArrays()):
        v = vtk_to_numpy(data.GetArray(i)).astype(float)
        print("array", kind, data.GetArrayName(i), data.GetArray(i).GetNumberOfComponents(), len(v), repr(v.sum()))


def print_names(data):
    for i in range(data.GetNumberOfArrays()):
        a = data.GetAbstractArray(i)
        print("names", a.GetName(), ",".join(a.GetValue(k) for k in range(a.GetNumberOfValues())))


def tetrahedra_volume(grid):
    x = vtk_to_numpy(grid.GetPoints().GetData())
    tet = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 4)
    a = x[tet[:, 0]]
    return np.einsum("ij,ij->i", np.cross(x[tet[:, 1]] - a, x[tet[:, 2]] - a), x[tet[:, 3]] - a).sum() / 6


def print_surfaces(poly):
    """For each region: triangles, enclosed volume, edges that are not in exactly two triangles, one each way, the
    smallest angle's sine and the number of bodies by the Euler characteristic."""
    x = vtk_to_numpy(poly.GetPoints().GetData())
    tri = vtk_to_numpy(poly.GetPolys().GetConnectivityArray()).reshape(-1, 3).astype(np.int64)
    region = vtk_to_numpy(poly.GetCellData().GetArray("region"))
    for r in np.unique(region):
        t = tri[region == r]
        edges = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
        key = edges[:, 0] * len(x) + edges[:, 1]
        back = edges[:, 1] * len(x) + edges[:, 0]
        open_edges = len(key) - len(np.unique(key)) + np.sum(~np.isin(key, back))
        a, b, c = x[t[:, 0]], x[t[:, 1]], x[t[:, 2]]
        volume = np.einsum("ij,ij->i", np.cross(a, b), c).sum() / 6
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
        euler = len(np.unique(t)) - len(edges) // 2 + len(t)
        print("surface", r, len(t), repr(volume), open_edges, repr(area.min()), euler)


def main():
    data = read(sys.argv[1])
    print("points", data.GetNumberOfPoints())
    print("cells", data.GetNumberOfCells())
    print("bounds", *data.GetBounds())
    if data.IsA("vtkUnstructuredGrid"):
        print("volume", repr(tetrahedra_volume(data)))
    elif data.GetCellData().GetArray("region") and data.GetNumberOfLines() == 0:
        print_surfaces(data)
    print_arrays("point", data.GetPointData())
    print_arrays("cell", data.GetCellData())
    print_names(data.GetFieldData())


main()
