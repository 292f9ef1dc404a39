/* Commands: one function each; the table of them is in main.c. */
#ifndef CAUDA_CLI_COMMANDS_H
#define CAUDA_CLI_COMMANDS_H

#include "args.h"

PetscErrorCode command_run(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_check(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_seg(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_mesh(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_solve(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_fibers(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_rank(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_confidence(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_search(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_sweep(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_field(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_place(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_report(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_compare(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_compare_seg(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_surfaces(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_levels(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_verify(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_axon(const Args *args) CAUDA_CHECKED;
PetscErrorCode command_phantom(const Args *args) CAUDA_CHECKED;

#endif
