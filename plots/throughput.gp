# Bars from zero; on a logarithmic axis, which has no zero, marks.
set yrange [0.4:rows + 0.6]
set ytics scale 0
unset ylabel
set grid noytics
set border 1
if (logarithmic) {
  plot for [i=1:n] data index i-1 using 3:2:4:5 with xerrorbars lc rgb colour[i] lw 1.6 pt mark[i] ps 0.01, \
       for [i=1:n] data index i-1 using 3:2 with points lc rgb colour[i] pt mark[i] ps 1
} else {
  plot for [i=1:n] data index i-1 using (0):2:(0):3:($2 - 0.34):($2 + 0.34) with boxxyerror lc rgb colour[i], \
       for [i=1:n] data index i-1 using 3:2:4:5 with xerrorbars lc rgb ink lw 1.4 pt 0
}
