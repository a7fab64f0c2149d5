/* A page of HTML, printed. */
#ifndef GCB_PRINT_PDF_H
#define GCB_PRINT_PDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Print the HTML in `page`, from its beginning, over the file `pdf`, by a child process of weasyprint: the
 * rules of the page for paper hold. False with a sentence: it is not installed, or what it complained of. */
bool gcb_print_pdf(FILE *page, const char *pdf, char *why, size_t why_size);

#endif
