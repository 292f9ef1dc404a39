"""dolfinx_compare.py DIR [LIMIT]: the potentials that field_dump wrote into DIR against those of dolfinx.

dolfinx assembles the same elements, of first or second order, with the same tensors on its own; the contacts are then
merged into one unknown each and the return is left out by matrix products (none of Cauda's code is involved), and
PETSc solves to 1e-13. Relative differences over all nodes and contacts, in L2 and at most, must lie below LIMIT.
"""
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import assemble_matrix
from mpi4py import MPI
from petsc4py import PETSc
from scipy.spatial import cKDTree

LIMIT = 1e-6


def middles(x, folder):
    """The nodes of second order: the mesh's, then the middles of its edges."""
    if not (folder / "edge.i4").exists():
        return x
    edge = np.fromfile(folder / "edge.i4", dtype="i4").reshape(-1, 2)
    return np.vstack([x, 0.5 * (x[edge[:, 0]] + x[edge[:, 1]])])


def read(folder):
    def array(name, kind):
        return np.fromfile(folder / name, dtype=kind)

    owner = array("owner.i4", "i4")
    n_contact = owner.max() + 1
    x = array("xyz_mm.f8", "f8").reshape(-1, 3) * 1e-3
    return {
        "x": x,
        "node": middles(x, folder),
        "tet": array("tet.i4", "i4").reshape(-1, 4).astype("i8"),
        "sigma": array("sigma_S_per_m.f8", "f8").reshape(-1, 6),
        "owner": owner,
        "potential": array("potential_ohm.f8", "f8").reshape(n_contact, -1),
        "impedance": array("impedance_ohm.f8", "f8").reshape(n_contact, n_contact),
    }


def stiffness(d):
    """The matrix of all nodes, in the numbering of the dump."""
    domain = ufl.Mesh(ufl.VectorElement("Lagrange", ufl.tetrahedron, 1))
    m = mesh.create_mesh(MPI.COMM_WORLD, d["tet"], d["x"], domain)
    n_cell = m.topology.index_map(3).size_local
    order = np.array(m.topology.original_cell_index)[:n_cell]
    tensor = fem.Function(fem.TensorFunctionSpace(m, ("DG", 0)))
    tensor.x.array[:] = d["sigma"][order][:, [0, 3, 5, 3, 1, 4, 5, 4, 2]].ravel()
    space = fem.FunctionSpace(m, ("Lagrange", 1 if len(d["node"]) == len(d["x"]) else 2))
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    a = assemble_matrix(fem.form(ufl.inner(tensor * ufl.grad(u), ufl.grad(v)) * ufl.dx))
    a.assemble()
    start, column, value = a.getValuesCSR()
    distance, node_of_dof = cKDTree(d["node"]).query(space.tabulate_dof_coordinates())
    assert distance.max() < 1e-12 and len(np.unique(node_of_dof)) == len(d["node"])
    rename = sp.csr_matrix((np.ones(len(node_of_dof)), (node_of_dof, np.arange(len(node_of_dof)))))
    return rename @ sp.csr_matrix((value, column, start)) @ rename.T


def merging(owner):
    """Nodes by unknowns: contacts first, then the free nodes; the return has none."""
    n_contact = owner.max() + 1
    unknown = owner.astype("i8")
    free = owner == -2
    unknown[free] = n_contact + np.arange(free.sum())
    rows = np.flatnonzero(unknown >= 0)
    shape = (len(owner), n_contact + free.sum())
    return sp.csr_matrix((np.ones(len(rows)), (rows, unknown[rows])), shape=shape)


def solver(k):
    a = PETSc.Mat().createAIJ(size=k.shape, csr=(k.indptr, k.indices, k.data))
    ksp = PETSc.KSP().create()
    ksp.setOperators(a)
    ksp.setType("cg")
    ksp.getPC().setType("hypre")
    ksp.setTolerances(rtol=1e-13, atol=0.0, max_it=500)
    return a, ksp


def main():
    d = read(Path(sys.argv[1]))
    join = merging(d["owner"])
    k = (join.T @ stiffness(d) @ join).tocsr()
    k.sort_indices()
    a, ksp = solver(k)
    b, x = a.createVecs()
    found = np.empty_like(d["potential"])
    for contact in range(len(found)):
        b.set(0.0)
        b.setValue(contact, 1.0)
        b.assemble()
        ksp.solve(b, x)
        found[contact] = join @ x.array
    difference = np.abs(found - d["potential"])
    l2 = np.linalg.norm(difference) / np.linalg.norm(found)
    largest = max(difference[c].max() / found[c].max() for c in range(len(found)))
    z = np.array([[found[j][np.flatnonzero(d["owner"] == i)[0]] for j in range(len(found))] for i in range(len(found))])
    impedance = np.abs(z - d["impedance"]).max() / z.max()
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else LIMIT
    print(f"{len(d['node'])} nodes, {len(d['tet'])} tetrahedra, {len(found)} contacts: relative difference to dolfinx "
          f"{l2:.2e} (L2), {largest:.2e} (largest), impedances {impedance:.2e}")
    return 0 if max(l2, largest, impedance) < limit else 1


if __name__ == "__main__":
    sys.exit(main())
