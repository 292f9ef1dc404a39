/* Folders of BIDS derivatives: which image shows what, and tables of names. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

/* ---- names ---- */

/* What people call the structures, without case and all but letters and digits. */
static const struct {
  const char *name, *structure;
} WORDS[] = {{"sc", "cord"},           {"cord", "cord"},
             {"spinalcord", "cord"},   {"wm", "white"},
             {"white", "white"},       {"whitematter", "white"},
             {"gm", "grey"},           {"grey", "grey"},
             {"gray", "grey"},         {"greymatter", "grey"},
             {"graymatter", "grey"},   {"csf", "csf"},
             {"canal", "csf"},         {"cerebrospinalfluid", "csf"},
             {"dura", "dura"},         {"duramater", "dura"},
             {"duralsac", "dura"},     {"thecalsac", "dura"},
             {"fat", "fat"},           {"epiduralfat", "fat"},
             {"bone", "bone"},         {"vertebra", "bone"},
             {"vertebrae", "bone"},    {"sacrum", "bone"},
             {"body", "body"},         {"roots", "roots"},
             {"rootlets", "roots"},    {"nerveroots", "roots"},
             {"caudaequina", "roots"}, {"background", "ignore"}};

/* NULL where the name means nothing here. */
static const char *structure_of(const char *name)
{
  char plain[CAUDA_NAME_MAX];
  size_t n = 0;
  for (const char *c = name; *c && n + 1 < sizeof plain; c++)
    if (isalnum((unsigned char)*c)) plain[n++] = (char)tolower((unsigned char)*c);
  plain[n] = 0;
  for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
    if (!strcmp(plain, WORDS[i].name)) return WORDS[i].structure;
  return NULL;
}

/* "label-" in "sub-1_label-SC_mask.nii.gz": its value, "" where there is none. */
static void entity(const char *name, const char *key, char value[CAUDA_NAME_MAX])
{
  const char *at = name;
  value[0] = 0;
  while ((at = strstr(at, key))) {
    const bool begins = at == name || at[-1] == '_';
    at += strlen(key);
    if (begins) snprintf(value, CAUDA_NAME_MAX, "%.*s", (int)strcspn(at, "_."), at);
  }
}

static void suffix_of(const char *name, char value[CAUDA_NAME_MAX])
{
  const char *bar = strrchr(name, '_');
  bar = bar ? bar + 1 : name;
  snprintf(value, CAUDA_NAME_MAX, "%.*s", (int)strcspn(bar, "."), bar);
}

static bool is_image(const char *name)
{
  const char *dot = strchr(name, '.');
  return dot && (!strcmp(dot, ".nii") || !strcmp(dot, ".nii.gz"));
}

/* What a mask shows; NULL if its name does not tell. */
static const char *mask_structure(const char *label, const char *suffix)
{
  static const char *const suffixes[] = {"mask", "seg", "probseg", "dseg"};
  if (!label[0]) {
    if (!strcmp(suffix, "seg")) return "cord";
    return !strcmp(suffix, "gmseg")    ? "grey"
           : !strcmp(suffix, "wmseg")  ? "white"
           : !strcmp(suffix, "csfseg") ? "csf"
                                       : NULL;
  }
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
    if (!strcmp(suffix, suffixes[i])) return structure_of(label);
  return NULL;
}

/* ---- tables ---- */

static bool try_table(const char *folder, const char *name, char path[CAUDA_PATH_MAX])
{
  return snprintf(path, CAUDA_PATH_MAX, "%s/%s", folder, name) < CAUDA_PATH_MAX && file_exists(path);
}

/* The table of a label map: of its own name, or of fewer entities in a folder above, as BIDS has it. */
static bool find_table(const char *folder, const char *name, const char *label, char path[CAUDA_PATH_MAX])
{
  enum { ABOVE = 4 };
  char own[CAUDA_PATH_MAX], of_label[CAUDA_NAME_MAX + 32], of_desc[CAUDA_NAME_MAX + 32], desc[CAUDA_NAME_MAX];
  char at[CAUDA_PATH_MAX];
  entity(name, "desc-", desc);
  snprintf(own, sizeof own, "%.*s.tsv", (int)strcspn(name, "."), name);
  snprintf(of_label, sizeof of_label, "label-%s_dseg.tsv", label);
  snprintf(of_desc, sizeof of_desc, "desc-%s_dseg.tsv", desc);
  snprintf(at, sizeof at, "%s", folder);
  for (int up = 0; up <= ABOVE; up++) {
    if (try_table(at, own, path) || try_table(at, of_label, path) || try_table(at, of_desc, path) ||
        try_table(at, "dseg.tsv", path))
      return true;
    if (strlen(at) + 4 >= sizeof at) return false;
    strcat(at, "/..");
  }
  return false;
}

void labels_bids_table_destroy(LabelTable **t)
{
  if (!*t) return;
  for (int i = 0; i < (*t)->n_labels; i++) free((*t)->labels[i].structure);
  free((*t)->labels), free((*t)->source), free(*t);
  *t = NULL;
}

/* The n-th cell of a line of a .tsv, without quotes; false where the line has fewer. */
static bool cell(const char *line, int n, char out[CAUDA_NAME_MAX])
{
  for (; n > 0; n--) {
    line += strcspn(line, "\t\n");
    if (*line++ != '\t') return false;
  }
  snprintf(out, CAUDA_NAME_MAX, "%.*s", (int)strcspn(line, "\t\r\n"), line);
  return true;
}

static int column_of(const char *header, const char *name)
{
  char own[CAUDA_NAME_MAX];
  for (int n = 0; cell(header, n, own); n++)
    if (!strcmp(own, name)) return n;
  return -1;
}

static PetscErrorCode add_entry(const char *path, const char *name, const char *value, LabelTable *t)
{
  LabelRoot root;
  char *end;
  const long v = strtol(value, &end, 10);
  const char *structure = label_root_parse(name, &root) ? name : structure_of(name);
  PetscCheck(end != value && !*end && labs(v) < 1000000, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the index \"%s\" of \"%s\" is no whole number", path, value, name);
  if (!structure) say_note("%s: \"%s\" (%ld) is no structure of Cauda's and is left out", path, name, v);
  LabelEntry *e = &t->labels[t->n_labels];
  e->value = (int)v;
  PetscCall(text_copy(structure && v ? structure : "ignore", &e->structure));
  t->n_labels++;
  return 0;
}

static PetscErrorCode parse_table(const char *path, const char *text, LabelTable *t)
{
  const int index = column_of(text, "index"), name = column_of(text, "name");
  size_t lines = 1;
  PetscCheck(index >= 0 && name >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: has no column \"%s\"; expected a table of names as BIDS has it (index, name)", path,
             index < 0 ? "index" : "name");
  for (const char *c = text; *c; c++) lines += *c == '\n';
  PetscCall(mem_alloc(lines, sizeof *t->labels, &t->labels));
  PetscCall(text_copy(path, &t->source));
  for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
    char value[CAUDA_NAME_MAX], own[CAUDA_NAME_MAX];
    if (cell(line + 1, index, value) && cell(line + 1, name, own) && value[0])
      PetscCall(add_entry(path, own, value, t));
  }
  return 0;
}

PetscErrorCode labels_bids_table(const char *path, LabelTable **out)
{
  char *text = NULL;
  size_t length;
  PetscCall(file_read_all(path, &text, &length));
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) ierr = parse_table(path, text, *out);
  free(text);
  if (ierr) labels_bids_table_destroy(out);
  return ierr;
}

/* ---- the folder ---- */

/* Fills b; leaves structure and table empty where the name tells nothing. */
static void understand(const char *folder, const char *name, BidsFile *b)
{
  char label[CAUDA_NAME_MAX], suffix[CAUDA_NAME_MAX];
  entity(name, "label-", label);
  suffix_of(name, suffix);
  const bool map = !strcmp(suffix, "dseg");
  if (map && find_table(folder, name, label, b->table)) return;
  b->table[0] = 0;
  if (map && !strcmp(label, "rootlets")) {
    snprintf(b->table, sizeof b->table, "rootletseg");
    return;
  }
  const char *structure = mask_structure(label, suffix);
  if (structure) snprintf(b->structure, sizeof b->structure, "%s", structure);
}

static int by_path(const void *a, const void *b)
{
  return strcmp(((const BidsFile *)a)->path, ((const BidsFile *)b)->path);
}

static PetscErrorCode check_files(const char *folder, int n, const BidsFile *f)
{
  PetscCheck(n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: holds no image whose name tells what it shows; expected such as sub-01_label-SC_mask.nii.gz or "
             "sub-01_dseg.nii.gz with its .tsv",
             folder);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      PetscCheck(strcmp(f[i].structure, f[j].structure) || strcmp(f[i].table, f[j].table), PETSC_COMM_SELF,
                 PETSC_ERR_USER_INPUT, "%s and %s show the same structures; expected one of them", f[j].path,
                 f[i].path);
  return 0;
}

static PetscErrorCode list(DIR *dir, const char *folder, int *n, size_t *room, BidsFile **out)
{
  for (struct dirent *e; (e = readdir(dir));) {
    if (e->d_name[0] == '.' || !is_image(e->d_name)) continue;
    PetscCall(mem_grow((size_t)*n + 1, sizeof **out, room, out));
    BidsFile *b = &(*out)[*n];
    memset(b, 0, sizeof *b);
    PetscCall(path_join(folder, e->d_name, b->path));
    understand(folder, e->d_name, b);
    if (b->structure[0] || b->table[0])
      ++*n;
    else
      say_note("%s: its name does not tell what it shows; left out", b->path);
  }
  return 0;
}

PetscErrorCode labels_bids_find(const char *folder, int *n, BidsFile **out)
{
  size_t room = 0;
  DIR *dir = opendir(folder);
  *n = 0, *out = NULL;
  PetscCheck(dir, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: no such folder (labels.bids)", folder);
  PetscErrorCode ierr = list(dir, folder, n, &room, out);
  closedir(dir);
  if (!ierr && *n > 1) qsort(*out, (size_t)*n, sizeof **out, by_path);
  if (!ierr) ierr = check_files(folder, *n, *out);
  if (!ierr) return 0;
  free(*out);
  *out = NULL, *n = 0;
  return ierr;
}
