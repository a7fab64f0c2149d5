# A box a pause, at least a hair wide; colours are of kinds of collection, and letters on a terminal of letters.
array tone[8] = ['#d1495b', '#edae49', '#30638e', '#8ec07c', '#8d6a9f', '#00798c', '#6b705c', '#222222']
load templates.'/rows.gp'
set yrange [0.5:rows + 0.5]
letters = '* # $ % @ & ='
at = left * char_w + char_w
do for [k=1:kinds] {
  if (kind[k] ne '') {
    if (plain) {
      set label 9100 + k word(letters, k).' '.kind[k] at screen at, screen 1 - (top - 12.) / height left
    } else {
      set label 9100 + k kind[k] at screen at, screen 1 - (top - 12.) / height left font small tc rgb ink \
          point pt 5 ps 1.2 lc rgb tone[k] offset char 1.2, 0
    }
    at = at + (strlen(kind[k]) * (plain ? 1 : 0.9) + 4) * char_w
  }
}
place(ns, iteration) = shares ? 1. * ns / iteration : ns
until(from, ns) = from + (ns > hair ? ns : hair)
plot for [i=1:n] data index i-1 using (place($4, $7)):($5 > 0 ? NaN : $2 - 0.44):(-place($4, $7)):(0) \
         with vectors nohead lt 7 lc rgb faint lw 1, \
     for [k=1:kinds] data using (place($4, $7)):2:(place($4, $7)):($6 == k ? until(place($4, $7), place($5, $7)) : NaN): \
         ($2 - 0.44):($2 - 0.44 + $3) with boxxyerror lt k lc rgb tone[k]
