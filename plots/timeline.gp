# A box a pause, at least a hair wide; colours are of kinds of collection.
array tone[8] = ['#d1495b', '#edae49', '#30638e', '#8ec07c', '#8d6a9f', '#00798c', '#6b705c', '#222222']
load templates.'/rows.gp'
set yrange [0.5:rows + 0.5]
at = left * char_w + char_w
do for [k=1:kinds] {
  set label 100 + k kind[k] at screen at, screen 1 - (top - 12.) / height left font small tc rgb ink \
      point pt 5 ps 1.2 lc rgb tone[k] offset char 1.2, 0
  at = at + (strlen(kind[k]) * 0.9 + 4) * char_w
}
until(from, ns) = from + (ns > hair ? ns : hair)
plot for [i=1:n] data index i-1 using 4:($5 > 0 ? NaN : $2 - 0.44):(-$4):(0) with vectors nohead lc rgb faint lw 1, \
     for [k=1:kinds] data using 4:2:4:($6 == k ? until($4, $5) : NaN):($2 - 0.44):($2 - 0.44 + $3) \
     with boxxyerror lc rgb tone[k]
