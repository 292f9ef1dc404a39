#include "name_list.h"

#include <stdio.h>
#include <string.h>

void name_list_add(char *list, size_t size, const char *separator, const char *name)
{
  size_t used = strlen(list);
  if (used + strlen(name) + 8 < size)
    snprintf(list + used, size - used, "%s%s", used ? separator : "", name);
  else if (used >= 3 && strcmp(list + used - 3, "..."))
    snprintf(list + used, size - used, "%s...", separator);
}
