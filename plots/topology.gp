# Tones: 0 what has cpus in it, 1 a cpu that may be used, 2 one that was, 3 one that may not.
array tone[4] = ['#eef1f4', '#b9d4ea', '#1f4e79', '#dddddd']
set xrange [0:cpus]
set yrange [0:rows]
unset tics
unset xlabel
unset ylabel
set border 0
gap = 0.03 * cpus / (cpus > 24 ? 24 : cpus)
set style fill solid 1.0 border rgb '#8a949e'
plot for [t=0:3] data using ($5 == t ? $2 : NaN):4:($2 + gap):($3 - gap):($4 + 0.06):($4 + 0.94) with boxxyerror lc rgb tone[t + 1]
