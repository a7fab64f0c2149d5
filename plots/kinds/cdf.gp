plot for [i=1:n] data index i-1 using 2:3 with steps lc rgb colour[i] lw 1.6 dt dash[i], \
     for [i=1:n] data index i-1 using 2:($4 == 1 ? $3 : NaN) with points lc rgb colour[i] pt mark[i] ps 0.7
