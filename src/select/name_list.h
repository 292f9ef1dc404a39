/* Lists of names in a line of text. Private to src/select. */
#ifndef CAUDA_SELECT_NAME_LIST_H
#define CAUDA_SELECT_NAME_LIST_H

#include <stddef.h>

/* name_list_add: one name more, "a;b" for the separator ";"; the list ends with "..." once no more fit. */
void name_list_add(char *list, size_t size, const char *separator, const char *name);

#endif
