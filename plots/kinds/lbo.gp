# An interval has a pale rim, so that it is seen on a dark bar.
load templates.'/rows.gp'
if (logarithmic) set grid ytics # leads from a name to its mark
set arrow from first 1, first missing + 0.5 to first 1, graph 1 nohead lc rgb ink lw 0.8 front
cpu = logarithmic ? -0.26 : -0.16
wall = logarithmic ? 0.2 : 0.12
if (logarithmic) {
  plot for [i=1:n] data index i-1 using 3:($2 + wall):4:5 with xerrorbars lc rgb colour[i] lw 1.6 pt mark[i] ps 0.01, \
       for [i=1:n] data index i-1 using 3:($2 + wall) with points lc rgb colour[i] pt mark[i] ps 1, \
       for [i=1:n] data index i-1 using 6:($2 + cpu):7:8 with xerrorbars lc rgb ink lw 0.8 pt 12 ps 0.8, \
       for [i=1:hovers] data index i-1 using 3:($2 + wall):(name[i].': wall '.told($3, 1., '')) @hover, \
       for [i=1:hovers] data index i-1 using 6:($2 + cpu):(name[i].': CPU '.told($6, 1., '')) @hover
} else {
  plot for [i=1:n] data index i-1 using (0):2:(0):3:($2 - 0.34):($2 + 0.34) with boxxyerror lc rgb colour[i], \
       for [i=1:n] data index i-1 using 3:($2 + wall):4:5 with xerrorbars lc rgb rim lw 3.6 pt 0, \
       for [i=1:n] data index i-1 using 3:($2 + wall):4:5 with xerrorbars lc rgb ink lw 1.4 pt 0, \
       for [i=1:n] data index i-1 using 6:($2 + cpu):7:8 with xerrorbars lc rgb rim lw 3 pt 0, \
       for [i=1:n] data index i-1 using 6:($2 + cpu) with points lc rgb rim pt 13 ps 0.9, \
       for [i=1:n] data index i-1 using 6:($2 + cpu):7:8 with xerrorbars lc rgb ink lw 0.8 pt 12 ps 0.7, \
       for [i=1:hovers] data index i-1 using 3:($2 + wall):(name[i].': wall '.told($3, 1., '')) @hover, \
       for [i=1:hovers] data index i-1 using 6:($2 + cpu):(name[i].': CPU '.told($6, 1., '')) @hover
}
