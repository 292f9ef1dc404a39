"""pinholes.py OUT: nodes that belong to both sides of the dura. First-order elements let current pass at such a node,
past the dura, although no face leaks."""
import sys

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from results import check

INSIDE, OUTSIDE = {"csf", "white", "grey"}, {"fat", "bone", "body"}


def read(reader, path):
    reader.SetFileName(path)
    reader.Update()
    return reader.GetOutput()


def nodes_of(tet, region, names, wanted):
    inside = np.isin(region, [i for i, n in enumerate(names) if n in wanted])
    return np.unique(tet[inside])


def on_lead(x, lead):
    known = {p.tobytes(): i for i, p in enumerate(x)}
    return np.array([known[p.tobytes()] for p in lead])


def main():
    grid = read(vtk.vtkXMLUnstructuredGridReader(), sys.argv[1] + "/mesh.vtu")
    lead = read(vtk.vtkXMLPolyDataReader(), sys.argv[1] + "/contacts.vtp")
    x = vtk_to_numpy(grid.GetPoints().GetData())
    tet = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 4)
    region = vtk_to_numpy(grid.GetCellData().GetArray("region"))
    table = grid.GetFieldData().GetAbstractArray("region_names")
    names = [table.GetValue(i) for i in range(table.GetNumberOfValues())]
    inside = nodes_of(tet, region, names, INSIDE)
    fat = np.intersect1d(inside, nodes_of(tet, region, names, OUTSIDE))
    body = np.intersect1d(inside, on_lead(x, vtk_to_numpy(lead.GetPoints().GetData())))
    check(len(fat) == 0, f"nodes that CSF or cord shares with fat: {len(fat)}{places(x, fat)}")
    check(len(body) == 0, f"nodes that CSF or cord shares with the lead: {len(body)}{places(x, body)}")


def places(x, nodes):
    return "".join(f" ({x[n][0]:.1f}, {x[n][1]:.1f}, {x[n][2]:.1f})" for n in nodes[:3])


if __name__ == "__main__":
    main()
