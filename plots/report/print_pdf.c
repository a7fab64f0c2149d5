#include "plots/report/print_pdf.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char missing[] =
    "a PDF is printed by weasyprint, which is not installed: apt-get install weasyprint; or write an .html "
    "file, which any browser prints";

bool gcb_print_pdf(FILE *page, const char *pdf, char *why, size_t size) {
  char *argv[] = {"weasyprint", "--quiet", "-", (char *)pdf, NULL}, said[300] = "";
  posix_spawn_file_actions_t actions;
  pid_t pid;
  int status = 0;
  FILE *complaints = tmpfile();
  if (fflush(page) != 0 || lseek(fileno(page), 0, SEEK_SET) != 0 || !complaints) {
    snprintf(why, size, "the page could not be handed to weasyprint: %s", strerror(errno));
    if (complaints) fclose(complaints);
    return false;
  }
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(page), 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(complaints), 2);
  int failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  while (!failed && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  bool good = !failed && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  rewind(complaints);
  while (!good && fgets(said, sizeof said, complaints)) { /* the last line says it */
  }
  said[strcspn(said, "\n")] = 0;
  fclose(complaints);
  if (good) return true;
  if (failed == ENOENT || (!failed && WIFEXITED(status) && WEXITSTATUS(status) == 127))
    snprintf(why, size, "%s", missing);
  else
    snprintf(why, size, "weasyprint could not print the page: %s", *said ? said : "it did not say why");
  return false;
}
