"""bench_dolfinx.py DIR [REPEATS] [PRECONDITIONER...]: the problem that field_times wrote into DIR, by dolfinx and PETSc on
any number of ranks: assembly, set-up of the preconditioner, and one solution a contact to a relative residual of 1e-8.

Times from when mesh and conductivities are in memory (mesh distributed, form compiled). Each preconditioner with PETSc's
defaults, and as Cauda's reference path sets it (+). Prints a row each as field_times does, and checks the answer.
"""
import resource
import sys
import time
from pathlib import Path

import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import assemble_matrix
from mpi4py import MPI
from petsc4py import PETSc

RECIPES = {
    "ml": {},
    "ml+": {"pc_ml_Threshold": 0.02, "pc_ml_maxCoarseSize": 500, "mg_levels_ksp_max_it": 1},
    "gamg": {},
    "gamg+": {"mg_levels_ksp_type": "richardson", "mg_levels_ksp_max_it": 1, "mg_levels_pc_type": "sor"},
    "hypre+": {"pc_hypre_type": "boomeramg", "pc_hypre_boomeramg_strong_threshold": 0.5,
               "pc_hypre_boomeramg_coarsen_type": "PMIS", "pc_hypre_boomeramg_interp_type": "ext+i",
               "pc_hypre_boomeramg_P_max": 4},
}
COMM = MPI.COMM_WORLD


def array(folder, name, kind, columns=1):
    return np.fromfile(folder / name, dtype=kind).reshape(-1, columns)


def problem(folder):
    """Mesh, space, tensors, and which node of the file each dof is."""
    first = COMM.rank == 0
    x = array(folder, "xyz_mm.f8", "f8", 3) * 1e-3
    tet = array(folder, "tet.i4", "i4", 4).astype("i8")
    domain = ufl.Mesh(ufl.VectorElement("Lagrange", ufl.tetrahedron, 1))
    m = mesh.create_mesh(COMM, tet if first else tet[:0], x if first else x[:0], domain)
    cells = m.topology.index_map(3)
    n_cell = cells.size_local + cells.num_ghosts
    order = np.array(m.topology.original_cell_index)[:n_cell]
    sigma = array(folder, "sigma_S_per_m.f8", "f8", 6)
    tensor = fem.Function(fem.TensorFunctionSpace(m, ("DG", 0)))
    tensor.x.array[:] = sigma[order][:, [0, 3, 5, 3, 1, 4, 5, 4, 2]].ravel()
    space = fem.FunctionSpace(m, ("Lagrange", 1))
    dofs = space.dofmap.list.array.reshape(-1, 4)
    points = m.geometry.dofmap.array.reshape(-1, 4)
    node = np.empty(dofs.max() + 1, dtype="i8")
    node[dofs] = np.array(m.geometry.input_global_indices)[points]
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    return space, fem.form(ufl.inner(tensor * ufl.grad(u), ufl.grad(v)) * ufl.dx), node


def solver(a, name):
    ksp = PETSc.KSP().create(COMM)
    ksp.setOptionsPrefix("bench_")
    options = PETSc.Options("bench_")
    for recipe in RECIPES.values():
        for key in recipe:
            options.delValue(key)
    for key, value in RECIPES[name].items():
        options[key] = value
    ksp.setOperators(a)
    ksp.setType("cg")
    ksp.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
    ksp.getPC().setType(name.rstrip("+"))
    ksp.setTolerances(rtol=1e-8, atol=0.0, max_it=500)
    ksp.setFromOptions()
    return ksp


def run(space, form, node, grounded, loads, name):
    """One repeat: times and the solutions at the dofs."""
    bc = fem.dirichletbc(PETSc.ScalarType(0), np.flatnonzero(grounded[node]).astype("i4"), space)
    own = space.dofmap.index_map.size_local
    COMM.barrier()
    start, cpu = time.perf_counter(), time.process_time()
    a = assemble_matrix(form, bcs=[bc])
    a.assemble()
    COMM.barrier()
    assembled = time.perf_counter()
    ksp = solver(a, name)
    b, x = a.createVecs()
    found, iterations = [], 0
    for load in loads:
        b.array[:] = np.where(grounded[node[:own]], 0.0, load[node[:own]])
        ksp.solve(b, x)
        iterations = max(iterations, ksp.getIterationNumber())
        found.append(x.array.copy())
    COMM.barrier()
    end, cpu = time.perf_counter(), COMM.allreduce(time.process_time() - cpu)
    ksp.destroy()
    a.destroy()
    return (assembled - start, end - assembled, end - start, cpu), iterations, found


def main():
    folder = Path(sys.argv[1])
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    space, form, node = problem(folder)
    grounded = array(folder, "unknown.i4", "i4").ravel() < 0
    n_node = len(grounded)
    loads = array(folder, "load_A.f8", "f8", n_node)
    expected = array(folder, "potential_ohm.f8", "f8", n_node)
    own = space.dofmap.index_map.size_local
    for name in sys.argv[3:] or RECIPES:
        times = []
        for _ in range(repeats):
            t, iterations, found = run(space, form, node, grounded, loads, name)
            times.append(t)
        error = max(np.abs(f - e[node[:own]]).max() for f, e in zip(found, expected)) / np.abs(expected).max()
        error = COMM.allreduce(error, MPI.MAX)
        memory = COMM.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        t = np.median(np.array(times), axis=0)
        if COMM.rank == 0:
            print(f"dolfinx-{name},{n_node - grounded.sum()},{t[0]:.3f},{t[1]:.3f},{t[2]:.3f},{t[3]:.3f},{iterations},{error:.1e},"
                  f"{memory}", flush=True)
        if error > 1e-5:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
