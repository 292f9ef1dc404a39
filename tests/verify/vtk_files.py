"""What VTK's own readers find in the files of a run: python3 vtk_files.py OUT. Prints "0 what holds" or "1 what does not".
Arrays that are not numbers of something (region, group, root, class) end in their unit."""
import os
import sys
import xml.etree.ElementTree as xml

import vtk

OUT = sys.argv[1]
UNITS = ("_mm", "_um", "_mA", "_V", "_V_per_m")
NUMBERS = {"region", "group", "root", "class"}


def tell(good, words):
    print("%d %s" % (0 if good else 1, words))


def read(name):
    reader = vtk.vtkXMLUnstructuredGridReader() if name.endswith(".vtu") else vtk.vtkXMLPolyDataReader()
    reader.SetFileName(os.path.join(OUT, name))
    reader.Update()
    return reader.GetOutput()


def arrays(data):
    return [d.GetArrayName(i) for d in (data.GetPointData(), data.GetCellData()) for i in range(d.GetNumberOfArrays())]


def names(data, table):
    a = data.GetFieldData().GetAbstractArray(table)
    return [a.GetValue(i) for i in range(a.GetNumberOfValues())] if a else []


files = [e.get("file") for e in xml.parse(os.path.join(OUT, "results.pvd")).getroot().iter("DataSet")]
tell(set(files) >= {"surfaces.vtp", "contacts.vtp", "fibers.vtp", "mesh.vtu"}, "results.pvd names %s" % ", ".join(files))
for name in files:
    data = read(name)
    plain = [a for a in arrays(data) if a not in NUMBERS and not a.startswith("threshold_mA_") and not a.endswith(UNITS)
             and a != "Normals"]
    tell(data.GetNumberOfCells() > 0 and not plain,
         "%s: %d cells; arrays %s" % (name, data.GetNumberOfCells(), ", ".join(sorted(set(arrays(data)))[:6])) +
         ("; without a unit: %s" % ", ".join(plain) if plain else ""))
    for array, table in (("region", "region_names"), ("group", "group_names"), ("root", "root_names")):
        numbers = data.GetCellData().GetArray(array)
        if numbers:
            low, high = numbers.GetRange()
            tell(0 <= low and high < len(names(data, table)), "%s: every %s has a name (%d)" %
                 (name, array, len(names(data, table))))
roots = {n for n in names(read("surfaces.vtp"), "region_names") if "_" in n}
tell(roots and roots == set(names(read("fibers.vtp"), "root_names")), "surfaces and fibres name the same %d roots" %
     len(roots))
