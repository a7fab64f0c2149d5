plot for [i=1:n] data index i-1 using 2:4 with lines lc rgb colour[i] lw 1 dt 3, \
     for [i=1:n] data index i-1 using 2:3 with lines lc rgb colour[i] lw 1.6
