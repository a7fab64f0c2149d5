/* JUnit XML, which continuous integration shows as tests. */
#ifndef GCB_JUNIT_H
#define GCB_JUNIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Suites, as [{name, cases: [{name, class, seconds, outcome ("passed", "failure", "error", "skipped"),
 * message}]}], where message may be null, to XML (the schema of Apache Ant's junitreport, as Jenkins and
 * GitLab read it). False when it could not be written. */
bool gcb_junit_write(const json_t *suites, FILE *out);
/* A run: a suite for each workload, a case for each cell. A cell that was unsupported is skipped; one that
 * crashed, hung, was wrong or ran out of memory is a failure, with its reason. */
bool gcb_junit_run(const json_t *run, FILE *out);

#endif
