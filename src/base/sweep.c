/* What runs that were killed (kill -9, a full memory) left behind. */
#include "cauda/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_left_behind(const char *name)
{
  int pid = 0, end = 0;
  if (sscanf(name, ".tmp-%d-%n", &pid, &end) != 1 || !end || pid <= 0) return false;
  return kill(pid, 0) && errno == ESRCH;
}

void tmp_files_sweep(const char *folder)
{
  DIR *d = opendir(*folder ? folder : ".");
  if (!d) return;
  for (struct dirent *e; (e = readdir(d));)
    if (is_left_behind(e->d_name)) (void)unlinkat(dirfd(d), e->d_name, 0);
  closedir(d);
}
