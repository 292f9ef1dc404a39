/* The case file: what to compute, read once, never changed afterwards. Strings that were not given are NULL;
 * numbers that were not given have their default (src/case/schema.c is the one place where defaults stand).
 * Lengths in mm, times in us, conductivities in S/m, currents in mA, as the keys say. */
#ifndef CAUDA_CASE_H
#define CAUDA_CASE_H

#include "cauda/base.h"

/* ---- anatomy: exactly one of outlines, labels, phantom, mesh --------------------------------------------- */
typedef struct {
  char *cord, *dura; /* glob patterns of 3D Slicer markups, one closed curve a file */
} CaseOutlines;

typedef struct {
  char *structure; /* cord white grey csf dura fat bone body, roots, a root's or a level's name; or */
  char *file;
  double threshold; /* inside where the value is above it; default 0.5 */
  char *table;      /* instead of a structure: the file is a label map with this table */
} CaseMask;

/* Repairs of label maps that a case can leave out (labels.repair). */
typedef enum {
  REPAIR_CROP,         /* to the box of what is labelled */
  REPAIR_OVERLAPS,     /* of structures: the inner one counts; of roots: the one that the voxel joins */
  REPAIR_FILL,         /* unlabelled voxels inside the dura, holes of the cord */
  REPAIR_DENTS,        /* of the cord, where roots are drawn into it */
  REPAIR_CRUMBS,       /* pieces of cord and CSF apart from the rest */
  REPAIR_FLOOD,        /* the mask of all roots into the single ones */
  REPAIR_WRONG_LABELS, /* of root voxels */
  REPAIR_BRIDGE,       /* gaps along a root */
  REPAIR_THIN,         /* roots thinner than a voxel get the case's radius */
  REPAIR_SMOOTH,       /* surfaces and root lines */
  REPAIR_COUNT
} RepairStep;

const char *repair_step_name(RepairStep step); /* "crop" .. "smooth": the keys of labels.repair */

typedef struct {
  bool on[REPAIR_COUNT]; /* as the file says, else true */
} CaseRepair;

typedef struct {
  char *file;  /* multi-label map, or NULL */
  char *table; /* label table: a name in cases/labels/ or a path */
  int n_masks;
  CaseMask *masks;   /* one mask (or probability map) a structure, or further label maps */
  char *bids;        /* a folder of BIDS derivatives that holds the labels of one image, or NULL */
  char *orientation; /* "sform" or "qform": override where the two disagree; else NULL */
  char *units;       /* "mm", "um", "m": override where the file does not say; else NULL */
  CaseRepair repair;
  unsigned left_out; /* 1 << RepairStep for each repair that the case leaves out */
} CaseLabels;

typedef struct {
  char *file, *table; /* label map of spinal segments: roots are made at their midpoints */
  char *from, *to;    /* first and last segment that gets roots, e.g. L1 S2 */
  bool ventral;       /* make ventral roots, too */
} CaseLevels;

typedef struct {
  char *model; /* "lumbosacral": cases/phantoms/lumbosacral.yaml, or a path to a file of the same kind */
} CasePhantom;

typedef struct {
  double epidural_fat_mm, bone_mm, body_radius_mm, extend_mm;
} CaseSurround;

typedef struct {
  CaseOutlines *outlines;
  CaseLabels *labels;
  CaseLevels *levels;
  CasePhantom *phantom;
  char *mesh;    /* a Gmsh file: regions, contacts and return come from it; the other sources are NULL */
  char *roots;   /* pattern with {root} and {side} */
  char *ganglia; /* pattern with {root} and {side}, or NULL */
  double root_radius_mm;
  double dura_thickness_mm;
  char *ventral_roots; /* "annotated", or "made": beside dorsal roots that have no ventral partner */
  char *coordinates;   /* "LPS" or "RAS": override of what the markups say; else NULL */
  CaseSurround surround;
  double csf_wider_mm; /* the inside of the dura reaches further by that much all around: no key, drawn by confidence */
} CaseAnatomy;

/* ---- tissues --------------------------------------------------------------------------------------------- */
typedef struct {
  char *name;                                      /* a tissue's name, or "root" for all roots, or one root's name */
  double sigma_S_per_m;                            /* isotropic; or */
  double longitudinal_S_per_m, transverse_S_per_m; /* along and across the fibres; 0 where isotropic */
  char *source;
} TissueEntry;

/* ---- paddle ---------------------------------------------------------------------------------------------- */
typedef struct {
  char *root;       /* "L1": the middle of the array lies at the height of this segment's root entries, or */
  char *side;       /* "dorsal" (default) or "ventral" */
  double *point_mm; /* [n_point_mm = 3] RAS world point that the middle of the array is nearest to */
  int n_point_mm;
} CaseAt;

typedef struct {
  char *model; /* a name in cases/paddles/ or a path */
  CaseAt at;
  double offset_mm[2];     /* lateral (to the subject's right), rostral: along the dura from there */
  double rotation_deg;     /* about the dura's outward normal, counter-clockwise seen from outside */
  double gap_mm;           /* fat left between the contacts' face and the dura; may be 0 */
  double encapsulation_mm; /* of scar around the lead, in place of fat; the gap is no less; 0: none */
} CasePaddle;

typedef struct {
  double root_edge_mm, dura_edge_mm, contact_edge_mm, largest_edge_mm, growth, reach_mm;
  int seed;
} CaseMesh;

typedef struct {
  int order;                       /* of the elements: 1 or 2 */
  double tolerance;                /* relative residual */
  char *solver;                    /* "block", "petsc" */
  char *preconditioner;            /* "ml", "hypre", "gamg" */
  char *contacts;                  /* "equipotential", "impedance", "uniform" */
  double surface_impedance_ohm_m2; /* above 0 with contacts "impedance", else 0 */
  double error;                    /* of the roots' thresholds: refined until it is below; 0: not asked for */
  char *ret;                       /* key "return": "grounded", "infinite", "insulated" */
} CaseField;

typedef struct {
  char *model;    /* "mrg": the full cable model; "linear": its linear predictor; "senn": Frankenhaeuser-Huxley nodes */
  char *geometry; /* of the MRG axon: "table", "interpolated", "small" */
  double dt_us;
  double tolerance; /* of a threshold, as a share of it */
  int per_root;
  int seed;
  char *populations; /* a name in cases/fibers/ or a path: diameters by class, with sources */
} CaseFibers;

typedef struct {
  char *shape; /* "monophasic", "biphasic", "asymmetric", "samples" */
  double width_us, interphase_us;
  double recharge_width_us; /* asymmetric: of the second phase, which takes the charge back */
  char *samples;            /* file of a sampled pulse, or NULL */
  int n_sample;             /* a sampled pulse: height[i] from time_us[i] on; the last one is where it ends */
  double *time_us, *height; /* 1 is the amplitude, with the sets' signs; width_us is then that of the same charge */
} CasePulse;

/* pulse_read_samples: fills the samples from the file `samples` (columns time_us, height), relative to `folder`.
 * Errors: PETSC_ERR_FILE_OPEN; PETSC_ERR_USER_INPUT "FILE:LINE: ...". */
PetscErrorCode pulse_read_samples(CasePulse *p, const char *folder) CAUDA_CHECKED;
void pulse_free_samples(CasePulse *p);

/* A root or muscle with what it counts. */
typedef struct {
  char *name;
  double weight;
} CaseWeight;

typedef struct {
  char *target; /* what is to be activated: a root's or muscle's name; or several with weights: */
  int n_targets;
  CaseWeight *targets;
  int n_avoid;
  CaseWeight *avoid;    /* what counts more, or less, than the others */
  double others_weight; /* of all that is neither a target nor named in avoid */
  char *muscles;        /* a name in cases/muscles/ or a path: names are muscles (soleus_L), not roots; or NULL */
  char *score;          /* "selectivity", "ratio", "distance", "window", "laterality": src/select/score.c */
} CaseRank;

/* What must not be exceeded. A device's file gives what the case does not. */
typedef struct {
  double charge_density_uC_per_cm2, compliance_V, contact_mA, shannon_k;
  char *device;    /* a name in cases/devices/ or a path; NULL: none in particular */
  double total_mA; /* of all cathodes together; HUGE_VAL: no such limit. From the device, as all that follows */
  double step_mA;  /* contacts' currents (of one source: their sum) are multiples of it; 0: any */
  double smallest_width_us, largest_width_us;
  int sources; /* independent sources of current each way; 0: one a contact */
} CaseLimits;

/* Sets that `cauda sweep` makes itself, or that a file gives. */
typedef struct {
  char *sets; /* file name, or NULL: those that it makes: */
  int n_generate;
  char **generate; /* families: src/select/generate.c; none: all but quadrupoles */
  double step;     /* of a contact's share */
  int n_widths;
  double *widths_us; /* none: the pulse's */
  int keep;          /* how many of the best are looked at with the full model */
} CaseSweep;

/* What `cauda search` looks for. */
typedef struct {
  int n_targets;
  char **targets; /* one set for each: a programme; none: rank's target */
  int contacts;   /* that may carry current at most; 0: all */
  double step;    /* of a contact's share: the device's grid */
} CaseSearch;

/* What `cauda confidence` draws: all ranges are to both sides, but for the gap. */
typedef struct {
  int samples; /* draws of conductivities */
  int meshes;  /* draws of where the lead lies and how much fat and CSF there is; the first is the case as it is */
  char *conductivities; /* a name in cases/uncertainty/ or a path to a CSV */
  double shift_mm[2];   /* of the lead: lateral, rostral */
  double rotation_deg, fat_mm, csf_mm;
  double gap_mm; /* from the case's to that much more */
} CaseConfidence;

typedef struct {
  char *name;
  CaseAnatomy anatomy;
  char *tissues_table; /* a name in cases/tissues/ or a path */
  int n_tissues;
  TissueEntry *tissues; /* the table with the case's overrides applied: complete, checked, positive */
  CasePaddle *paddle;   /* NULL: no lead (seg and mesh work, solve is an error), or the mesh from elsewhere has it */
  CaseMesh mesh;
  CaseField field;
  CaseFibers fibers;
  CasePulse pulse;
  char *sets;     /* file name, or NULL */
  CaseRank *rank; /* NULL: thresholds only */
  CaseSweep sweep;
  CaseSearch search;
  CaseConfidence confidence;
  CaseLimits limits;
  char path[CAUDA_PATH_MAX];   /* of the case file */
  char folder[CAUDA_PATH_MAX]; /* of the case file */
} Case;

/* case_read: reads, checks and completes a case file (YAML or JSON).
 * Errors: PETSC_ERR_USER_INPUT "FILE:LINE: found X, expected Y" for an unknown key, a value of the wrong kind or
 * out of range, none or several kinds of anatomy, a missing table. Free with case_destroy. */
PetscErrorCode case_read(const char *path, Case **out) CAUDA_CHECKED;
void case_destroy(Case **c);

/* case_defaults: a case without anatomy in which all else has its default, for commands that need no case file. */
PetscErrorCode case_defaults(Case **out) CAUDA_CHECKED;

/* case_tissue: the entry of a region's name ("csf", "L1_L_dorsal"; a root without an entry of its own gets "root"). */
const TissueEntry *case_tissue(const Case *c, const char *region);

/* ---- leads: paddles and percutaneous leads from a data file ---------------------------------------------- */
typedef struct {
  char *name;                 /* "C01" */
  double at_mm[2];            /* centre: lateral (+ to the subject's right when laid dorsally, rostral end up), rostral;
                    * from the array's middle. A percutaneous lead has lateral 0 */
  double length_mm, width_mm; /* along and across the lead; a ring has width 0 */
} LeadContact;

typedef struct {
  char *name, *maker, *source;
  char *kind;                               /* "paddle" or "percutaneous" */
  double length_mm, width_mm, thickness_mm; /* body; a percutaneous lead has width = thickness = its diameter */
  double body_at_mm;                        /* rostral position of the body's middle from the array's middle */
  int n_contacts;
  LeadContact *contacts;
} LeadModel;

PetscErrorCode lead_model_read(const char *name_or_path, const char *folder, LeadModel **out) CAUDA_CHECKED;
void lead_model_destroy(LeadModel **m);

/* lead_model_of_contacts: what a mesh from elsewhere tells of its lead: name, place (as LeadContact.at_mm) and area of
 * each of n contacts, as squares. */
PetscErrorCode lead_model_of_contacts(int n, const char *const *name, const double (*at_mm)[2], const double *area_mm2,
                                      LeadModel **out) CAUDA_CHECKED;
double lead_contact_area_mm2(const LeadModel *m, int contact);

/* ---- stimulators (cases/devices/NAME.yaml) ---------------------------------------------------------------- */
typedef struct {
  char *name, *maker, *source;
  /* 0 where the file does not say */
  double contact_mA, total_mA, step_mA, compliance_V, smallest_width_us, largest_width_us;
  int sources;
} DeviceModel;
PetscErrorCode device_model_read(const char *name_or_path, const char *folder, DeviceModel **out) CAUDA_CHECKED;
void device_model_destroy(DeviceModel **m);

/* ---- muscles (cases/muscles/NAME.csv): what share of a muscle's drive each segment's root has ------------- */
typedef struct {
  int n_muscle, n_segment;
  char (*muscle)[CAUDA_NAME_MAX];
  char (*segment)[CAUDA_NAME_MAX];
  double *share; /* [n_muscle][n_segment]; rows sum to 1 */
} MuscleTable;
PetscErrorCode muscle_table_read(const char *name_or_path, const char *folder, MuscleTable **out) CAUDA_CHECKED;
void muscle_table_destroy(MuscleTable **t);

/* ---- ranges of conductivities (cases/uncertainty/NAME.csv) ------------------------------------------------ */
typedef enum { QUANTITY_SIGMA, QUANTITY_LONGITUDINAL, QUANTITY_TRANSVERSE } TissueQuantity;
typedef struct {
  char tissue[CAUDA_NAME_MAX];
  TissueQuantity quantity;
  double low_S_per_m, high_S_per_m;
} TissueRange;
typedef struct {
  int n;
  TissueRange *range;
} TissueRanges;
/* Errors: PETSC_ERR_USER_INPUT for a tissue that the case has not, or has in another form (isotropic or not). */
PetscErrorCode tissue_ranges_read(const Case *c, TissueRanges **out) CAUDA_CHECKED;
void tissue_ranges_destroy(TissueRanges **r);

/* ---- label tables: image value to structure -------------------------------------------------------------- */
typedef struct {
  int value;
  char *structure; /* as in CaseMask, a segment's name for level maps, or "ignore" */
} LabelEntry;
typedef struct {
  char *source;
  int n_labels;
  LabelEntry *labels;
} LabelTable;
PetscErrorCode label_table_read(const char *name_or_path, const char *folder, LabelTable **out) CAUDA_CHECKED;
void label_table_destroy(LabelTable **t);

/* ---- the phantom's dimensions (cases/phantoms/NAME.yaml) ------------------------------------------------- */
typedef struct {
  char *name;                                          /* "T11" */
  double length_mm, transverse_mm, anteroposterior_mm; /* cord */
  double exit_below_tip_mm; /* height of the root's dural exit below the cord's tip (negative: above it) */
  double exit_angle_deg;
  double dorsal_radius_mm, ventral_radius_mm; /* 0: no root made */
  char *source;
} PhantomSegment;
typedef struct {
  char *source;
  double filum_diameter_mm, grey_fraction;          /* grey matter's half width over the cord's */
  double sac_transverse_mm, sac_anteroposterior_mm; /* inside of the dura */
  double dorsal_csf_mm;                             /* between cord and dura dorsally, at the enlargement */
  double dura_thickness_mm, dorsal_fat_mm, ventral_fat_mm, lateral_fat_mm, bone_mm, body_radius_mm;
  double below_tip_mm; /* the domain reaches this far below the cord's tip */
  int n_segments;
  PhantomSegment *segments; /* rostral to caudal, down to the tip */
} PhantomModel;
PetscErrorCode phantom_model_read(const char *name_or_path, const char *folder, PhantomModel **out) CAUDA_CHECKED;
void phantom_model_destroy(PhantomModel **m);

/* ---- fibre populations (cases/fibers/NAME.yaml) ---------------------------------------------------------- */
typedef struct {
  char *name;         /* "Ia", "alpha" */
  char *roots;        /* "dorsal", "ventral" or "dorsal_column" */
  char *distribution; /* "lognormal" or "normal": of the diameter */
  double mean_um, sd_um, smallest_um, largest_um;
  char *source;
  double
      column_mm; /* dorsal: how far its ascending branch is followed above the entry; HUGE_VAL: to the domain's end */
} FiberClass;
typedef struct {
  int n_classes;
  FiberClass *classes;
} FiberPopulations;
PetscErrorCode fiber_populations_read(const char *name_or_path, const char *folder,
                                      FiberPopulations **out) CAUDA_CHECKED;
void fiber_populations_destroy(FiberPopulations **p);

/* ---- parameter sets (CSV) -------------------------------------------------------------------------------- */
/* What the device does with a set. Current: each contact's share is given. Single source: all cathodes are wired
 * together, and all anodes; each of them splits its current by impedance. Voltage: potentials are given. The shares of
 * the last two are known when the impedances are (sets_resolve in fem.h); until then they are even, or 0. */
typedef enum { SET_CURRENT, SET_SINGLE_SOURCE, SET_VOLTAGE } SetControl;

typedef struct {
  char name[CAUDA_NAME_MAX];
  SetControl control;
  double *voltage_V;   /* [n_contact + 1] for SET_VOLTAGE: NAN where off; the case electrode, last, is 0 or off */
  double *fraction;    /* [n_contact + 1]: share of each contact, the case electrode last; cathodes negative; the
                        * cathodic shares sum to -1, all sum to 0 */
  double amplitude_mA; /* sum of cathodic currents where the row gives currents or an amplitude; 0 if not given */
  double width_us;     /* 0: the case's pulse */
  int line;            /* of the file it was read from */
} StimulationSet;
typedef struct {
  int n_contact, n_set;
  StimulationSet *set;
} SetTable;

/* sets_read: `contact` are the lead's contact names, in order.
 * Errors: PETSC_ERR_USER_INPUT "FILE:LINE: ..." for an unknown contact or column, a row of the wrong length, a
 * value that is no number, a row that does not sum to zero, no cathode, a name that is used twice. */
PetscErrorCode sets_read(const char *path, int n_contact, const char *const *contact, SetTable **out) CAUDA_CHECKED;
/* The same, some at a time, for files of any length (names that are there twice are not looked for): sets_next reads the
 * next `most` sets, or what is left of them, into a table of its own. `contact` is borrowed until sets_close. */
typedef struct SetsFile SetsFile;
PetscErrorCode sets_open(const char *path, int n_contact, const char *const *contact, SetsFile **out) CAUDA_CHECKED;
PetscErrorCode sets_next(SetsFile *f, int most, SetTable **out) CAUDA_CHECKED;
void sets_close(SetsFile **f);
/* sets_create: n sets that name, shares (all 0) and the rest are to be given; sets_write: as sets_read takes them. */
PetscErrorCode sets_create(int n_contact, int n_set, SetTable **out) CAUDA_CHECKED;
PetscErrorCode sets_write(const SetTable *t, const char *const *contact, const char *path) CAUDA_CHECKED;
void sets_destroy(SetTable **t);
int sets_find(const SetTable *t, const char *name); /* -1 if absent */

#endif
