#!/bin/bash
# A field as images on the grid of the input: an asymmetric subject, turned in the world, its image stored in an unusual
# order. The images must say of each voxel what the field says of its place, and show the tissue of the input there.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
told() { while read -r status words; do result "$status" "$words"; done; }

coarse_phantom phantom && cauda seg phantom/case.yaml -o seg --quiet || { result 1 'the phantom is made' && finish; }
mkdir turned
python3 "$here/nifti.py" turn seg/anatomy.nii.gz seg/anatomy_labels.csv turned 2>.err || { result 1 'it is turned' && finish; }
cp phantom/sets.csv turned/
sed -e 's/^anatomy:.*/anatomy: {labels: {file: labels.nii.gz, table: table.yaml}}/' -e '/^  phantom:/d' \
  phantom/case.yaml >turned/case.yaml
holds 'images of a field' cauda field turned/case.yaml -o turned/o --set left_L1 --amplitude_mA 2 --nifti
told < <(python3 "$here/nifti.py" points turned/o/field_left_L1_potential_V.nii.gz turned/labels.nii.gz points.csv)
holds 'the field at their places' cauda field turned/case.yaml -o turned/o --set left_L1 --amplitude_mA 2 --at points.csv
told < <(python3 "$here/nifti.py" same points.csv turned/o/field_left_L1_at_points.csv turned/table.yaml)
holds 'the field strength, too' [ -s turned/o/field_left_L1_E_V_per_m.nii.gz ]
fails 1 'no.nii' 'no such image' cauda field turned/case.yaml -o turned/o --set left_L1 --like no.nii
finish
