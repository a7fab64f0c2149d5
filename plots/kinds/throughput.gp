# Bars from zero; on a logarithmic axis, which has no zero, marks. An interval has a pale rim, so that it is seen on a
# dark bar.
load templates.'/rows.gp'
if (logarithmic) set grid ytics # leads from a name to its mark
if (logarithmic) {
  plot for [i=1:n] data index i-1 using 3:2:4:5 with xerrorbars lc rgb colour[i] lw 1.6 pt mark[i] ps 0.01, \
       for [i=1:n] data index i-1 using 3:2 with points lc rgb colour[i] pt mark[i] ps 1, \
       for [i=1:hovers] data index i-1 using 3:2:(name[i].': '.told($3, x_one, x_word)) @hover
} else {
  plot for [i=1:n] data index i-1 using (0):2:(0):3:($2 - 0.34):($2 + 0.34) with boxxyerror lc rgb colour[i], \
       for [i=1:n] data index i-1 using 3:2:4:5 with xerrorbars lc rgb rim lw 3.6 pt 0, \
       for [i=1:n] data index i-1 using 3:2:4:5 with xerrorbars lc rgb ink lw 1.4 pt 0, \
       for [i=1:hovers] data index i-1 using 3:2:(name[i].': '.told($3, x_one, x_word)) @hover
}
