# Colours of parts, not of collectors: greys for the mutator's own, warm for what the collector takes.
load templates.'/rows.gp'
set arrow from first 0, graph 0 to first 0, graph 1 nohead lc rgb ink lw 0.8 front
array part[4] = ['mutator', 'barrier', 'stopped', 'rest (below zero: won)']
array tone[4] = ['#b8b8b8', '#6e6e6e', '#b5472f', '#e8b66b']
at = plain ? char_w : left * char_w + char_w
letters = '* # $ %' # of a terminal that has no colours
do for [p=1:4] {
  if (plain) {
    set label 9100 + p word(letters, p).' '.part[p] at screen at, screen 1 - (top - 12.) / height left
  } else {
    set label 9100 + p part[p] at screen at, screen 1 - (top - 12.) / height left font small tc rgb ink \
        point pt 5 ps 1.2 lc rgb tone[p] offset char 1.2, 0
  }
  at = at + (strlen(part[p]) * (plain ? 1 : 0.9) + 4) * char_w
}
plot for [p=1:4] data using (0):2:(column(5 + 2*p)):(column(6 + 2*p)):($2 - 0.34):($2 + 0.34) \
     with boxxyerror lt p lc rgb tone[p]
