/* A YAML document with its lines, and the way from it into a structure through libcyaml. */
#include "yaml_file.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 4 << 20, DEEPEST = 32, LOG_MAX = 1024 };

/* ---- messages ------------------------------------------------------------------------------------------------ */

static PetscErrorCode fail_at_line(const char *path, int line, const char *words)
{
  char message[1800]; /* PETSc cuts at 2048 */
  snprintf(message, sizeof message, "%.700s:%d: %s", path, line, words);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s", message);
}

PetscErrorCode yaml_fail(const YamlFile *f, const yaml_node_t *at, const char *fmt, ...)
{
  char words[1024];
  va_list args;
  va_start(args, fmt);
  vsnprintf(words, sizeof words, fmt, args);
  va_end(args);
  return fail_at_line(f->path, at ? yaml_line(at) : 1, words);
}

/* ---- nodes --------------------------------------------------------------------------------------------------- */

/* libyaml's getters take documents that are not const, though they only read. */
yaml_node_t *yaml_node(const YamlFile *f, int id)
{
  union {
    const yaml_document_t *in;
    yaml_document_t *out;
  } doc = {&f->doc};
  return yaml_document_get_node(doc.out, id);
}

yaml_node_t *yaml_root(const YamlFile *f) { return yaml_node(f, 1); }

static int line_of(const yaml_mark_t *m) { return (int)m->line + 1; }

int yaml_line(const yaml_node_t *n) { return line_of(&n->start_mark); }

const char *yaml_text(const yaml_node_t *scalar) { return (const char *)scalar->data.scalar.value; }

static yaml_node_t *find_key(const YamlFile *f, const yaml_node_t *mapping, const char *key, size_t length)
{
  if (!mapping || mapping->type != YAML_MAPPING_NODE) return NULL;
  for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
    const char *text = yaml_text(yaml_node(f, p->key));
    if (!strncmp(text, key, length) && !text[length]) return yaml_node(f, p->value);
  }
  return NULL;
}

yaml_node_t *yaml_find(const YamlFile *f, const yaml_node_t *mapping, const char *path)
{
  const char *dot = strchr(path, '.');
  if (!dot) return find_key(f, mapping, path, strlen(path));
  yaml_node_t *below = find_key(f, mapping, path, (size_t)(dot - path));
  return below ? yaml_find(f, below, dot + 1) : NULL;
}

yaml_node_t *yaml_item(const YamlFile *f, const yaml_node_t *sequence, int i)
{
  if (!sequence || sequence->type != YAML_SEQUENCE_NODE) return NULL;
  yaml_node_item_t *item = sequence->data.sequence.items.start + i;
  return item < sequence->data.sequence.items.top ? yaml_node(f, *item) : NULL;
}

/* ---- parsing ------------------------------------------------------------------------------------------------- */

static int line_of_offset(const char *text, size_t offset)
{
  int line = 1;
  for (size_t i = 0; i < offset && text[i]; i++) line += text[i] == '\n';
  return line;
}

static PetscErrorCode fail_parser(const YamlFile *f, const yaml_parser_t *p, const char *text)
{
  PetscCheck(p->error != YAML_MEMORY_ERROR, PETSC_COMM_SELF, PETSC_ERR_MEM, "%s: not enough memory to read it",
             f->path);
  bool unreadable = p->error == YAML_READER_ERROR; /* the parser has no line then */
  int line = unreadable ? line_of_offset(text, p->problem_offset) : line_of(&p->problem_mark);
  char words[512];
  snprintf(words, sizeof words, "is no valid YAML: %s%s%s", p->context ? p->context : "", p->context ? ", " : "",
           p->problem ? p->problem : "unreadable");
  return fail_at_line(f->path, line, words);
}

static int depth_change(yaml_event_type_t type)
{
  bool opens = type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
  bool closes = type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
  return (int)opens - (int)closes;
}

/* Aliases would make a graph of the tree, and a case has no use for them; only events show them. The depth is limited
 * because libyaml's time grows with its square. */
static PetscErrorCode check_events(YamlFile *f, yaml_parser_t *p, const char *text)
{
  yaml_event_t event;
  int depth = 0;
  for (yaml_event_type_t type = YAML_NO_EVENT; type != YAML_STREAM_END_EVENT; depth += depth_change(type)) {
    if (depth > DEEPEST) return fail_at_line(f->path, line_of(&p->mark), "is nested too deeply; expected a few levels");
    if (!yaml_parser_parse(p, &event)) return fail_parser(f, p, text);
    type = event.type;
    int line = line_of(&event.start_mark);
    yaml_event_delete(&event);
    if (type == YAML_ALIAS_EVENT)
      return fail_at_line(f->path, line, "found an alias (*name); expected the values written out");
  }
  return 0;
}

static PetscErrorCode load_documents(YamlFile *f, yaml_parser_t *p, const char *text)
{
  if (!yaml_parser_load(p, &f->doc)) return fail_parser(f, p, text);
  f->open = true;
  yaml_node_t *root = yaml_root(f);
  if (!root) return fail_at_line(f->path, 1, "is empty; expected keys and values");
  yaml_document_t second;
  if (!yaml_parser_load(p, &second)) return fail_parser(f, p, text);
  yaml_node_t *more = yaml_document_get_root_node(&second);
  int line = more ? yaml_line(more) : 0;
  yaml_document_delete(&second);
  if (more) return fail_at_line(f->path, line, "a second YAML document starts; expected one in the file");
  return 0;
}

typedef PetscErrorCode (*ParserUse)(YamlFile *f, yaml_parser_t *p, const char *text);

static PetscErrorCode with_parser(YamlFile *f, const char *text, size_t length, ParserUse use)
{
  yaml_parser_t p;
  PetscCheck(yaml_parser_initialize(&p), PETSC_COMM_SELF, PETSC_ERR_MEM, "%s: not enough memory to read it", f->path);
  yaml_parser_set_input_string(&p, (const unsigned char *)text, length);
  PetscErrorCode ierr = use(f, &p, text);
  yaml_parser_delete(&p);
  PetscCall(ierr);
  return 0;
}

/* ---- libcyaml ------------------------------------------------------------------------------------------------ */

typedef struct {
  char words[LOG_MAX];
} CyamlLog;

/* libcyaml tells an error in several lines: what it is, then where, from the inside out. */
static void keep_log(cyaml_log_t level, void *context, const char *fmt, va_list args)
{
  CyamlLog *log = context;
  size_t used = strlen(log->words);
  (void)level;
  if (used + 2 < sizeof log->words) vsnprintf(log->words + used, sizeof log->words - used, fmt, args);
  for (char *s = log->words + used; *s; s++)
    if (*s == '\n') *s = s[1] ? ',' : ' ';
}

static cyaml_config_t cyaml_settings(CyamlLog *log)
{
  return (cyaml_config_t){.log_fn = log ? keep_log : NULL,
                          .log_ctx = log,
                          .mem_fn = cyaml_mem, /* realloc and free: fields may be replaced by text_copy()'s */
                          .log_level = CYAML_LOG_ERROR,
                          .flags = CYAML_CFG_NO_ALIAS};
}

/* What the strict check lets pass, libcyaml accepts; its own complaint is kept for the day when they disagree. */
static PetscErrorCode fill(const YamlFile *f, const char *text, size_t length, const cyaml_schema_value_t *schema,
                           void *data)
{
  CyamlLog log = {""};
  cyaml_config_t config = cyaml_settings(&log);
  cyaml_err_t err = cyaml_load_data((const uint8_t *)text, length, &config, schema, (cyaml_data_t **)data, NULL);
  PetscCheck(err != CYAML_ERR_OOM, PETSC_COMM_SELF, PETSC_ERR_MEM, "%s: not enough memory to read it", f->path);
  PetscCheck(err == CYAML_OK, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: %s: %s", f->path, cyaml_strerror(err),
             log.words);
  PetscCheck(*(void **)data, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: is empty; expected keys and values", f->path);
  return 0;
}

void yaml_data_free(const cyaml_schema_value_t *schema, void *data)
{
  cyaml_config_t config = cyaml_settings(NULL);
  if (data) (void)cyaml_free(&config, schema, data, 0);
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

static PetscErrorCode read_text(YamlFile *f, const char *text, size_t length, const cyaml_schema_value_t *schema,
                                void *data)
{
  PetscCheck(length <= LARGEST_FILE, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is larger than 4 MiB; expected a small YAML file", f->path);
  PetscCall(with_parser(f, text, length, check_events));
  PetscCall(with_parser(f, text, length, load_documents));
  PetscCall(yaml_check_strictly(f, schema));
  PetscCall(fill(f, text, length, schema, data));
  return 0;
}

PetscErrorCode yaml_file_read(const char *path, const cyaml_schema_value_t *schema, YamlFile **out, void *data)
{
  char *text;
  size_t length;
  *(void **)data = NULL;
  *out = NULL;
  PetscCall(file_read_all(path, &text, &length));
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) {
    snprintf((*out)->path, sizeof(*out)->path, "%s", path);
    ierr = read_text(*out, text, length, schema, data);
  }
  free(text);
  if (ierr) yaml_file_close(out);
  PetscCall(ierr);
  return 0;
}

void yaml_file_close(YamlFile **f)
{
  if (!*f) return;
  if ((*f)->open) yaml_document_delete(&(*f)->doc);
  free(*f);
  *f = NULL;
}
