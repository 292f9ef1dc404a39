/* report.html: its frame, and its parts in order. */
#include "page.h"

#include "html.h"
#include "svg.h"

#include "cauda/report.h"

#include <stdlib.h>
#include <string.h>

/* Beside cases/ in the source tree and in share/cauda. The scene is there where `make viewer` was run. */
static const char style_file[] = "../viewer/page.css", script_file[] = "../viewer/page.js";
static const char scene_file[] = "../viewer/dist/scene.js";

typedef struct {
  const char *id, *title;
  void (*write)(FILE *, const Subject *);
  bool (*has)(const Subject *); /* NULL: the part is always there */
} Part;

static const Part parts[] = {{"answer", "Answer", page_answer, NULL},
                             {"ranking", "Ranking", page_ranking, NULL},
                             {"confidence", "How sure", page_confidence, svg_has_ranges},
                             {"sets", "Sets", page_sets, NULL},
                             {"pareto", "Activation against spill", page_pareto, page_has_pareto},
                             {"sweep", "Sweep", page_sweep, page_has_sweep},
                             {"search", "Search", page_search, page_has_search},
                             {"impedance", "Impedances", page_impedance, NULL},
                             {"certificate", "Certificate", page_certificate, NULL},
                             {"mesh", "Anatomy and mesh", page_mesh, NULL},
                             {"conductivities", "Conductivities", page_conductivities, NULL},
                             {"origin", "Origin", page_origin, NULL}};
enum { N_PART = sizeof parts / sizeof *parts };

static bool is_there(const Part *p, int n, const Subject *s)
{
  for (int i = 0; i < n && p->has; i++)
    if (p->has(&s[i])) return true;
  return !p->has;
}

/* Style and scripts are our own and stand in the page as they are. */
static PetscErrorCode put_file(FILE *f, const char *name, const char *element)
{
  char path[CAUDA_PATH_MAX], *text;
  PetscCall(data_find(name, path));
  PetscCall(file_read_all(path, &text, NULL));
  fprintf(f, "<%s>\n%s</%s>\n", element, text, element);
  free(text);
  return 0;
}

/* Nothing may be fetched from anywhere: the page's own scripts and styles, and pictures that they make. */
static PetscErrorCode put_head(FILE *f, int n, const Subject *s)
{
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; img-src data: blob:\">\n<title>",
        f);
  for (int i = 0; i < n; i++) html_textf(f, "%s%s", i ? ", " : "Cauda: ", s[i].name);
  fputs("</title>\n", f);
  PetscCall(put_file(f, style_file, "style"));
  fputs("</head>\n<body>\n<a class=\"skip\" href=\"#answer\">To the answer</a>\n<header><h1>", f);
  for (int i = 0; i < n; i++) html_textf(f, "%s%s", i ? " \xc2\xb7 " : "", s[i].name);
  fputs("</h1>\n<nav>", f);
  for (int i = 0; i < N_PART; i++) {
    if (i == 1) fputs("<a href=\"#scene\">Scene</a> ", f);
    if (is_there(&parts[i], n, s)) fprintf(f, "<a href=\"#%s\">%s</a> ", parts[i].id, parts[i].title);
  }
  fputs("</nav></header>\n<main>\n", f);
  return 0;
}

static void put_part(FILE *f, const Part *p, int n, const Subject *s)
{
  fprintf(f, "<section id=\"%s\"><h2>%s</h2><div class=\"subjects\">\n", p->id, p->title);
  for (int i = 0; i < n; i++) {
    fprintf(f, "<div class=\"subject\" data-subject=\"%d\">", i);
    if (n > 1) html_element(f, "h3", s[i].name);
    p->write(f, &s[i]);
    fputs("</div>\n", f);
  }
  fputs("</div></section>\n", f);
}

bool report_has_viewer(void)
{
  char path[CAUDA_PATH_MAX];
  return data_has(scene_file, path);
}

/* Whether the scene can be drawn; says why not in the page. */
static bool put_scene(FILE *f, int n, const Subject *s)
{
  const bool built = report_has_viewer();
  bool geometry = false;
  for (int i = 0; i < n; i++) geometry = geometry || s[i].scene;
  fputs("<section id=\"scene\"><h2>Scene</h2>", f);
  if (!built)
    fputs("<p class=\"note\">The three-dimensional scene is left out: this copy of Cauda was built without its viewer "
          "(<code>make viewer</code>, which needs node and npm). surfaces.vtp, contacts.vtp and fibers.vtp open in "
          "ParaView.</p>",
          f);
  else if (!geometry)
    fputs("<p class=\"note\">There is no scene: the run ended before a lead was laid and its sets were computed.</p>",
          f);
  else
    fputs("<div id=\"views\"></div><noscript><p class=\"note\">The scene needs scripts.</p></noscript>", f);
  fputs("</section>\n", f);
  return built && geometry;
}

/* What a page is of. */
typedef struct {
  int n;
  const Subject *s;
} Subjects;

static PetscErrorCode put_page(const void *what, FILE *f)
{
  const Subject *s = ((const Subjects *)what)->s;
  const int n = ((const Subjects *)what)->n;
  bool scene = false;
  PetscCall(put_head(f, n, s));
  for (int i = 0; i < N_PART; i++) {
    if (is_there(&parts[i], n, s)) put_part(f, &parts[i], n, s);
    if (i == 0) scene = put_scene(f, n, s);
  }
  fputs("</main>\n", f);
  PetscCall(page_data(f, n, s));
  PetscCall(put_file(f, script_file, "script"));
  if (scene) PetscCall(put_file(f, scene_file, "script"));
  fputs("</body></html>\n", f);
  return 0;
}

/* Runs of one case are told apart by their folders. */
static void name_apart(int n, Subject *s)
{
  bool same = false;
  for (int i = 1; i < n; i++) same = same || !strcmp(s[i].name, s[0].name);
  for (int i = 0; i < n && same; i++) {
    const char *slash = strrchr(s[i].folder, '/');
    s[i].name = slash && slash[1] ? slash + 1 : s[i].folder;
  }
}

PetscErrorCode report_page_write(int n, const char *const *folder, const char *path)
{
  Subject *s;
  PetscCall(mem_alloc((size_t)n, sizeof *s, &s));
  PetscErrorCode ierr = 0;
  for (int i = 0; i < n && !ierr; i++) ierr = subject_open(folder[i], &s[i]);
  if (!ierr) name_apart(n, s);
  if (!ierr) ierr = file_write(path, put_page, &(Subjects){n, s});
  for (int i = 0; i < n; i++) subject_close(&s[i]);
  free(s);
  PetscCall(ierr);
  return 0;
}
