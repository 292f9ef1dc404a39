"""One picture of a set's field on the cord and the roots, for the README:
    xvfb-run -a /usr/bin/python3 tests/render/overview.py OUT SET PNG
reads OUT/field_SET.vtu, surfaces.vtp and contacts.vtp (cauda run, then cauda field --set SET).
Left: cord and roots from behind, coloured by potential, with the paddle's contacts. Right: the same potential on a cut
through the level of the steepest contact, with the borders of the tissues."""
import sys

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

WIDE, HIGH = 1500, 1000


def read(path):
    reader = vtk.vtkXMLUnstructuredGridReader() if path.endswith(".vtu") else vtk.vtkXMLPolyDataReader()
    reader.SetFileName(path)
    reader.Update()
    return reader.GetOutput()


def names_of(data, table):
    a = data.GetFieldData().GetAbstractArray(table)
    return [a.GetValue(i) for i in range(a.GetNumberOfValues())] if a else []


def colours(reach):
    table = vtk.vtkColorTransferFunction()
    table.SetColorSpaceToDiverging()
    table.AddRGBPoint(-reach, 0.23, 0.30, 0.75)
    table.AddRGBPoint(0.0, 0.93, 0.93, 0.93)
    table.AddRGBPoint(reach, 0.71, 0.02, 0.15)
    return table


def pick(poly, array, keep):
    """The cells whose array is one of `keep`, as polygons."""
    values = vtk_to_numpy(poly.GetCellData().GetArray(array))
    ids = vtk.vtkIdTypeArray()
    for i in np.flatnonzero(np.isin(values, keep)):
        ids.InsertNextValue(int(i))
    node = vtk.vtkSelectionNode()
    node.SetFieldType(vtk.vtkSelectionNode.CELL)
    node.SetContentType(vtk.vtkSelectionNode.INDICES)
    node.SetSelectionList(ids)
    selection = vtk.vtkSelection()
    selection.AddNode(node)
    extract = vtk.vtkExtractSelection()
    extract.SetInputData(0, poly)
    extract.SetInputData(1, selection)
    surface = vtk.vtkGeometryFilter()
    surface.SetInputConnection(extract.GetOutputPort())
    surface.Update()
    return surface.GetOutput()


def plain(poly, rgb, opacity=1.0):
    mapper = vtk.vtkPolyDataMapper()
    mapper.SetInputData(poly)
    mapper.ScalarVisibilityOff()
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*rgb)
    actor.GetProperty().SetOpacity(opacity)
    return actor


def painted(poly, field, table, lit):
    probe = vtk.vtkProbeFilter()
    probe.SetInputData(poly)
    probe.SetSourceData(field)
    probe.Update()
    mapper = vtk.vtkPolyDataMapper()
    mapper.SetInputData(probe.GetOutput())
    mapper.SetScalarModeToUsePointFieldData()
    mapper.SelectColorArray("potential_V")
    mapper.SetLookupTable(table)
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetLighting(lit)
    return actor, probe.GetOutput()


def words(text, x, y, size=24):
    actor = vtk.vtkTextActor()
    actor.SetInput(text)
    actor.GetTextProperty().SetFontSize(size)
    actor.GetTextProperty().SetColor(0, 0, 0)
    actor.SetPosition(x, y)
    return actor


def panel(window, left, right, focus, direction, up, half):
    renderer = vtk.vtkRenderer()
    renderer.SetBackground(1, 1, 1)
    renderer.SetViewport(left, 0, right, 1)
    camera = renderer.GetActiveCamera()
    camera.SetFocalPoint(*focus)
    camera.SetPosition(*(np.asarray(focus) + 400.0 * np.asarray(direction, float)))
    camera.SetViewUp(*up)
    camera.ParallelProjectionOn()
    camera.SetParallelScale(half)
    window.AddRenderer(renderer)
    return renderer


def contact_middles(contacts):
    names = names_of(contacts, "group_names")
    out = {}
    for i, name in enumerate(names):
        part = pick(contacts, "group", [i])
        if name.startswith("C") and part.GetNumberOfCells():
            b = part.GetBounds()
            out[name] = (part, np.array([b[0] + b[1], b[2] + b[3], b[4] + b[5]]) / 2)
    return out


def main():
    out, name, png = sys.argv[1:4]
    field, surfaces = read("%s/field_%s.vtu" % (out, name)), read(out + "/surfaces.vtp")
    contacts = contact_middles(read(out + "/contacts.vtp"))
    regions = names_of(surfaces, "region_names")
    nerve = [i for i, n in enumerate(regions) if n == "white" or "_" in n]
    values = {}
    for contact, (part, _) in contacts.items():
        values[contact] = np.median(vtk_to_numpy(painted(part, field, colours(1), True)[1].GetPointData().GetArray("potential_V")))
    steepest = max(values, key=lambda c: abs(values[c]))
    focus = np.mean([m for _, m in contacts.values()], axis=0)
    tissue = pick(surfaces, "region", nerve)
    on_nerve = vtk_to_numpy(painted(tissue, field, colours(1), True)[1].GetPointData().GetArray("potential_V"))
    table = colours(np.quantile(np.abs(on_nerve), 0.997))

    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(8)
    window.SetSize(WIDE, HIGH)
    direction = np.array([-0.5, -0.82, 0.28])
    first = panel(window, 0.0, 0.47, focus, direction / np.linalg.norm(direction), (0, 0, 1), 34.0)
    first.AddViewProp(painted(tissue, field, table, True)[0])
    first.AddViewProp(plain(pick(surfaces, "region", [regions.index("dura")]), (0.6, 0.55, 0.7), 0.10))
    for contact, (part, _) in contacts.items():
        first.AddViewProp(plain(part, (0.85, 0.60, 0.15) if abs(values[contact]) < 0.3 * abs(values[steepest])
                                else (0.05, 0.05, 0.05)))
    first.AddViewProp(words("cord and roots from behind", 20, 20))
    at = contacts[steepest][1]
    second = panel(window, 0.47, 1.0, (focus[0], focus[1] + 7.0, at[2]), (0, 0, -1), (0, 1, 0), 13.0)
    plane = vtk.vtkPlane()
    plane.SetOrigin(*at)
    plane.SetNormal(0, 0, 1)
    cutter = vtk.vtkCutter()
    cutter.SetCutFunction(plane)
    cutter.SetInputData(field)
    cutter.Update()
    second.AddViewProp(painted(cutter.GetOutput(), field, table, False)[0])
    borders = vtk.vtkCutter()
    borders.SetCutFunction(plane)
    borders.SetInputData(surfaces)
    borders.Update()
    lines = plain(borders.GetOutput(), (0.15, 0.15, 0.15))
    lines.GetProperty().SetLineWidth(2.0)
    second.AddViewProp(lines)
    second.AddViewProp(words("cut at %s, seen from below: the subject's right is left" % steepest, 20, 20))
    bar = vtk.vtkScalarBarActor()
    bar.SetLookupTable(table)
    bar.SetTitle("potential, V")
    bar.SetPosition(0.84, 0.60)
    bar.SetWidth(0.12)
    bar.SetHeight(0.36)
    bar.SetNumberOfLabels(5)
    for text in (bar.GetTitleTextProperty(), bar.GetLabelTextProperty()):
        text.SetColor(0, 0, 0)
        text.ItalicOff()
        text.ShadowOff()
    second.AddViewProp(bar)
    window.Render()
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(window)
    writer = vtk.vtkPNGWriter()
    writer.SetFileName(png)
    writer.SetInputConnection(grab.GetOutputPort())
    writer.Write()


main()
