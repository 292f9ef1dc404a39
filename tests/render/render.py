"""Pictures of a run's results, by VTK without a window:
    xvfb-run -a /usr/bin/python3 tests/render/render.py OUT [options]

Reads what is there of OUT/mesh.vtu, surfaces.vtp, contacts.vtp, fibers.vtp and field_*.vtu and writes
  axial.png, axial_wide.png   the mesh cut at one height, coloured by region, with its edges
  coronal.png                 the same along the cord
  surfaces.png                bone and fat cut away: dura, cord, roots and contacts from behind
  field_NAME.png, field_NAME_sagittal.png   the potential on planes through the contacts
"""
import argparse
import glob
import os
import sys

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

TISSUE_COLOURS = {
    "body": (0.92, 0.80, 0.72), "bone": (0.93, 0.91, 0.80), "fat": (0.98, 0.86, 0.45), "dura": (0.45, 0.35, 0.60),
    "csf": (0.70, 0.86, 0.96), "white": (0.96, 0.96, 0.96), "grey": (0.62, 0.60, 0.62),
}
SIZE = (1400, 1100)


def read(path):
    reader = vtk.vtkXMLUnstructuredGridReader() if path.endswith(".vtu") else vtk.vtkXMLPolyDataReader()
    reader.SetFileName(path)
    reader.Update()
    return reader.GetOutput()


def names_of(data, table):
    a = data.GetFieldData().GetAbstractArray(table)
    return [a.GetValue(i) for i in range(a.GetNumberOfValues())] if a else []


def colour_of(name):
    """Tissues as listed; roots by segment, the right ones paler, ventral ones darker."""
    if name in TISSUE_COLOURS:
        return TISSUE_COLOURS[name]
    segment = name.split("_")[0]
    order = "CTLS".find(segment[:1]) * 5 + int("".join(c for c in segment if c.isdigit()) or 0)
    rgb = [0.0, 0.0, 0.0]
    hue = (order * 0.381966) % 1.0  # golden section: neighbours differ
    vtk.vtkMath.HSVToRGB([hue, 0.45 if "_R" in name else 0.85, 0.70 if "ventral" in name else 0.92], rgb)
    return tuple(rgb)


def region_table(names):
    table = vtk.vtkLookupTable()
    table.SetNumberOfTableValues(max(1, len(names)))
    table.SetTableRange(0, max(1, len(names) - 1))
    table.Build()
    for i, name in enumerate(names):
        table.SetTableValue(i, *colour_of(name), 1.0)
    return table


def legend(names, shown):
    box = vtk.vtkLegendBoxActor()
    shown = [i for i in shown if i < len(names)]
    box.SetNumberOfEntries(len(shown))
    square = vtk.vtkPlaneSource()
    square.Update()
    for row, i in enumerate(shown):
        box.SetEntry(row, square.GetOutput(), names[i], colour_of(names[i]))
        box.SetEntryColor(row, *colour_of(names[i]))
    height = min(0.96, 0.028 * len(shown))
    box.SetPosition(0.83, 0.98 - height)
    box.SetPosition2(0.16, height)
    box.UseBackgroundOn()
    box.SetBackgroundColor(0.15, 0.15, 0.15)
    return box


def caption(text):
    actor = vtk.vtkTextActor()
    actor.SetInput(text)
    actor.GetTextProperty().SetFontSize(20)
    actor.GetTextProperty().SetColor(0, 0, 0)
    actor.SetPosition(12, 10)
    return actor


def shoot(actors, path, focus, direction, up, half_height, parallel=True):
    renderer = vtk.vtkRenderer()
    renderer.SetBackground(1, 1, 1)
    for a in actors:
        renderer.AddViewProp(a)
    camera = renderer.GetActiveCamera()
    camera.SetFocalPoint(*focus)
    camera.SetPosition(*(np.asarray(focus) + 400.0 * np.asarray(direction, float)))
    camera.SetViewUp(*up)
    camera.SetParallelProjection(parallel)
    camera.SetParallelScale(half_height)
    renderer.ResetCameraClippingRange()
    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(4)
    window.SetSize(*SIZE)
    window.AddRenderer(renderer)
    window.Render()
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(window)
    writer = vtk.vtkPNGWriter()
    writer.SetFileName(path)
    writer.SetInputConnection(grab.GetOutputPort())
    writer.Write()
    print(path)


def cut(data, origin, normal):
    plane = vtk.vtkPlane()
    plane.SetOrigin(*origin)
    plane.SetNormal(*normal)
    cutter = vtk.vtkCutter()
    cutter.SetCutFunction(plane)
    cutter.SetInputData(data)
    cutter.Update()
    return cutter.GetOutput()


def actor_of(poly):
    mapper = vtk.vtkPolyDataMapper()
    mapper.SetInputData(poly)
    mapper.ScalarVisibilityOff()
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    return actor


def region_actor(poly, names, edges):
    actor = actor_of(poly)
    mapper = actor.GetMapper()
    mapper.ScalarVisibilityOn()
    mapper.SetScalarModeToUseCellFieldData()
    mapper.SelectColorArray("region")
    mapper.SetLookupTable(region_table(names))
    mapper.SetUseLookupTableScalarRange(True)
    actor.GetProperty().SetLighting(False)
    if edges:
        actor.GetProperty().EdgeVisibilityOn()
        actor.GetProperty().SetEdgeColor(0.25, 0.25, 0.25)
        actor.GetProperty().SetLineWidth(0.5)
    return actor


def where(poly, names, wanted):
    """Middle of the cells of some regions (all cells where there are none)."""
    centres = vtk.vtkCellCenters()
    centres.SetInputData(poly)
    centres.Update()
    x = vtk_to_numpy(centres.GetOutput().GetPoints().GetData())
    region = vtk_to_numpy(poly.GetCellData().GetArray("region"))
    inside = np.isin(region, [names.index(n) for n in wanted if n in names])
    x = x[inside] if inside.any() else x
    return 0.5 * (x.min(axis=0) + x.max(axis=0))


def regions_in(poly):
    return [int(r) for r in np.unique(vtk_to_numpy(poly.GetCellData().GetArray("region")))]


def picture_cuts(mesh, z, out, half):
    names = names_of(mesh, "region_names")
    axial = cut(mesh, (0, 0, z), (0, 0, 1))
    if axial.GetNumberOfCells() == 0:
        sys.exit("no part of the mesh lies at z = %g mm" % z)
    focus = where(axial, names, ["csf", "white"])
    for file, height, edges in (("axial.png", half, True), ("axial_wide.png", 5 * half, False)):
        actors = [region_actor(axial, names, edges), legend(names, regions_in(axial)),
                  caption("z = %.1f mm, seen from above; up is anterior" % z)]
        shoot(actors, os.path.join(out, file), focus, (0, 0, 1), (0, 1, 0), height)
    along = cut(mesh, focus, (0, 1, 0))
    actors = [region_actor(along, names, False), legend(names, regions_in(along)),
              caption("y = %.1f mm, seen from behind" % focus[1])]
    shoot(actors, os.path.join(out, "coronal.png"), focus, (0, -1, 0), (0, 0, 1), 4 * half)


def pick_cells(poly, array, value):
    """The cells whose array has this value, as an actor; None if there are none."""
    pick = vtk.vtkThreshold()
    pick.SetInputData(poly)
    pick.SetInputArrayToProcess(0, 0, 0, vtk.vtkDataObject.FIELD_ASSOCIATION_CELLS, array)
    pick.SetLowerThreshold(value - 0.5)
    pick.SetUpperThreshold(value + 0.5)
    surface = vtk.vtkGeometryFilter()
    surface.SetInputConnection(pick.GetOutputPort())
    surface.Update()
    return actor_of(surface.GetOutput()) if surface.GetOutput().GetNumberOfCells() else None


def contact_actors(contacts):
    array = "group"
    actors = []
    for i, name in enumerate(names_of(contacts, array + "_names")):
        actor = pick_cells(contacts, array, i)
        if name == "case" or actor is None:
            continue
        metal = name.startswith("C")
        actor.GetProperty().SetColor(*((0.85, 0.55, 0.10) if metal else (0.35, 0.45, 0.55)))
        actor.GetProperty().SetOpacity(1.0 if metal else 0.4)
        actors.append(actor)
    return actors


def contact_middle(contacts):
    """Middle of the metal contacts, or None."""
    array = "group"
    metal = [i for i, n in enumerate(names_of(contacts, array + "_names")) if n.startswith("C")]
    cells = np.isin(vtk_to_numpy(contacts.GetCellData().GetArray(array)), metal)
    if not cells.any():
        return None
    tri = vtk_to_numpy(contacts.GetPolys().GetConnectivityArray()).reshape(-1, 3)[cells]
    x = vtk_to_numpy(contacts.GetPoints().GetData())[np.unique(tri)]
    return 0.5 * (x.min(axis=0) + x.max(axis=0))


def picture_surfaces(surfaces, contacts, fibers, focus, out, half):
    names = names_of(surfaces, "region_names")
    opacity = {"bone": 0.0, "fat": 0.0, "dura": 0.15, "csf": 0.0, "white": 1.0, "grey": 0.0}
    actors = []
    for i in regions_in(surfaces):
        if opacity.get(names[i], 1.0) == 0.0:
            continue
        actor = pick_cells(surfaces, "region", i)
        actor.GetProperty().SetColor(*colour_of(names[i]))
        actor.GetProperty().SetOpacity(opacity.get(names[i], 1.0))
        actors.append(actor)
    actors += contact_actors(contacts) if contacts else []
    if fibers:
        actor = actor_of(fibers)
        actor.GetProperty().SetColor(0.8, 0.1, 0.1)
        actors.append(actor)
    actors.append(legend(names, [i for i in regions_in(surfaces) if opacity.get(names[i], 1.0) > 0.0]))
    direction = np.array([-0.45, -0.85, 0.25])
    shoot(actors, os.path.join(out, "surfaces.png"), focus, direction / np.linalg.norm(direction), (0, 0, 1), 3 * half)


def potential_actors(poly, array, reach):
    values = poly.GetPointData().GetArray(array)
    table = vtk.vtkLookupTable()
    table.SetNumberOfTableValues(256)
    table.SetTableRange(-reach, reach)
    for i in range(256):
        s = 2.0 * i / 255.0 - 1.0  # blue, white, red
        table.SetTableValue(i, min(1.0, 1.0 + s), 1.0 - abs(s), min(1.0, 1.0 - s), 1.0)
    actor = actor_of(poly)
    mapper = actor.GetMapper()
    mapper.ScalarVisibilityOn()
    mapper.SetScalarModeToUsePointFieldData()
    mapper.SelectColorArray(values.GetName())
    mapper.SetLookupTable(table)
    mapper.SetUseLookupTableScalarRange(True)
    actor.GetProperty().SetLighting(False)
    poly.GetPointData().SetActiveScalars(array)
    lines = vtk.vtkContourFilter()
    lines.SetInputData(poly)
    lines.GenerateValues(21, -reach, reach)
    lines.Update()
    iso = actor_of(lines.GetOutput())
    iso.GetProperty().SetColor(0.2, 0.2, 0.2)
    bar = vtk.vtkScalarBarActor()
    bar.SetLookupTable(table)
    bar.SetTitle(array)
    bar.SetPosition(0.88, 0.1)
    bar.SetWidth(0.09)
    for text in (bar.GetTitleTextProperty(), bar.GetLabelTextProperty()):
        text.SetColor(0, 0, 0)
    return [actor, iso, bar]


def picture_field(path, array, focus, out, half):
    field = read(path)
    if not field.GetPointData().GetArray(array):
        print("%s has no point array %s" % (path, array))
        return
    name = os.path.splitext(os.path.basename(path))[0]
    for suffix, normal, direction, up in (("", (0, 0, 1), (0, 0, 1), (0, 1, 0)),
                                          ("_sagittal", (1, 0, 0), (1, 0, 0), (0, 0, 1))):
        plane = cut(field, focus, normal)
        # 98 %: a few points at the contact's edge would hide the rest
        reach = np.quantile(np.abs(vtk_to_numpy(plane.GetPointData().GetArray(array))), 0.98)
        actors = potential_actors(plane, array, max(reach, 1e-12))
        actors.append(caption("%s, plane through (%.1f, %.1f, %.1f) mm" % ((name,) + tuple(focus))))
        shoot(actors, os.path.join(out, name + suffix + ".png"), focus, direction, up, (2 if suffix else 1) * half)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out")
    arguments.add_argument("--z", type=float, help="height of the axial cut, mm (default: the contacts' middle)")
    arguments.add_argument("--half", type=float, default=14.0, help="half the height of the close view, mm")
    arguments.add_argument("--array", default="potential_V")
    arguments.add_argument("--to", help="folder for the pictures (default: OUT)")
    o = arguments.parse_args()
    to = o.to or o.out
    os.makedirs(to, exist_ok=True)
    there = {f: read(os.path.join(o.out, f)) for f in ("mesh.vtu", "surfaces.vtp", "contacts.vtp", "fibers.vtp")
             if os.path.exists(os.path.join(o.out, f))}
    fields = sorted(glob.glob(os.path.join(o.out, "field_*.vtu")))
    if not there and not fields:
        sys.exit("%s: no mesh.vtu, surfaces.vtp or field_*.vtu" % o.out)
    contacts = there.get("contacts.vtp")
    whole = there.get("mesh.vtu") or there.get("surfaces.vtp") or read(fields[0])
    middle = contact_middle(contacts) if contacts else None
    focus = np.array(middle if middle is not None else whole.GetCenter())
    if o.z is not None:
        focus[2] = o.z
    if "mesh.vtu" in there:
        picture_cuts(there["mesh.vtu"], focus[2], to, o.half)
    if "surfaces.vtp" in there:
        picture_surfaces(there["surfaces.vtp"], contacts, there.get("fibers.vtp"), focus, to, o.half)
    for path in fields:
        picture_field(path, o.array, focus, to, o.half)


main()
