/* Implicit: the scene of a case as a labelled domain with a wanted edge length, for meshers and other programs that ask
 * point by point. Plain C types only; C++ may include it. All in mm, in the anatomy's own frame. */
#ifndef CAUDA_IMPLICIT_H
#define CAUDA_IMPLICIT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ImplicitScene ImplicitScene;

/* implicit_open: reads a case and its input (folder; NULL: the case's own), lays the lead. Initialise PETSc before.
 * Errors: as case_read, anatomy_read, scene_create; the code is PETSc's. */
int implicit_open(const char *case_path, const char *input, ImplicitScene **out);
void implicit_close(ImplicitScene **s);

/* 0 outside the body and inside the lead; else 1 + the region. Safe from several threads, as is implicit_edge(). */
int implicit_label(const ImplicitScene *s, const double p[3]);
double implicit_edge(const ImplicitScene *s, const double p[3]);

/* The domain is a cylinder along z. */
void implicit_cylinder(const ImplicitScene *s, double axis_xy[2], double *radius, double *z_min, double *z_max);

int implicit_labels(const ImplicitScene *s);                          /* one more than the largest */
void implicit_name(const ImplicitScene *s, int label, char name[64]); /* of a label from 1 on */
/* Which side of the dura a label is on: 1 inside (CSF, cord), 2 outside (fat, bone, body), 0 the dura, roots, nothing. */
int implicit_side(const ImplicitScene *s, int label);
/* Volumes by label: [implicit_labels], the caller frees. */
int implicit_volumes(const ImplicitScene *s, double **volume_mm3);

#ifdef __cplusplus
}
#endif
#endif
