/* Keys of report.json as headings. */
#include "html.h"
#include "page.h"

#include <string.h>

/* Endings of names that are units, and how these are written. Longer ones first. */
static const char *const unit[][2] = {{"_uC_per_cm2", "\xc2\xb5"
                                                      "C/cm\xc2\xb2"},
                                      {"_S_per_m", "S/m"},
                                      {"_V_per_m", "V/m"},
                                      {"_percent", "%"},
                                      {"_mm3", "mm\xc2\xb3"},
                                      {"_mm2", "mm\xc2\xb2"},
                                      {"_ohm", "\xce\xa9"},
                                      {"_deg", "\xc2\xb0"},
                                      {"_mA", "mA"},
                                      {"_mW", "mW"},
                                      {"_uW", "\xc2\xb5W"},
                                      {"_uC", "\xc2\xb5"
                                              "C"},
                                      {"_us", "\xc2\xb5s"},
                                      {"_um", "\xc2\xb5m"},
                                      {"_mm", "mm"},
                                      {"_Hz", "Hz"},
                                      {"_MB", "MB"},
                                      {"_V", "V"},
                                      {"_s", "s"}};

static size_t unit_of(const char *key, const char **name)
{
  size_t length = strlen(key);
  *name = NULL;
  for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
    size_t n = strlen(unit[i][0]);
    if (length <= n || strcmp(key + length - n, unit[i][0])) continue;
    *name = unit[i][1];
    return length - n;
  }
  return length;
}

void page_key(FILE *f, const char *key)
{
  const char *name;
  char words[128];
  size_t length = unit_of(key, &name);
  if (length > sizeof words - 1) length = sizeof words - 1;
  for (size_t i = 0; i < length; i++) words[i] = key[i] == '_' ? ' ' : key[i];
  words[length] = '\0';
  html_text(f, words);
  if (name) fprintf(f, " <span class=\"unit\">(%s)</span>", name);
}
