# Tones: 0 what has cpus in it, 1 a cpu that may be used, 2 one that was, 3 one that may not.
array tone[4] = ['#eef1f4', '#b9d4ea', '#1f4e79', '#c8c8c8']
array word_of[3] = ['may be used', 'pinned to', 'not allowed']
set xrange [0:cpus]
set yrange [0:rows]
unset xtics
unset xlabel
unset ylabel
set ytics scale 0
set border 0
unset grid
letters = '# $ %'
at = left * char_w + char_w
do for [t=1:3] {
  if (plain) {
    set label 9100 + t word(letters, t).' '.word_of[t] at screen at, screen 1 - (top - 12.) / height left
  } else {
    set label 9100 + t word_of[t] at screen at, screen 1 - (top - 12.) / height left font small tc rgb ink \
        point pt 5 ps 1.2 lc rgb tone[t + 1] offset char 1.2, 0
  }
  at = at + (strlen(word_of[t]) * (plain ? 1 : 0.9) + 4) * char_w
}
# Boxes of few points would be all frame.
narrow = cpus > 48
gap = narrow ? 0.08 : 0.03 * cpus / (cpus > 24 ? 24 : cpus)
if (narrow) { set style fill solid 1.0 noborder } else { set style fill solid 1.0 border rgb '#8a949e' }
plot for [t=0:3] data using ($5 == t ? $2 : NaN):4:($2 + gap):($3 - gap):($4 + 0.06):($4 + 0.94) \
     with boxxyerror lt t == 0 ? 7 : t + 1 lc rgb tone[t + 1]
