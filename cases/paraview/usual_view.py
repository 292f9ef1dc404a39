"""The usual view of a run in ParaView: cord, dura, roots, paddle, fibres by threshold, a set's potential on a plane.

    pvpython cases/paraview/usual_view.py OUT [--set NAME] [--picture FILE.png] [--state FILE.pvsm]

OUT is the folder of a run. With --set its fibres are coloured by their threshold in that set, and its potential is shown
on an axial plane where `cauda field CASE.yaml --set NAME` has written field_NAME.vtu. Without --picture and --state the
picture is OUT/usual_view.png; the state opens in ParaView itself (File, Load State). Every structure is a source of its
own, under its name. The view is from behind: the subject's left is on the left."""
import argparse
import os

from paraview import simple as pv

COLOURS = {"white": (0.84, 0.80, 0.70), "dura": (0.59, 0.69, 0.78), "paddle": (0.45, 0.45, 0.45)}
OPACITY = {"dura": 0.12, "paddle": 0.3}
ROOT, CONTACT = (0.90, 0.78, 0.45), (0.15, 0.15, 0.15)


def names_of(source, table):
    source.UpdatePipeline()
    field = pv.servermanager.Fetch(source).GetFieldData().GetAbstractArray(table)
    return [field.GetValue(i) for i in range(field.GetNumberOfValues())] if field else []


def part(source, array, number, name):
    """The cells of one number, as a source of that name."""
    return pv.Threshold(registrationName=name, Input=source, Scalars=["CELLS", array], LowerThreshold=number - 0.5,
                        UpperThreshold=number + 0.5, ThresholdMethod="Between")


def show(source, view, colour, opacity=1.0):
    display = pv.Show(source, view)
    display.ColorArrayName = [None, ""]
    display.AmbientColor = display.DiffuseColor = colour
    display.Opacity = opacity
    return display


def show_bar(display, view, array, title):
    display.SetScalarBarVisibility(view, True)
    bar = pv.GetScalarBar(pv.GetColorTransferFunction(array), view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleColor = bar.LabelColor = [0, 0, 0]


def show_structures(folder, view):
    surfaces = pv.XMLPolyDataReader(registrationName="surfaces", FileName=[os.path.join(folder, "surfaces.vtp")])
    for number, name in enumerate(names_of(surfaces, "region_names")):
        if name in ("white", "dura") or "_" in name:
            show(part(surfaces, "region", number, name), view, COLOURS.get(name, ROOT), OPACITY.get(name, 1.0))


def show_lead(folder, view):
    lead = pv.XMLPolyDataReader(registrationName="lead", FileName=[os.path.join(folder, "contacts.vtp")])
    for number, name in enumerate(names_of(lead, "group_names")):
        if name != "case":
            show(part(lead, "group", number, name), view, COLOURS.get(name, CONTACT), OPACITY.get(name, 1.0))


def show_fibers(folder, view, set_name):
    fibers = pv.XMLPolyDataReader(registrationName="fibers", FileName=[os.path.join(folder, "fibers.vtp")])
    fibers.UpdatePipeline()
    array = "threshold_mA_" + set_name if set_name else ""
    cells = fibers.CellData
    if array not in cells.keys():
        return
    fire = pv.Threshold(registrationName="fibres that fire", Input=fibers, Scalars=["CELLS", array],
                        LowerThreshold=1e-6, UpperThreshold=cells[array].GetRange()[1], ThresholdMethod="Between")
    display = pv.Show(fire, view)
    pv.ColorBy(display, ("CELLS", array))
    pv.GetColorTransferFunction(array).ApplyPreset("Cividis", True)
    display.LineWidth = 2.0
    show_bar(display, view, array, "threshold (mA)")


def lowest(source, array):
    """Where an array of the points has its least value: at the strongest cathode, for a potential."""
    data = pv.servermanager.Fetch(source)
    values = data.GetPointData().GetArray(array)
    return list(data.GetPoint(min(range(values.GetNumberOfTuples()), key=values.GetValue)))


def show_field(folder, view, set_name):
    path = os.path.join(folder, "field_%s.vtu" % set_name)
    if not set_name or not os.path.exists(path):
        return
    field = pv.XMLUnstructuredGridReader(registrationName="field", FileName=[path])
    field.UpdatePipeline()
    box = pv.FindSource("lead").GetDataInformation().GetBounds()
    near = pv.Clip(registrationName="field about the lead", Input=field, ClipType="Box")
    near.ClipType.Position = [box[0] - 12, box[2] - 6, box[4] - 5]
    near.ClipType.Length = [box[1] - box[0] + 24, box[3] - box[2] + 30, box[5] - box[4] + 10]
    plane = pv.Slice(registrationName="axial plane", Input=near, SliceType="Plane")
    plane.SliceType.Origin = lowest(near, "potential_V")
    plane.SliceType.Normal = [0, 0, 1]
    display = pv.Show(plane, view)
    pv.ColorBy(display, ("POINTS", "potential_V"))
    plane.UpdatePipeline()
    reach = max(abs(v) for v in plane.PointData["potential_V"].GetRange()) / 40
    colours = pv.GetColorTransferFunction("potential_V")
    colours.ApplyPreset("Cool to Warm", True)
    colours.RescaleTransferFunction(-reach, reach)
    show_bar(display, view, "potential_V", "potential (V)")


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", metavar="OUT")
    ask.add_argument("--set", default="", dest="set_name")
    ask.add_argument("--picture")
    ask.add_argument("--state")
    given = ask.parse_args()
    view = pv.CreateRenderView()
    view.ViewSize = [900, 1200]
    view.UseColorPaletteForBackground = 0
    view.Background = [1, 1, 1]
    view.OrientationAxesLabelColor = [0, 0, 0]
    show_structures(given.folder, view)
    show_lead(given.folder, view)
    show_fibers(given.folder, view, given.set_name)
    show_field(given.folder, view, given.set_name)
    # From behind: anterior is +y in the world (RAS), rostral is up.
    box = pv.FindSource("lead").GetDataInformation().GetBounds()
    middle = [0.5 * (box[2 * k] + box[2 * k + 1]) for k in range(3)]
    view.CameraParallelProjection = 1
    view.CameraFocalPoint = middle
    view.CameraPosition = [middle[0] - 70, middle[1] - 300, middle[2] + 130]
    view.CameraViewUp = [0, 0, 1]
    view.CameraParallelScale = 0.62 * (box[5] - box[4])
    pv.Render(view)
    if given.state:
        pv.SaveState(given.state)
    if given.picture or not given.state:
        pv.SaveScreenshot(given.picture or os.path.join(given.folder, "usual_view.png"), view)


main()
