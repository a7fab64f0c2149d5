/* The child's part of a campaign. Starts with a JSON object as argument:
 *   {"collector": FILE, "seed": FIRST, "count": N, "modes": MASK}  run programs of these seeds
 *   {"collector": FILE, "seed": ONE, "modes": MASK, "shrink": TRIALS}  shrink the failing program of a seed
 *   {"collector": FILE, "program": TEXT [, "shrink": TRIALS]}  the same for a program
 * It answers with lines: "B SEED" before each program, "C NAME VALUE" for what was counted since the last
 * such line, "F CHECK OPERATION LINE MESSAGE" for a finding (after which it ends), "P" and the text of a
 * shrunk program to the end, "E" when it did all that it was to do.
 */
#ifndef GCB_STRESS_WORKER_H
#define GCB_STRESS_WORKER_H

/* Answers the exit status: 0 when it did its part, findings or not; 2 for a wrong argument. */
int gcb_stress_worker(const char *argument, int answer);

#endif
